// Types of our own APIs, from the documents in api/: one file a door, below src/core/schema/, never committed.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import openapi, { astToString } from 'openapi-typescript';

const doors = ['opal', 'studio', 'artgen', 'lumiku', 'house'];
const from = new URL('../../api/', import.meta.url);
const to = new URL('../src/core/schema/', import.meta.url);

await mkdir(to, { recursive: true });
const names = [];
for (const door of doors) {
  const text = await readFile(new URL(`${door}.json`, from), 'utf8').catch(() => null);
  if (!text) continue;
  names.push(door);
  await writeFile(new URL(`${door}.ts`, to), astToString(await openapi(JSON.parse(text), { defaultNonNullable: false })));
}
const lines = names.map((door) => `import type { paths as ${door} } from './${door}.ts';`);
await writeFile(new URL('index.ts', to), `${lines.join('\n')}\nexport type Paths = ${names.join(' & ')};\n`);
