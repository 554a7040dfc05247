// Number formats, layouts and weights.

import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesToFloat32, halfToNumber, halvesToFloat32, zeroDenormals } from '../../tool/models/numbers.mjs';
import { depthwiseKernelToOnnx, kernelToOnnx, transpose } from '../../tool/models/layouts.mjs';
import { readWeights, WeightStore } from '../../tool/models/importers/tfjs-weights.mjs';
import { readModuleValue } from '../../tool/models/importers/js-module.mjs';

test('halves of every class are read', () => {
  assert.equal(halfToNumber(0x3c00), 1);
  assert.equal(halfToNumber(0xc000), -2);
  assert.equal(halfToNumber(0x7bff), 65504);
  assert.equal(halfToNumber(0x0001), 2 ** -24);
  assert.equal(halfToNumber(0x0400), 2 ** -14);
  assert.equal(halfToNumber(0xfc00), -Infinity);
  assert.ok(Number.isNaN(halfToNumber(0x7e00)));
  assert.deepEqual([...halvesToFloat32(Buffer.from([0x00, 0x3c, 0x55, 0x35]))], [1, Math.fround(0.333251953125)]);
  assert.throws(() => halvesToFloat32(Buffer.alloc(3)), /whole number/);
});

test('floats are read at any alignment', () => {
  const bytes = Buffer.alloc(9);
  bytes.writeFloatLE(1.5, 1);
  bytes.writeFloatLE(-3, 5);
  assert.deepEqual([...bytesToFloat32(bytes.subarray(1))], [1.5, -3]);
});

test('denormals become zero and nothing else changes', () => {
  const smallest = 2 ** -126;
  assert.deepEqual([...zeroDenormals(Float32Array.of(1, 1e-40, -1e-40, smallest, -2))], [1, 0, 0, smallest, -2]);
});

test('axes are reordered', () => {
  const counted = { shape: [2, 3, 1, 2], data: Float32Array.from({ length: 12 }, (_, i) => i) };
  const kernel = kernelToOnnx(counted);
  assert.deepEqual(kernel.shape, [2, 1, 2, 3]);
  assert.deepEqual([...kernel.data], [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
  const depthwise = depthwiseKernelToOnnx({ shape: [1, 2, 2, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7) });
  assert.deepEqual(depthwise.shape, [4, 1, 1, 2]);
  assert.deepEqual([...depthwise.data], [0, 4, 1, 5, 2, 6, 3, 7]);
  assert.throws(() => transpose(counted, [0, 1]), /axes/);
});

test('weights are read plain and quantised', () => {
  const entries = [
    { name: 'plain', dtype: 'float32', shape: [1] },
    { name: 'half', dtype: 'float32', shape: [2], quantization: { dtype: 'float16' } },
    { name: 'byte', dtype: 'float32', shape: [3], quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
    { name: 'count', dtype: 'int32', shape: [], quantization: { dtype: 'uint8', scale: 1, min: 7 } },
  ];
  const blob = Buffer.from([0, 0, 0x20, 0x41, 0x00, 0x3c, 0x00, 0xc0, 0, 1, 255, 2]);
  const parts = { a: blob.subarray(0, 3), b: blob.subarray(3) };
  const read = (weights) => readWeights([{ paths: ['a', 'b'], weights }], (name) => parts[name]);
  const weights = read(entries);
  assert.deepEqual([...weights.get('plain').data], [10]);
  assert.deepEqual([...weights.get('half').data], [1, -2]);
  assert.deepEqual([...weights.get('byte').data], [-1, -0.5, 126.5]);
  assert.deepEqual([...weights.get('count').data], [9]);
  assert.throws(() => read(entries.slice(0, 3)), /belong to nothing/);
  assert.throws(() => read([...entries, entries[0]]), /end before/);
  assert.throws(() => read([{ ...entries[0], dtype: 'complex64' }]), /unknown/);
  const store = new WeightStore(weights);
  store.get('plain');
  assert.throws(() => store.get('other'), /no weight/);
  assert.throws(() => store.refuseUnused(), /3 weights/);
});

test('data in a JavaScript module is parsed and never run', () => {
  const module = (body) => `!function(t){module.exports=t()}(function(){return{1:[function(e,t){t.exports=${body}},{}]}});`;
  const text = module('{a:[1,-.5,2e3,!0,!1,null],"b c":{d:"x\\n\\u00e4"}}');
  assert.deepEqual(readModuleValue(text), { a: [1, -0.5, 2000, true, false, null], 'b c': { d: 'x\nä' } });
  assert.equal(readModuleValue(module('"QUJD"')), 'QUJD');
  assert.throws(() => readModuleValue(module('{a:process.exit(1)}')), /plain data/);
  assert.throws(() => readModuleValue('module.exports=f()'), /exports no plain data/);
});
