// Builds an ONNX network node by node; names come from a counter, so the same calls give the same bytes.

import { bytesOf, countOf, zeroDenormals } from '../numbers.mjs';
import { AttributeType, DataType, ModelProto } from './schema.mjs';
import { encode } from './wire.mjs';

/** Opset 17 is what ONNX Runtime 1.17 and later run in full. */
const OPSET = 17;
const IR_VERSION = 8;

/** Marks a number as an integer attribute: a bare number is a float. */
export const int = (value) => ({ int: value });

function attribute(name, value) {
  if (typeof value === 'string') return { name, s: value, type: AttributeType.STRING };
  if (typeof value === 'number') return { name, f: value, type: AttributeType.FLOAT };
  if (Array.isArray(value)) return { name, ints: value, type: AttributeType.INTS };
  if (Number.isInteger(value?.int)) return { name, i: value.int, type: AttributeType.INT };
  throw new Error(`attribute '${name}' has a value of no known kind`);
}

function floatValue(name, shape) {
  const dim = shape.map((length) => (typeof length === 'string' ? { param: length } : { value: length }));
  return { name, type: { tensorType: { elemType: DataType.FLOAT, shape: { dim } } } };
}

export class GraphBuilder {
  #graph;
  #constants = new Set();

  /** @param {string} name what the file calls the network */
  constructor(name) {
    this.#graph = { node: [], name, initializer: [], input: [], output: [] };
  }

  /**
   * @param {string} name
   * @param {(number|string)[]} shape a string names a length that is free
   * @returns {string} `name`
   */
  input(name, shape) {
    this.#graph.input.push(floatValue(name, shape));
    return name;
  }

  /**
   * Makes a value an output of the network, under a name of its own.
   * @param {string} name
   * @param {(number|string)[]} shape
   * @param {string} value
   */
  output(name, shape, value) {
    this.op('Identity', [value], {}, name);
    this.#graph.output.push(floatValue(name, shape));
  }

  /** @returns {string} the name of a float32 constant; denormals become zero */
  floats(name, shape, values) {
    return this.#constant(name, shape, zeroDenormals(Float32Array.from(values)), DataType.FLOAT);
  }

  /** @returns {string} the name of a single float32 */
  float(value) {
    return this.#constants.has(`float_${value}`) ? `float_${value}` : this.floats(`float_${value}`, [], [value]);
  }

  /** @returns {string} the name of a vector of int64 */
  ints(name, values) {
    return this.#constant(name, [values.length], BigInt64Array.from(values, BigInt), DataType.INT64);
  }

  #constant(name, dims, values, dataType) {
    if (this.#constants.has(name)) throw new Error(`two constants are called '${name}'`);
    if (countOf(dims) !== values.length) throw new Error(`'${name}': ${values.length} values for shape [${dims}]`);
    this.#constants.add(name);
    this.#graph.initializer.push({ dims, dataType, name, rawData: bytesOf(values) });
    return name;
  }

  /**
   * Adds a node of one output.
   * @param {string} opType
   * @param {string[]} inputs '' leaves an optional one out
   * @param {Record<string, any>} [attributes] strings, `int(n)`, float numbers, arrays of ints; undefined ones are left out
   * @param {string} [output] its name, else one from the counter
   * @returns {string} the name of the output
   */
  op(opType, inputs, attributes = {}, output = `${opType}_${this.#graph.node.length}`) {
    const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
    const attributeList = given.map(([name, value]) => attribute(name, value));
    this.#graph.node.push({ input: inputs, output: [output], name: `${output}_node`, opType, attribute: attributeList });
    return output;
  }

  /** @returns {Buffer} the finished file */
  toBytes() {
    const opsetImport = [{ domain: '', version: OPSET }];
    return encode(ModelProto, { irVersion: IR_VERSION, producerName: 'cyclorama', graph: this.#graph, opsetImport });
  }
}
