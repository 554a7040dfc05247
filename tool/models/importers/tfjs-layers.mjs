// TensorFlow.js layers models (a Keras list of layers with weights): the kinds that ESRGAN-like upscalers are made of.

import path from 'node:path';
import { kernelToOnnx } from '../layouts.mjs';
import { GraphBuilder, int } from '../onnx/graph.mjs';
import { readWeights, WeightStore } from './tfjs-weights.mjs';

/** @param {{model: string}} args */
export const wants = (file, { model }) => path.posix.dirname(file) === path.posix.dirname(model);

function activate(graph, value, activation) {
  if (activation === 'linear') return value;
  if (activation === 'relu') return graph.op('Relu', [value]);
  throw new Error(`activation '${activation}' is not known`);
}

/** Keras pads the odd pixel at the end, as ONNX's SAME_UPPER does; written out because strides are 1 here. */
function samePads(kernelSize, dilations) {
  const total = kernelSize.map((length, axis) => (length - 1) * dilations[axis]);
  const before = total.map((pixels) => Math.floor(pixels / 2));
  return [...before, ...total.map((pixels, axis) => pixels - before[axis])];
}

function convolve(graph, [input], config, weights) {
  const { name, padding, strides, kernel_size: kernelSize, dilation_rate: dilations } = config;
  if (config.data_format !== 'channels_last' || (config.groups ?? 1) !== 1) throw new Error(`layer '${name}' is grouped`);
  if (padding === 'same' && strides.some((stride) => stride !== 1)) throw new Error(`layer '${name}' pads and strides`);
  const kernel = kernelToOnnx(weights.get(`${name}/kernel`));
  const inputs = [input, graph.floats(`${name}_kernel`, kernel.shape, kernel.data)];
  if (config.use_bias) {
    const bias = weights.get(`${name}/bias`);
    inputs.push(graph.floats(`${name}_bias`, bias.shape, bias.data));
  }
  const pads = padding === 'same' ? samePads(kernelSize, dilations) : [0, 0, 0, 0];
  const value = graph.op('Conv', inputs, { kernel_shape: kernelSize, strides, dilations, pads });
  return activate(graph, value, config.activation);
}

function concatenate(graph, inputs, { axis, name }) {
  if (axis !== 3 && axis !== -1) throw new Error(`layer '${name}' joins along axis ${axis}, not the channels`);
  return graph.op('Concat', inputs, { axis: int(1) });
}

function upsample(graph, [input], { interpolation, size, name }) {
  if (interpolation !== 'nearest') throw new Error(`layer '${name}' interpolates '${interpolation}'`);
  const scales = graph.floats(`${name}_scales`, [4], [1, 1, ...size]);
  const how = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  return graph.op('Resize', [input, '', scales], how);
}

/** TensorFlow's depth_to_space takes depth, column, row: ONNX calls it DCR. */
const shuffle = (blocksize) => (graph, inputs) =>
  graph.op('DepthToSpace', inputs, { blocksize: int(blocksize), mode: 'DCR' });

/** UpscalerJS' own layer: ESRGAN's residual scaling by a beta of 0.2. */
const MULTIPLY_BETA = 0.2;

const LAYERS = {
  Conv2D: convolve,
  Activation: (graph, [input], { activation }) => activate(graph, input, activation),
  Concatenate: concatenate,
  Add: (graph, [first, ...rest]) => rest.reduce((sum, value) => graph.op('Add', [sum, value]), first),
  MultiplyBeta: (graph, [input]) => graph.op('Mul', [input, graph.float(MULTIPLY_BETA)]),
  UpSampling2D: upsample,
  PixelShuffle2x: shuffle(2),
  PixelShuffle3x: shuffle(3),
  PixelShuffle4x: shuffle(4),
};

/** @returns {string[]} the names of the layers that one layer reads, whichever way Keras nested them */
const inboundNames = ({ inbound_nodes: nodes }) => (nodes[0] ?? []).map(([name]) => name);

/**
 * @param {Map<string, Buffer>} files
 * @param {{model: string, maximum: number}} args `maximum` is the value of white, in and out; results are clipped to it
 * @returns {Buffer} NCHW, any height and width
 */
export function importModel(files, { model, maximum }) {
  const { modelTopology, weightsManifest } = JSON.parse(files.get(model).toString('utf8'));
  const { layers, input_layers: inputs, output_layers: outputs } = (modelTopology.model_config ?? modelTopology).config;
  if (inputs.length !== 1 || outputs.length !== 1) throw new Error('only networks of one input and one output are read');
  const folder = path.posix.dirname(model);
  const weights = new WeightStore(readWeights(weightsManifest, (blob) => files.get(path.posix.join(folder, blob))));
  const graph = new GraphBuilder('tfjs-layers');
  const values = new Map([[inputs[0][0], graph.input('input', [1, 3, 'height', 'width'])]]);
  for (const layer of layers) {
    const { class_name: kind, name, config } = layer;
    if (kind === 'InputLayer') continue;
    if (!LAYERS[kind]) throw new Error(`layer '${name}' is a '${kind}', which is not known`);
    const read = inboundNames(layer).map((from) => values.get(from));
    if (read.includes(undefined)) throw new Error(`layer '${name}' reads a layer that comes later`);
    values.set(name, LAYERS[kind](graph, read, { ...config, name }, weights));
  }
  weights.refuseUnused();
  const clipped = graph.op('Clip', [values.get(outputs[0][0]), graph.float(0), graph.float(maximum)]);
  graph.output('output', [1, 3, 'height_out', 'width_out'], clipped);
  return graph.toBytes();
}
