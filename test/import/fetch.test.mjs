// The fetch tool, with an npm of our own making: no network is touched.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { GraphBuilder } from '../../tool/models/onnx/graph.mjs';
import { importModel } from '../../tool/models/importers/onnx-file.mjs';
import { readTarball } from '../../tool/models/tarball.mjs';

const FETCH = fileURLToPath(new URL('../../tool/models/fetch.mjs', import.meta.url));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function newModel() {
  const graph = new GraphBuilder('twice');
  graph.input('input', [1]);
  graph.output('output', [1], graph.op('Add', ['input', 'input']));
  return graph.toBytes();
}

/** A world with one package of one model, its row, and an npm that "downloads" it and counts how often. */
function newWorld(t) {
  const root = mkdtempSync(path.join(tmpdir(), 'cyclorama-fetch-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const [pack, share, bin] = ['pack/package', 'share/models', 'bin'].map((name) => path.join(root, name));
  [pack, share, bin].forEach((folder) => mkdirSync(folder, { recursive: true }));
  const packed = newModel();
  writeFileSync(path.join(pack, 'twice.onnx'), packed);
  const tarball = path.join(root, 'twice-1.0.0.tgz');
  assert.equal(spawnSync('tar', ['czf', tarball, '-C', path.dirname(pack), 'package']).status, 0);
  const args = { model: 'twice.onnx', outputs: ['output'] };
  const made = importModel(new Map([['twice.onnx', packed]]), args);
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  const source = { package: 'twice', version: '1.0.0', integrity, download_bytes: 1000, importer: 'onnx-file', args };
  const checks = { file: 'twice.onnx', bytes: made.length, sha256: sha256(made) };
  const row = { name: 'twice', title: 'Twice', ...checks, licence: { name: 'MIT' }, source };
  const writeRow = (change) => {
    const rows = [row, { ...row, name: 'again', file: 'again.onnx' }];
    for (const one of rows) writeFileSync(path.join(share, `${one.name}.json`), JSON.stringify({ ...one, ...change }));
  };
  writeRow({});
  const runtime = { name: 'onnxruntime', title: 'Runtime', licence: { name: 'MIT' }, source, files: {} };
  writeFileSync(path.join(root, 'share/runtime.json'), JSON.stringify(runtime));
  const calls = path.join(root, 'calls');
  writeFileSync(calls, '');
  const writeNpm = (body) => {
    writeFileSync(path.join(bin, 'npm'), `#!/bin/sh\necho "$*" >> '${calls}'\n${body}\n`);
    chmodSync(path.join(bin, 'npm'), 0o755);
  };
  writeNpm(`while [ "$1" != --pack-destination ]; do shift; done; cp '${tarball}' "$2"`);
  const to = path.join(root, 'models');
  const command = [FETCH, '--share', path.join(root, 'share'), '--to', to];
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` };
  const fetch = (...names) => spawnSync(process.execPath, [...command, ...names], { env, encoding: 'utf8' });
  const readCalls = () => readFileSync(calls, 'utf8').split('\n').filter(Boolean);
  return { root, to, made, source, tarball, env, command, fetch, readCalls, writeNpm, writeRow };
}

test('a model is fetched once, and left alone when it is there', (t) => {
  const { fetch, to, made, readCalls } = newWorld(t);
  const first = fetch('twice', '--json');
  assert.equal(first.status, 0, first.stderr);
  const states = first.stdout.trim().split('\n').map((line) => JSON.parse(line).state);
  assert.deepEqual(states, ['downloading', 'unpacking', 'importing', 'done']);
  assert.deepEqual(readFileSync(path.join(to, 'twice.onnx')), made);
  assert.match(readCalls()[0], /^pack twice@1\.0\.0 --ignore-scripts /);
  assert.match(fetch('twice').stdout, /^twice +ready/);
  assert.equal(readCalls().length, 1);
  assert.deepEqual(readdirSync(to), ['twice.onnx']);
});

test('models of one package share a download', (t) => {
  const { fetch, to, readCalls } = newWorld(t);
  assert.equal(fetch('--all').status, 0);
  assert.deepEqual(readdirSync(to).sort(), ['again.onnx', 'twice.onnx']);
  assert.equal(readCalls().length, 1);
});

test('a damaged file is fetched again', (t) => {
  const { fetch, to, made } = newWorld(t);
  fetch('twice');
  writeFileSync(path.join(to, 'twice.onnx'), Buffer.alloc(made.length));
  assert.equal(fetch('twice').status, 0);
  assert.deepEqual(readFileSync(path.join(to, 'twice.onnx')), made);
});

test('a package of another hash is thrown away unopened', (t) => {
  const { fetch, to, source, writeRow } = newWorld(t);
  writeRow({ source: { ...source, integrity: `sha512-${Buffer.alloc(64).toString('base64')}` } });
  const { status, stdout } = fetch('twice');
  assert.equal(status, 1);
  assert.match(stdout, /is not the package that we know/);
  assert.deepEqual(readdirSync(to), []);
});

test('an import that gives another file writes nothing', (t) => {
  const { fetch, to, writeRow } = newWorld(t);
  writeRow({ sha256: '0'.repeat(64) });
  const { status, stdout } = fetch('twice');
  assert.equal(status, 1);
  assert.match(stdout, /another file than the one that was tested/);
  assert.deepEqual(readdirSync(to), []);
});

test('what npm cannot do is told with advice', (t) => {
  const { fetch, writeNpm, env } = newWorld(t);
  writeNpm('echo "npm error code ENOTFOUND" >&2; exit 1');
  const offline = fetch('twice');
  assert.equal(offline.status, 1);
  assert.match(offline.stdout, /ENOTFOUND[^]*Check the network/);
  env.PATH = '/nowhere';
  assert.match(fetch('twice').stdout, /npm is not installed[^]*Install Node\.js/);
  const unknown = fetch('thrice');
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /'thrice'[^]*again, twice/);
  assert.equal(spawnSync(process.execPath, [FETCH, '--nonsense']).status, 2);
});

test('two fetches at once end with whole files', async (t) => {
  const { command, env, to, made } = newWorld(t);
  const run = () =>
    new Promise((resolve) => spawn(process.execPath, [...command, '--all'], { env, stdio: 'ignore' }).on('close', resolve));
  assert.deepEqual(await Promise.all([run(), run(), run()]), [0, 0, 0]);
  assert.deepEqual(readdirSync(to).sort(), ['again.onnx', 'twice.onnx']);
  assert.deepEqual(readFileSync(path.join(to, 'again.onnx')), made);
});

test('a tarball gives the wanted files, long paths too, and damage is seen', async (t) => {
  const { root } = newWorld(t);
  const deep = `${'long-folder-name/'.repeat(12)}file.bin`;
  const file = path.join(root, 'deep/package', deep);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, Buffer.alloc(1500, 3));
  const tarball = path.join(root, 'deep.tgz');
  spawnSync('tar', ['--format=pax', '-czf', tarball, '-C', path.join(root, 'deep'), 'package']);
  const files = await readTarball(tarball, (name) => name === deep);
  assert.deepEqual([...files.keys()], [deep]);
  assert.deepEqual(files.get(deep), Buffer.alloc(1500, 3));
  assert.throws(() => files.get('other'), /holds no file 'other'/);
  const bytes = readFileSync(tarball);
  writeFileSync(tarball, bytes.subarray(0, bytes.length >> 1));
  await assert.rejects(readTarball(tarball, () => true));
});
