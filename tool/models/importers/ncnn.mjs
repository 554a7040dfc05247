// ncnn models (a .param text and a .bin of weights): the layer kinds of the Real-ESRGAN family.

import { bytesToFloat32, countOf, halvesToFloat32 } from '../numbers.mjs';
import { GraphBuilder, int } from '../onnx/graph.mjs';

const PARAM_MAGIC = '7767517';
const TAG_FLOAT32 = 0;
const TAG_FLOAT16 = 0x01306b47;

/** Keys at or below this one hold arrays: `-23300 - key = count,first,second…`. */
const ARRAY_KEY = -23300;

/** @param {{model: string}} args path of the .param file; the .bin lies beside it */
export const wants = (file, { model }) => file === model || file === binOf(model);

const binOf = (model) => model.replace(/\.param$/, '.bin');

/** Reads the .bin from front to back, in the order of the layers. */
class BinReader {
  constructor(bytes) {
    this.bytes = bytes;
    this.offset = 0;
  }

  #take(length) {
    const end = this.offset + length;
    if (end > this.bytes.length) throw new Error(`the weights end at byte ${this.bytes.length}, ${end} are needed`);
    const part = this.bytes.subarray(this.offset, end);
    this.offset = end;
    return part;
  }

  /** @returns {Float32Array} weights that stand bare, as biases and slopes do */
  floats(count) {
    return bytesToFloat32(this.#take(4 * count));
  }

  /** @returns {Float32Array} weights behind a tag that says how they are stored; halves are padded to four bytes */
  tagged(count) {
    const tag = this.#take(4).readUInt32LE(0);
    if (tag === TAG_FLOAT32) return this.floats(count);
    if (tag !== TAG_FLOAT16) throw new Error(`weights stored as 0x${tag.toString(16)} are not known`);
    return halvesToFloat32(this.#take((2 * count + 3) & ~3).subarray(0, 2 * count));
  }

  refuseRest() {
    const rest = this.bytes.length - this.offset;
    if (rest) throw new Error(`${rest} bytes of weights belong to no layer`);
  }
}

function parseParameters(words) {
  const parameters = {};
  for (const word of words) {
    const [key, value] = word.split('=');
    const number = Number(key);
    if (!Number.isInteger(number) || value === undefined) throw new Error(`'${word}' is not a parameter`);
    if (number <= ARRAY_KEY) parameters[ARRAY_KEY - number] = value.split(',').slice(1).map(Number);
    else parameters[number] = Number(value);
  }
  return parameters;
}

/**
 * @param {string} text a .param file
 * @returns {{kind: string, name: string, inputs: string[], outputs: string[], parameters: Record<number, any>}[]}
 */
export function parseParam(text) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  if (lines[0]?.trim() !== PARAM_MAGIC) throw new Error('this is not a .param file of ncnn');
  const layerCount = Number(lines[1].trim().split(/\s+/)[0]);
  if (lines.length !== layerCount + 2) throw new Error(`${lines.length - 2} layers are listed, ${layerCount} were promised`);
  return lines.slice(2).map((line) => {
    const [kind, name, inputCount, outputCount, ...words] = line.trim().split(/\s+/);
    const blobs = Number(inputCount) + Number(outputCount);
    const [inputs, outputs] = [words.slice(0, Number(inputCount)), words.slice(Number(inputCount), blobs)];
    return { kind, name, inputs, outputs, parameters: parseParameters(words.slice(blobs)) };
  });
}

/** Throws unless every parameter is one that the layer's importer has read: an unread one would change the picture. */
function refuseUnread(name, parameters, known) {
  const unread = Object.keys(parameters).find((key) => !known.includes(Number(key)));
  if (unread !== undefined) throw new Error(`layer '${name}' sets parameter ${unread}, which is not known`);
}

function activate(graph, value, kind, parameters, name) {
  if (kind === 0) return value;
  if (kind === 1) return graph.op('Relu', [value]);
  if (kind === 2) return graph.op('LeakyRelu', [value], { alpha: parameters[0] });
  throw new Error(`layer '${name}' has the unknown activation ${kind}`);
}

function convolve(graph, [input], p, bin, name) {
  refuseUnread(name, p, [0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16]);
  const [outputs, width, weightCount] = [p[0], p[1], p[6]];
  const height = p[11] ?? width;
  const [dilationX, strideX, left] = [p[2] ?? 1, p[3] ?? 1, p[4] ?? 0];
  const top = p[14] ?? left;
  const shape = [outputs, weightCount / (outputs * width * height), height, width];
  if (left < 0 || !Number.isInteger(shape[1])) throw new Error(`layer '${name}' has a shape that is not known`);
  const inputs = [input, graph.floats(`${name}_kernel`, shape, bin.tagged(countOf(shape)))];
  if (p[5]) inputs.push(graph.floats(`${name}_bias`, [outputs], bin.floats(outputs)));
  const value = graph.op('Conv', inputs, {
    kernel_shape: [height, width],
    strides: [p[13] ?? strideX, strideX],
    dilations: [p[12] ?? dilationX, dilationX],
    pads: [top, left, p[16] ?? top, p[15] ?? left],
  });
  return activate(graph, value, p[9] ?? 0, p[10], name);
}

function slope(graph, [input], p, bin, name) {
  refuseUnread(name, p, [0]);
  return graph.op('PRelu', [input, graph.floats(`${name}_slope`, [p[0], 1, 1], bin.floats(p[0]))]);
}

/** ncnn shuffles channel, row, column (PyTorch's way) unless told otherwise. */
function shuffle(graph, inputs, p, bin, name) {
  refuseUnread(name, p, [0, 1]);
  return graph.op('DepthToSpace', inputs, { blocksize: int(p[0]), mode: p[1] ? 'DCR' : 'CRD' });
}

const INTERPOLATIONS = {
  1: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  2: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
};

function interpolate(graph, [input], p, bin, name) {
  refuseUnread(name, p, [0, 1, 2]);
  const how = INTERPOLATIONS[p[0]];
  if (!how || !(p[1] > 0 && p[2] > 0)) throw new Error(`layer '${name}' interpolates in an unknown way`);
  return graph.op('Resize', [input, '', graph.floats(`${name}_scales`, [4], [1, 1, p[1], p[2]])], how);
}

const BINARY_OPS = ['Add', 'Sub', 'Mul', 'Div'];

function combine(graph, inputs, p, bin, name) {
  refuseUnread(name, p, [0, 1, 2]);
  const opType = BINARY_OPS[p[0] ?? 0];
  if (!opType) throw new Error(`layer '${name}' combines by the unknown operation ${p[0]}`);
  return graph.op(opType, p[1] ? [inputs[0], graph.float(p[2])] : inputs);
}

const LAYERS = {
  Split: (graph, [input]) => input,
  Convolution: convolve,
  PReLU: slope,
  PixelShuffle: shuffle,
  Interp: interpolate,
  BinaryOp: combine,
};

/**
 * @param {Map<string, Buffer>} files
 * @param {{model: string, maximum: number}} args `maximum` is the value of white; the result is clipped to it
 * @returns {Buffer} NCHW, any height and width
 */
export function importModel(files, { model, maximum }) {
  const layers = parseParam(files.get(model).toString('utf8'));
  const bin = new BinReader(files.get(binOf(model)));
  const graph = new GraphBuilder('ncnn');
  const values = new Map();
  let last;
  for (const { kind, name, inputs, outputs, parameters } of layers) {
    if (kind === 'Input') {
      last = graph.input('input', [1, 3, 'height', 'width']);
    } else {
      if (!LAYERS[kind]) throw new Error(`layer '${name}' is a '${kind}', which is not known`);
      const read = inputs.map((blob) => values.get(blob));
      if (read.includes(undefined)) throw new Error(`layer '${name}' reads a value that nothing makes`);
      last = LAYERS[kind](graph, read, parameters, bin, name);
    }
    for (const blob of outputs) values.set(blob, last);
  }
  bin.refuseRest();
  const clipped = graph.op('Clip', [last, graph.float(0), graph.float(maximum)]);
  graph.output('output', [1, 3, 'height_out', 'width_out'], clipped);
  return graph.toBytes();
}
