// The face network against face-api's own sequence of TensorFlow.js operations, with random weights.

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import test from 'node:test';
import { importModel } from '../../tool/models/importers/face-api.mjs';
import { assertClose, newDice, randomFloats, runOnnx, toChannelsFirst } from './measure.mjs';

const DOWN = { conv64_down: [32, 64], conv128_down: [64, 128], conv256_down: [128, 256], conv256_down_out: [256, 256] };
const PLAIN = { conv32: [32, 3], conv64: [64, 3], conv128: [128, 2], conv256: [256, 2] };

function newWeights() {
  const dice = newDice(1);
  const weights = new Map();
  const put = (name, shape, least, most) => {
    const count = shape.reduce((product, length) => product * length, 1);
    weights.set(name, { shape, data: randomFloats(dice, count, least, most) });
  };
  const conv = (layer, side, from, to) => {
    const spread = Math.sqrt(3 / (side * side * from));
    put(`${layer}/conv/filters`, [side, side, from, to], -spread, spread);
    put(`${layer}/conv/bias`, [to], -0.1, 0.1);
    put(`${layer}/scale/weights`, [to], 0.5, 1);
    put(`${layer}/scale/biases`, [to], -0.1, 0.1);
  };
  const block = (layer, from, to) => {
    conv(`${layer}/conv1`, 3, from, to);
    conv(`${layer}/conv2`, 3, to, to);
  };
  conv('conv32_down', 7, 3, 32);
  for (const [layer, [from, to]] of Object.entries(DOWN)) block(layer, from, to);
  for (const [stage, [channels, count]] of Object.entries(PLAIN)) {
    for (let i = 1; i <= count; i++) block(`${stage}_${i}`, channels, channels);
  }
  put('fc', [256, 128], -0.2, 0.2);
  return weights;
}

function filesOf(weights) {
  const entries = [...weights].map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
  const blob = Buffer.concat([...weights.values()].map(({ data }) => Buffer.from(data.buffer)));
  return new Map([
    ['m/manifest.json', Buffer.from(JSON.stringify([{ paths: ['w.bin'], weights: entries }]))],
    ['m/w.bin', blob],
  ]);
}

function reference(weights, picture) {
  const w = (name) => tf.tensor(weights.get(name).data, weights.get(name).shape);
  const conv = (x, layer, stride, padding) => {
    const sum = tf.add(tf.conv2d(x, w(`${layer}/conv/filters`), stride, padding), w(`${layer}/conv/bias`));
    return tf.add(tf.mul(sum, w(`${layer}/scale/weights`)), w(`${layer}/scale/biases`));
  };
  const residual = (x, layer) => {
    const inner = tf.relu(conv(x, `${layer}/conv1`, 1, 'same'));
    return tf.relu(tf.add(conv(inner, `${layer}/conv2`, 1, 'same'), x));
  };
  const halve = (x, layer) => {
    let out = conv(tf.relu(conv(x, `${layer}/conv1`, 2, 'valid')), `${layer}/conv2`, 1, 'same');
    let pooled = tf.avgPool(x, 2, 2, 'valid');
    const isSmaller = out.shape[1] !== pooled.shape[1];
    if (isSmaller) out = tf.pad(out, [[0, 0], [0, 1], [0, 1], [0, 0]]);
    const more = out.shape[3] - pooled.shape[3];
    if (more) pooled = tf.concat([pooled, tf.zeros([...pooled.shape.slice(0, 3), more])], 3);
    return tf.relu(tf.add(pooled, out));
  };
  let x = tf.div(tf.sub(picture, tf.tensor([122.782, 117.001, 104.298])), 256);
  x = tf.maxPool(tf.relu(conv(x, 'conv32_down', 2, 'valid')), 3, 2, 'valid');
  const downs = [undefined, ...Object.keys(DOWN)];
  const plains = [...Object.entries(PLAIN), ['none', [0, 0]]];
  downs.forEach((down, stage) => {
    if (down) x = halve(x, down);
    const [name, [, count]] = plains[stage];
    for (let i = 1; i <= count; i++) x = residual(x, `${name}_${i}`);
  });
  return tf.matMul(tf.mean(x, [1, 2]), w('fc'));
}

test('the face network gives what face-api computes', async (t) => {
  const weights = newWeights();
  const values = randomFloats(newDice(2), 150 * 150 * 3, 0, 255);
  const expected = await tf.tidy(() => reference(weights, tf.tensor(values, [1, 150, 150, 3]))).data();
  const bytes = importModel(filesOf(weights), { manifest: 'm/manifest.json' });
  const { data, dims } = await runOnnx(bytes, toChannelsFirst(values, 150, 150, 3), [1, 3, 150, 150]);
  assert.deepEqual([...dims], [1, 128]);
  assertClose(t, data, expected, 1e-4);
});

test('a face network that lacks a weight, or has one too many, is refused', () => {
  const lacking = newWeights();
  lacking.delete('conv128_2/conv1/conv/bias');
  assert.throws(() => importModel(filesOf(lacking), { manifest: 'm/manifest.json' }), /no weight 'conv128_2/);
  const more = newWeights().set('extra', { shape: [1], data: Float32Array.of(1) });
  assert.throws(() => importModel(filesOf(more), { manifest: 'm/manifest.json' }), /'extra'/);
});
