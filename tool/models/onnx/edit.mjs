// Changes to a graph that was read from an ONNX file.

import { bytesOf, halvesToFloat32, zeroDenormals } from '../numbers.mjs';
import { AttributeType, DataType } from './schema.mjs';

/** @typedef {Record<string, any>} Graph a decoded GraphProto */

/** @returns {any} the attribute of a node, or undefined */
export const findAttribute = (node, name) => node.attribute.find((attribute) => attribute.name === name);

/** @returns {Map<string, any>} the node that makes each value */
export const producersOf = (graph) => new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node])));

/**
 * Keeps only the named outputs and what they are made of; shapes of inner values, which nobody needs, go too.
 * @param {Graph} graph
 * @param {string[]} outputs
 */
export function keepOutputs(graph, outputs) {
  const producers = producersOf(graph);
  const wanted = new Set();
  const queue = [...outputs];
  while (queue.length) {
    const name = queue.pop();
    if (name === '' || wanted.has(name)) continue;
    wanted.add(name);
    queue.push(...(producers.get(name)?.input ?? []));
  }
  for (const name of outputs) {
    if (!graph.output.some((output) => output.name === name)) throw new Error(`the network has no output '${name}'`);
  }
  graph.node = graph.node.filter((node) => node.output.some((name) => wanted.has(name)));
  graph.initializer = graph.initializer.filter((tensor) => wanted.has(tensor.name));
  graph.output = outputs.map((name) => graph.output.find((output) => output.name === name));
  graph.valueInfo = [];
}

/**
 * Removes the nodes that `isIdle` picks: whoever read their output reads their input. An output of the graph keeps its name.
 * @param {Graph} graph
 * @param {(node: any) => boolean} isIdle true for a node of one input and one output that changes nothing that matters
 */
export function bypass(graph, isIdle) {
  const standIn = new Map();
  for (const node of graph.node.filter(isIdle)) standIn.set(node.output[0], node.input[0]);
  const resolve = (name) => {
    while (standIn.has(name)) name = standIn.get(name);
    return name;
  };
  const kept = graph.node.filter((node) => !isIdle(node));
  const renamed = new Map(graph.output.filter((o) => standIn.has(o.name)).map((o) => [resolve(o.name), o.name]));
  const rename = (name) => renamed.get(resolve(name)) ?? resolve(name);
  for (const node of kept) {
    node.input = node.input.map(rename);
    node.output = node.output.map(rename);
  }
  graph.node = kept;
}

/** Drops the Casts between half and single floats: what is left computes in single floats alone. */
export function dropFloatCasts(graph) {
  const floats = [DataType.FLOAT, DataType.FLOAT16];
  bypass(graph, (node) => node.opType === 'Cast' && floats.includes(findAttribute(node, 'to').i));
}

/** Turns every weight stored in halves into single floats. */
export function widenHalves(graph) {
  for (const tensor of graph.initializer.filter(({ dataType }) => dataType === DataType.FLOAT16)) {
    tensor.rawData = bytesOf(zeroDenormals(halvesToFloat32(tensor.rawData)));
    tensor.dataType = DataType.FLOAT;
  }
}

/** Keeps weights stored in halves, half the bytes on disk, and widens each by one Cast that the runtime folds at load. */
export function castHalvesAtLoad(graph) {
  const halves = graph.initializer.filter(({ dataType }) => dataType === DataType.FLOAT16);
  const to = { name: 'to', i: DataType.FLOAT, type: AttributeType.INT };
  const casts = halves.map((tensor) => {
    const widened = tensor.name;
    tensor.name = `${widened}_half`;
    const cast = { opType: 'Cast', name: `${widened}_widen`, input: [tensor.name], output: [widened] };
    return { ...cast, attribute: [to] };
  });
  graph.node.unshift(...casts);
}

/** @returns {number[]} the numbers of an int64 tensor */
export function readInt64s(tensor) {
  if (tensor.dataType !== DataType.INT64) throw new Error(`tensor '${tensor.name}' does not hold int64`);
  if (!tensor.rawData) return tensor.int64Data;
  const count = tensor.rawData.length / 8;
  return Array.from({ length: count }, (_, i) => Number(tensor.rawData.readBigInt64LE(8 * i)));
}

/** Replaces the numbers of an int64 tensor; their count stays. */
export function writeInt64s(tensor, values) {
  tensor.rawData = bytesOf(BigInt64Array.from(values, BigInt));
  tensor.int64Data = [];
}

/** Throws when a half is left anywhere that a float32 network would trip over. */
export function refuseHalves(graph) {
  for (const node of graph.node) {
    const value = findAttribute(node, 'value')?.t;
    if (value?.dataType === DataType.FLOAT16) throw new Error(`node '${node.name}' holds a half-float constant`);
  }
  const left = graph.initializer.find(({ dataType }) => dataType === DataType.FLOAT16);
  if (left) throw new Error(`weight '${left.name}' is still stored in halves`);
}
