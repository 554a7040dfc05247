// Changes to a graph that was read: what ISNet needs, on a small network of the same make.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { importModel } from '../../tool/models/importers/isnet-chunks.mjs';
import { AttributeType, DataType, ModelProto } from '../../tool/models/onnx/schema.mjs';
import { decode, encode } from '../../tool/models/onnx/wire.mjs';
import { assertClose, newDice, randomFloats, runOnnx } from './measure.mjs';

const ONE_AND_A_HALF = 0x3e00;
const intAttribute = (name, i) => ({ name, i, type: AttributeType.INT });
const intsAttribute = (name, ...ints) => ({ name, ints, type: AttributeType.INTS });
const textAttribute = (name, s) => ({ name, s, type: AttributeType.STRING });
const node = (opType, input, output, attribute = []) => {
  return { opType, name: `${output}_node`, input, output: [output], attribute };
};
const cast = (from, to, type) => node('Cast', [from], to, [intAttribute('to', type)]);
const int64s = (...values) => Buffer.from(BigInt64Array.from(values, BigInt).buffer);

function constant(name, ...values) {
  const t = { dims: [values.length], dataType: DataType.INT64, rawData: int64s(...values) };
  return node('Constant', [], name, [{ name: 'value', t, type: AttributeType.TENSOR }]);
}

function picture(name, side) {
  const dim = [1, 1, side, side].map((value) => ({ value }));
  return { name, type: { tensorType: { elemType: DataType.FLOAT, shape: { dim } } } };
}

/** Multiplies by a half-float weight, halves and enlarges again, and has a side output, as the exported ISNet does. */
function newNetwork() {
  const rawData = Buffer.alloc(2);
  rawData.writeUInt16LE(ONE_AND_A_HALF);
  const graph = {
    name: 'small',
    node: [
      cast('input', 'input_half', DataType.FLOAT16),
      node('Mul', ['input_half', 'weight'], 'product'),
      cast('product', 'product_float', DataType.FLOAT),
      node('MaxPool', ['product_float'], 'small', [intsAttribute('kernel_shape', 2, 2), intsAttribute('strides', 2, 2)]),
      constant('batch_and_channel', 1, 1),
      constant('sides', 1024, 1024),
      node('Concat', ['batch_and_channel', 'sides'], 'sizes', [intAttribute('axis', 0)]),
      node('Resize', ['small', '', '', 'sizes'], 'large', [textAttribute('mode', 'nearest')]),
      cast('large', 'large_half', DataType.FLOAT16),
      cast('large_half', 'output', DataType.FLOAT),
      cast('input_half', 'side', DataType.FLOAT),
    ],
    initializer: [{ dims: [1], dataType: DataType.FLOAT16, name: 'weight', rawData }],
    input: [picture('input', 1024)],
    output: [picture('output', 1024), picture('side', 1024)],
  };
  return encode(ModelProto, { irVersion: 8, graph, opsetImport: [{ domain: '', version: 15 }] });
}

function chunked(bytes) {
  const middle = bytes.length >> 1;
  const parts = [bytes.subarray(0, middle), bytes.subarray(middle)];
  const files = new Map();
  const chunks = parts.map((part, i) => {
    const hash = createHash('sha256').update(part).digest('hex');
    files.set(`dist/${hash}`, part);
    return { hash, offsets: [i * middle, i * middle + part.length] };
  });
  const resources = { '/models/medium': { chunks, size: bytes.length } };
  return files.set('dist/resources.json', Buffer.from(JSON.stringify(resources)));
}

const ARGS = { resource: '/models/medium', side_px: 4, weights: 'float16', output: 'output' };

test('an ISNet-like network is scaled, computes in float32 and keeps one output', async (t) => {
  for (const weights of ['float16', 'float32']) {
    const bytes = importModel(chunked(newNetwork()), { ...ARGS, weights });
    const { graph } = decode(ModelProto, bytes);
    assert.deepEqual(graph.output.map(({ name }) => name), ['output']);
    assert.equal(graph.node.filter(({ opType }) => opType === 'Cast').length, weights === 'float16' ? 1 : 0);
    const values = randomFloats(newDice(1), 16, 0, 1);
    const { data, dims } = await runOnnx(bytes, values, [1, 1, 4, 4]);
    assert.deepEqual([...dims], [1, 1, 4, 4]);
    const most = (i) => Math.max(values[i], values[i + 1], values[i + 4], values[i + 5]);
    const expected = data.map((_, i) => most((i & 8) + (i & 2)) * 1.5);
    assertClose(t, data, expected, 1e-6);
  }
});

test('damaged or unknown ISNet chunks are refused', () => {
  const files = chunked(newNetwork());
  const chunk = [...files.keys()].find((name) => name !== 'dist/resources.json');
  assert.throws(() => importModel(files, { ...ARGS, resource: '/models/large' }), /names no/);
  assert.throws(() => importModel(files, { ...ARGS, output: 'nothing' }), /no output 'nothing'/);
  assert.throws(() => importModel(files, { ...ARGS, side_px: 3.3 }), /does not divide evenly/);
  files.set(chunk, Buffer.concat([files.get(chunk).subarray(1), Buffer.of(0)]));
  assert.throws(() => importModel(files, ARGS), /is damaged/);
});
