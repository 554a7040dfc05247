// The protobuf reader and writer.

import assert from 'node:assert/strict';
import test from 'node:test';
import { decode, encode, encodeVarint } from '../../tool/models/onnx/wire.mjs';
import { AttributeProto, ModelProto, TensorProto } from '../../tool/models/onnx/schema.mjs';

test('varints are written as protobuf says', () => {
  assert.deepEqual([...encodeVarint(0)], [0]);
  assert.deepEqual([...encodeVarint(300)], [0xac, 0x02]);
  assert.deepEqual([...encodeVarint(-1)], [...Array(9).fill(0xff), 0x01]);
  assert.throws(() => encodeVarint(2 ** 53), /exactly/);
});

test('a message comes back as it was written, negative and nested values too', () => {
  const model = {
    irVersion: 8,
    graph: { name: 'g', node: [{ opType: 'Softmax', input: ['a'], output: ['ä'], attribute: [{ name: 'axis', i: -1 }] }] },
    opsetImport: [{ domain: '', version: 17 }],
  };
  const { graph, irVersion, opsetImport } = decode(ModelProto, encode(ModelProto, model));
  assert.equal(irVersion, 8);
  assert.equal(graph.node[0].attribute[0].i, -1);
  assert.deepEqual(graph.node[0].output, ['ä']);
  assert.deepEqual(opsetImport, [{ domain: '', version: 17 }]);
});

test('what was read is written again byte for byte', () => {
  const bytes = encode(TensorProto, { dims: [2, 3], dataType: 1, name: 'w', rawData: Buffer.alloc(24, 7) });
  assert.deepEqual(encode(TensorProto, decode(TensorProto, bytes)), bytes);
});

test('packed integers and floats are read', () => {
  const packed = Buffer.from([0x42, 3, 1, 0xac, 0x02, 0x3a, 4, 0, 0, 0x80, 0x3f]);
  const { ints, floats } = decode(AttributeProto, packed);
  assert.deepEqual(ints, [1, 300]);
  assert.deepEqual(floats, [1]);
});

test('unknown fields, wrong kinds and early ends are refused', () => {
  assert.throws(() => decode(TensorProto, Buffer.from([0x78, 1])), /unknown field 15/);
  assert.throws(() => decode(TensorProto, Buffer.from([0x40, 1])), /wire type 0/);
  assert.throws(() => decode(TensorProto, Buffer.from([0x42, 9, 65])), /were promised/);
  assert.throws(() => decode(TensorProto, Buffer.from([0x08, 0xff])), /ends at byte 2/);
  assert.throws(() => encode(TensorProto, { shape: [1] }), /no field is called shape/);
});
