// Shared by the tests: seeded numbers, running an ONNX file, and how far two results are apart.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Where fetched models lie. */
export const MODELS_FOLDER = process.env.CYCLORAMA_MODELS ?? fileURLToPath(new URL('../../.models', import.meta.url));

/** @returns {string|false} why a test of this model must be skipped */
export function skipWithout(file) {
  const isThere = existsSync(path.join(MODELS_FOLDER, file));
  return isThere ? false : `${file} is not in ${MODELS_FOLDER}: run node tool/models/fetch.mjs --to FOLDER --all`;
}

/** @returns {(least: number, most: number) => number} the same numbers on every run */
export function newDice(seed) {
  let state = seed >>> 0;
  return (least, most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return least + ((most - least) * state) / 2 ** 32;
  };
}

export const randomFloats = (dice, count, least, most) => Float32Array.from({ length: count }, () => dice(least, most));

/**
 * @param {Buffer|string} model bytes or path
 * @param {Float32Array} values
 * @param {number[]} shape
 * @returns {Promise<{data: Float32Array, dims: readonly number[]}>} the network's only output
 */
export async function runOnnx(model, values, shape) {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const { inputNames, outputNames } = session;
  const outputs = await session.run({ [inputNames[0]]: new Tensor('float32', values, shape) }, [outputNames[0]]);
  await session.release();
  return outputs[outputNames[0]];
}

/** Channels last to channels first, written plainly: what the tests compare against must not share the importers' code. */
export function toChannelsFirst(values, height, width, channels) {
  const result = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) result[(c * height + y) * width + x] = values[(y * width + x) * channels + c];
    }
  }
  return result;
}

/** Prints the largest difference and asserts that it is below the limit, and that the results are no constants. */
export function assertClose(t, actual, expected, limit) {
  assert.equal(actual.length, expected.length);
  const largest = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  const [least, most] = expected.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
  t.diagnostic(`max |d| ${largest.toExponential(2)} of values ${least.toPrecision(4)} to ${most.toPrecision(4)}`);
  assert.ok(most > least, 'the reference gives one value everywhere, which proves nothing');
  assert.ok(largest < limit, `max |d| ${largest} is not below ${limit}`);
}
