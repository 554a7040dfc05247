// Bundle the tests as the pages are bundled, and run them by node's own runner.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = fileURLToPath(new URL('../.test', import.meta.url));
const input = readdirSync(here).filter((name) => name.endsWith('.test.ts')).map((name) => here + name);

rmSync(out, { recursive: true, force: true });
await build({
  root: fileURLToPath(new URL('..', import.meta.url)), logLevel: 'warn', publicDir: false,
  build: { ssr: true, outDir: out, emptyOutDir: true, target: 'node20', manifest: false, rolldownOptions: { input, output: { entryFileNames: '[name].mjs' } } },
});
const tests = readdirSync(out).filter((name) => name.endsWith('.test.mjs')).map((name) => `${out}/${name}`);
process.exit(spawnSync(process.execPath, ['--test', '--test-reporter=tap', ...tests], { stdio: 'inherit' }).status ?? 1);
