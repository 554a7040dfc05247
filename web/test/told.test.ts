// Promises of what the server says: every sentence of it that a page can meet is told in every language.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

const root = new URL('../../', import.meta.url);
const languages = ['id', 'th'];
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const json = (path: string): Record<string, string> => JSON.parse(text(path));
const book = (language: string): { sentences: Record<string, string>; values: Record<string, string> } => JSON.parse(text(`web/src/said/${language}.json`));

/* ---- what stands in the sources ---- */

const sources = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' }).filter((name) => /\.(c|def)$/.test(name)).sort();

/* What pages have done for their people; programs, operators and the command line hear the others. */
const met = /^(account\/(caller|key|key_store|password|session|tenant|tenant_store|user|user_store)|art\/|asset\/|base\/colour|door\/desk|door\/lumiku\/(?!apps|carousel|download|generations)|door\/studio\/|errand\/tenant_key|gallery\/|image\/(?!align|colour|guest|likeness|rights|lock)|ledger\/|net\/(guard|url)|pack\/|price\/|recipe\/(step\/(ask|check|encode|upscale)|check)|run\/(?!csv|begin|offer|products|upload|start)|scene\/(gradient|words)|shop\/|shape\/|vendor\/(fal|gate|replicate|stability|fault))/;

/* The arguments of the call that begins at AT, behind its bracket. */
function argumentsAt(source: string, at: number): string[] {
  const found = [''];
  let depth = 1;
  for (let quoted = false; depth; at++) {
    const letter = source[at]!;
    if (quoted && letter === '\\') {
      found.push(found.pop()! + letter + source[++at]);
      continue;
    }
    if (letter === '"') quoted = !quoted;
    else if (!quoted && '([{'.includes(letter)) depth++;
    else if (!quoted && ')]}'.includes(letter)) depth--;
    if (!quoted && letter === ',' && depth === 1) found.push('');
    else if (depth) found.push(found.pop()! + letter);
  }
  return found;
}

const literals = (code: string): string[] =>
  [...code.replace(/PRI[diu]\d+/g, '"d"').matchAll(/"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*/g)].map(([found]) =>
    [...found.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((part) => part[1]).join('').replace(/\\(["\\])/g, '$1'));

/** As base/said.c makes it of a format. */
function sentenceOf(format: string): string {
  let n = 0;
  return format.replace(/%%|%[^%a-zA-Z]*(?:ll|l|z|j|h)?[a-zA-Z]/g, (found) => (found === '%%' ? '%' : `{${++n}}`));
}

const isSentence = (said: string): boolean => /\p{L}/u.test(said.replace(/\{\d+\}/g, ''));

function sentences(source: string): string[] {
  return [...source.matchAll(/\b(?:err_public|said_print)\(/g)]
    .flatMap((call) => literals(argumentsAt(source, call.index + call[0].length)[1] ?? ''))
    .map(sentenceOf).filter(isSentence);
}

const all = new Map(sources.map((name) => [name, text(`src/${name}`)]));
const everything = new Set([...all.values()].flatMap((source) => [...literals(source), ...sentences(source)]));

/* ---- promises ---- */

test('every error has a sentence for people', () => {
  const codes = [...text('src/tbl/errors.def').matchAll(/^ERROR\((\w+)/gm)].map((row) => row[1]!.toLowerCase());
  assert.deepEqual(Object.keys(json('web/src/i18n/en/errors.json')).sort(), [...codes, 'unknown'].sort());
});

for (const language of languages) {
  const { sentences: told, values } = book(language);

  test(`every sentence of the server that pages meet is told in ${language}`, () => {
    const untold = [...all].filter(([name]) => met.test(name)).flatMap(([, source]) => sentences(source)).filter((one) => !told[one]);
    assert.deepEqual([...new Set(untold)], [], `web/src/said/${language}.json lacks them`);
  });

  test(`every line of a statement is told in ${language}`, () => {
    const reasons = [...all.values()].flatMap((source) => [...source.matchAll(/\.reason\s*=\s*([^;]*?),\n/g)]).flatMap((row) => literals(row[1]!));
    const untold = reasons.map(sentenceOf).filter((one) => isSentence(one) && !told[one]);
    assert.deepEqual(untold, [], `web/src/said/${language}.json lacks them`);
  });

  test(`what work is called, what begins with a plan, and plans are told in ${language}`, () => {
    const tier = all.get('price/tier.c')!;
    const words = [...text('src/tbl/prices.def').matchAll(/^PRICE\(.*"(.*)"\)$/gm), ...tier.matchAll(/\[PRICE_\w+\] = "(.*?)"/g), ...tier.matchAll(/begins_with\("(.*?)"/g),
      ...tier.matchAll(/\.title = "(.*?)"/g)].map((row) => row[1]!);
    assert.ok(words.length > 40);
    for (const word of words) assert.ok(values[word], `${language}: ${word}`);
  });

  test(`nothing is told in ${language} that nobody says, and no value that is not there`, () => {
    for (const [said, words] of Object.entries(told)) {
      assert.ok(everything.has(said), `no source says: ${said}`);
      for (const [value] of words.matchAll(/\{\d+\}/g)) assert.ok(said.includes(value), `${words}: ${value}`);
      assert.ok(words.trim());
    }
    for (const value of Object.keys(values)) assert.ok([...everything].some((one) => one === value || one.includes(value)), `no source has the value: ${value}`);
  });

  test(`every built-in template is described in ${language}`, () => {
    const names = readdirSync(new URL('share/templates/', root)).map((file) => json(`share/templates/${file}`).name).sort();
    assert.deepEqual(Object.keys(json(`web/src/said/${language}.templates.json`)).sort(), names);
  });
}

test('both languages tell the same', () => {
  assert.deepEqual(Object.keys(book('id').sentences), Object.keys(book('th').sentences));
  assert.deepEqual(Object.keys(book('id').values), Object.keys(book('th').values));
});
