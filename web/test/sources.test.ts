// Promises of the sources: what the pages' policy forbids, and what only looks like a control, is not written.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { routes } from '../src/routes.ts';

const root = new URL('../src/', import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(tsx?|css)$/.test(name) && !name.startsWith('core/schema'));
const text = (name: string): string => readFileSync(new URL(name, root), 'utf8');

const forbidden: readonly [what: string, sign: RegExp, where: RegExp][] = [
  ['a style in the markup, which the policy forbids', /\sstyle="/, /\.tsx$/],
  ['HTML made of text, which Trusted Types forbid', /dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML|document\.write/, /\.tsx?$/],
  ['code made of text', /\beval\(|new Function\(/, /\.tsx?$/],
  ['something clicked that keys cannot reach', /<(div|span|li|p|img|tr|td|section)\b[^>]*\sonClick=/, /\.tsx$/],
  ['a button that would send the form it stands in', /<button(?![^>]*\btype=)[^>]*>/, /\.tsx$/],
  ['a colour outside the tokens', /#[0-9a-fA-F]{3,8}\b/, /^styles\/(?!tokens|parts).*\.css$/],
  ['a question of the browser in place of a dialog', /\b(alert|confirm|prompt)\(/, /\.tsx?$/],
];

for (const [what, sign, where] of forbidden)
  test(`nobody writes ${what}`, () => {
    for (const name of files.filter((one) => where.test(one))) {
      const at = text(name).split('\n').findIndex((line) => sign.test(line));
      assert.equal(at, -1, `${name}:${at + 1}`);
    }
  });

test('core knows no framework, and parts and core no page', () => {
  for (const name of files.filter((one) => one.startsWith('core/'))) assert.doesNotMatch(text(name), /from '(preact|@preact)/, name);
  for (const name of files.filter((one) => /^(core|parts)\//.test(one))) assert.doesNotMatch(text(name), /from '\.\.\/pages\//, name);
});

test('the server has a page for every route, and a route for every page', () => {
  const door = readFileSync(new URL('../../src/door/web/web.c', import.meta.url), 'utf8');
  const served = [...door.matchAll(/PAGE\("\w+", "([^"]+)"\)/g)].map((match) => match[1]!.replace(/\{(\w+)\}/g, ':$1'));
  const led = '/'; // from there whoever comes is led on
  assert.deepEqual(served.filter((path) => path !== led).sort(), routes.map((route) => route.path).sort());
});

test('a look begins with a set that there is', () => {
  const set = text('recipe.ts').match(/template: '([^']+)'/)?.[1];
  assert.ok(readdirSync(new URL('../../share/templates/', import.meta.url)).includes(`${set}.json`), set);
});
