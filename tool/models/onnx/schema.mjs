// The part of onnx.proto that our models use, as tables for wire.mjs; anything else in a file is refused.

/** TensorProto.DataType */
export const DataType = { FLOAT: 1, UINT8: 2, INT32: 6, INT64: 7, FLOAT16: 10 };

/** AttributeProto.AttributeType */
export const AttributeType = { FLOAT: 1, INT: 2, STRING: 3, TENSOR: 4, FLOATS: 6, INTS: 7, STRINGS: 8 };

const one = (number, type) => ({ number, type });
const many = (number, type) => ({ number, type, repeated: true });

export const TensorProto = {
  dims: many(1, 'int'),
  dataType: one(2, 'int'),
  floatData: many(4, 'float'),
  int32Data: many(5, 'int'),
  int64Data: many(7, 'int'),
  name: one(8, 'string'),
  rawData: one(9, 'bytes'),
  doc: one(12, 'string'),
};

export const AttributeProto = {
  name: one(1, 'string'),
  f: one(2, 'float'),
  i: one(3, 'int'),
  s: one(4, 'string'),
  t: one(5, TensorProto),
  floats: many(7, 'float'),
  ints: many(8, 'int'),
  strings: many(9, 'string'),
  doc: one(13, 'string'),
  type: one(20, 'int'),
};

export const NodeProto = {
  input: many(1, 'string'),
  output: many(2, 'string'),
  name: one(3, 'string'),
  opType: one(4, 'string'),
  attribute: many(5, AttributeProto),
  doc: one(6, 'string'),
  domain: one(7, 'string'),
};

const Dimension = { value: one(1, 'int'), param: one(2, 'string'), denotation: one(3, 'string') };
const Shape = { dim: many(1, Dimension) };
const TensorType = { elemType: one(1, 'int'), shape: one(2, Shape) };
const Type = { tensorType: one(1, TensorType), denotation: one(6, 'string') };

export const ValueInfoProto = { name: one(1, 'string'), type: one(2, Type), doc: one(3, 'string') };

const StringPair = { key: one(1, 'string'), value: one(2, 'string') };

export const GraphProto = {
  node: many(1, NodeProto),
  name: one(2, 'string'),
  initializer: many(5, TensorProto),
  doc: one(10, 'string'),
  input: many(11, ValueInfoProto),
  output: many(12, ValueInfoProto),
  valueInfo: many(13, ValueInfoProto),
};

const OperatorSet = { domain: one(1, 'string'), version: one(2, 'int') };

export const ModelProto = {
  irVersion: one(1, 'int'),
  producerName: one(2, 'string'),
  producerVersion: one(3, 'string'),
  domain: one(4, 'string'),
  modelVersion: one(5, 'int'),
  doc: one(6, 'string'),
  graph: one(7, GraphProto),
  opsetImport: many(8, OperatorSet),
  metadata: many(14, StringPair),
};
