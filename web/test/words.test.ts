// Promises of the words: three languages say the same things.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

const folder = new URL('../src/i18n/', import.meta.url);
const languages = ['en', 'id', 'th'];
const read = (language: string, name: string): Record<string, string> => JSON.parse(readFileSync(new URL(`${language}/${name}`, folder), 'utf8'));
const names = readdirSync(new URL('en/', folder));
/* Forms of plurals that the language has not are not asked for. */
const keys = (language: string, name: string): string[] => {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories as string[];
  return Object.keys(read(language, name)).filter((key) => forms.includes(key.match(/_(zero|one|two|few|many)$/)?.[1] ?? 'other')).sort();
};
const values = (text: string): string => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort().join(' ');

test('every language has the same namespaces, and messages.ts names them all', () => {
  const rows = readFileSync(new URL('messages.ts', folder), 'utf8');
  for (const language of languages) assert.deepEqual(readdirSync(new URL(`${language}/`, folder)), names);
  for (const name of names) assert.match(rows, new RegExp(`import type (\\w+) from './en/${name}';`), `${name} is not in messages.ts`);
});

for (const name of names)
  test(`${name} has the same keys and values in every language`, () => {
    const english = read('en', name);
    for (const language of languages.slice(1)) {
      const other = read(language, name);
      const asked = keys('en', name).filter((key) => !/_one$/.test(key) || keys(language, name).includes(key));
      assert.deepEqual(keys(language, name), asked, `${language}/${name}`);
      for (const [key, text] of Object.entries(other)) {
        assert.ok(text.trim(), `${language}/${name}: ${key} is empty`);
        assert.equal(values(text), values(english[key] ?? text), `${language}/${name}: ${key}`);
      }
    }
  });

test('a plural has all the forms that English asks for', () => {
  for (const name of names)
    for (const key of Object.keys(read('en', name)).filter((one) => one.endsWith('_one')))
      assert.ok(read('en', name)[key.replace(/_one$/, '_other')], `${name}: ${key} has no other`);
});
