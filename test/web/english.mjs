// English that nobody translated: found on a page by the words of its files and of the server.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { ann } from './studio.mjs';

const root = new URL('../../', import.meta.url);
/** A JSON file of the repository. */
export const json = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

const files = readdirSync(new URL('web/src/i18n/en/', root));
const templates = readdirSync(new URL('share/templates/', root)).map((name) => json(`share/templates/${name}`));
const names = new Set([...templates.map((one) => one.title), 'Cyclorama', 'Studio', ann.name, ann.email, 'Rack of mugs', 'Lemari Cangkir']);
const least = 4; // letters; shorter ones are words of many languages

/* Texts of English that LANGUAGE has others for, as patterns; and those of the server. */
function foreignRead(language) {
  const said = json(`web/src/said/${language}.json`);
  const own = new Set(files.flatMap((name) => Object.values(json(`web/src/i18n/${language}/${name}`))));
  const english = files.flatMap((name) => Object.values(json(`web/src/i18n/en/${name}`)));
  const all = [...english, ...Object.keys(said.sentences), ...templates.map((one) => one.description)].filter((one) => !own.has(one) && one.replace(/\{\w+\}|[^\p{L}]/gu, '').length >= least);
  const exact = new Set(all.filter((one) => !one.includes('{')));
  for (const [word, told] of Object.entries(said.values)) if (word !== told && word.trim().length >= least) exact.add(word);
  const patterns = all.filter((one) => one.includes('{') && /\p{L}{4}/u.test(one.replace(/\{\w+\}/g, '')))
    .map((one) => new RegExp(`^${one.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+?')}$`, 'u'));
  return { exact, patterns };
}

const known = new Map();
function foreign(language) {
  if (!known.has(language)) known.set(language, foreignRead(language));
  return known.get(language);
}

/* Words that neither other language has. */
const telling = /\b(the|and|with|your|you|this|that|from|are|was|were|not|has|have|been|which|when|what|there|their|cannot)\b/i;

/* Everything that PAGE says to eyes and ears, but for what is marked as English, as code, or as somebody's own words. */
const texts = (page) => page.evaluate(() => {
  const found = [];
  const apart = '[lang=en], noscript, code, pre, kbd, .brand, textarea, option, script, [data-own]';
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) if (!node.parentElement.closest(apart)) found.push(node.data);
  for (const option of document.querySelectorAll('option')) found.push(option.textContent);
  for (const one of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]'))
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) if (!one.closest('[lang=en]') && one.getAttribute(name)) found.push(one.getAttribute(name));
  return [...new Set(found.map((text) => text.replace(/\s+/g, ' ').trim()).filter(Boolean))];
});

/** PAGE, which is called WHAT, shows no English to people who read LANGUAGE. */
export async function speaks(page, language, what) {
  const { exact, patterns } = foreign(language);
  const named = (text) => [...names].reduce((rest, name) => rest.replaceAll(name, ''), text);
  const english = (await texts(page)).filter((text) => !names.has(text) && (exact.has(text) || patterns.some((one) => one.test(text)) || telling.test(named(text))));
  assert.deepEqual(english, [], `${what} in ${language}`);
  assert.equal(await page.getAttribute('html', 'lang'), language);
}
