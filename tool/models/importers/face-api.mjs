// The face recognition network of face-api (dlib's ResNet): the package holds weights alone, the network stands here.

import path from 'node:path';
import { kernelToOnnx } from '../layouts.mjs';
import { GraphBuilder, int } from '../onnx/graph.mjs';
import { readWeights, WeightStore } from './tfjs-weights.mjs';

const SIDE = 150;

/** dlib's mean colour, subtracted from 0…255 before the division by 256. */
const MEAN_RGB = [122.782, 117.001, 104.298];

/** Stages after the first: each opens with a block that halves the picture. */
const STAGES = [
  { plain: ['conv32_1', 'conv32_2', 'conv32_3'] },
  { down: 'conv64_down', plain: ['conv64_1', 'conv64_2', 'conv64_3'] },
  { down: 'conv128_down', plain: ['conv128_1', 'conv128_2'] },
  { down: 'conv256_down', plain: ['conv256_1', 'conv256_2'] },
  { down: 'conv256_down_out', plain: [] },
];

/** @param {{manifest: string}} args */
export const wants = (file, { manifest }) => path.posix.dirname(file) === path.posix.dirname(manifest);

/** Side after a window slides without padding. */
const slide = (side, window) => Math.floor((side - window) / 2) + 1;

/** A convolution whose output is scaled and shifted channel by channel: both go into its weights. */
function convolve(graph, weights, input, layer, { strides = [1, 1], padding = 'SAME_UPPER' } = {}) {
  const kernel = kernelToOnnx(weights.get(`${layer}/conv/filters`));
  const bias = weights.get(`${layer}/conv/bias`).data;
  const scale = weights.get(`${layer}/scale/weights`).data;
  const shift = weights.get(`${layer}/scale/biases`).data;
  const perChannel = kernel.data.length / kernel.shape[0];
  const kernelData = kernel.data.map((value, i) => value * scale[Math.floor(i / perChannel)]);
  const biasData = bias.map((value, channel) => value * scale[channel] + shift[channel]);
  const names = [
    graph.floats(`${layer}_kernel`, kernel.shape, kernelData),
    graph.floats(`${layer}_bias`, [biasData.length], biasData),
  ];
  return graph.op('Conv', [input, ...names], { kernel_shape: kernel.shape.slice(2), strides, auto_pad: padding });
}

function residual(graph, weights, input, layer) {
  const first = graph.op('Relu', [convolve(graph, weights, input, `${layer}/conv1`)]);
  const second = convolve(graph, weights, first, `${layer}/conv2`);
  return graph.op('Relu', [graph.op('Add', [second, input])]);
}

/** Halves the picture; the shortcut is an average, and zeros fill what either side lacks. */
function halve(graph, weights, { value, side, channels }, layer) {
  const strided = convolve(graph, weights, value, `${layer}/conv1`, { strides: [2, 2], padding: 'VALID' });
  let main = convolve(graph, weights, graph.op('Relu', [strided]), `${layer}/conv2`);
  let shortcut = graph.op('AveragePool', [value], { kernel_shape: [2, 2], strides: [2, 2] });
  const [mainSide, shortcutSide] = [slide(side, 3), slide(side, 2)];
  const newChannels = weights.get(`${layer}/conv1/conv/filters`).shape[3];
  if (shortcutSide - mainSide === 1) {
    main = graph.op('Pad', [main, graph.ints(`${layer}_pads`, [0, 0, 0, 0, 0, 0, 1, 1])]);
  } else if (shortcutSide !== mainSide) {
    throw new Error(`sides of ${mainSide} and ${shortcutSide} px do not meet in '${layer}'`);
  }
  if (newChannels !== channels) {
    const pads = [0, 0, 0, 0, 0, newChannels - channels, 0, 0];
    shortcut = graph.op('Pad', [shortcut, graph.ints(`${layer}_channels`, pads)]);
  }
  const sum = graph.op('Relu', [graph.op('Add', [shortcut, main])]);
  return { value: sum, side: shortcutSide, channels: newChannels };
}

/**
 * @param {Map<string, Buffer>} files
 * @param {{manifest: string}} args path of the weights manifest
 * @returns {Buffer} 1×3×150×150 of RGB 0…255 → 1×128, not normalised
 */
export function importModel(files, { manifest }) {
  const folder = path.posix.dirname(manifest);
  const groups = JSON.parse(files.get(manifest).toString('utf8'));
  const weights = new WeightStore(readWeights(groups, (blob) => files.get(path.posix.join(folder, blob))));
  const graph = new GraphBuilder('dlib-face-resnet');
  const picture = graph.input('input', [1, 3, SIDE, SIDE]);
  const centred = graph.op('Sub', [picture, graph.floats('mean', [3, 1, 1], MEAN_RGB)]);
  const scaled = graph.op('Div', [centred, graph.float(256)]);
  const stem = convolve(graph, weights, scaled, 'conv32_down', { strides: [2, 2], padding: 'VALID' });
  const pooled = graph.op('MaxPool', [graph.op('Relu', [stem])], { kernel_shape: [3, 3], strides: [2, 2] });
  let state = { value: pooled, side: slide(slide(SIDE, 7), 3), channels: 32 };
  for (const { down, plain } of STAGES) {
    if (down) state = halve(graph, weights, state, down);
    for (const layer of plain) state = { ...state, value: residual(graph, weights, state.value, layer) };
  }
  const mean = graph.op('ReduceMean', [state.value], { axes: [2, 3], keepdims: int(0) });
  const fc = weights.get('fc');
  const embedding = graph.op('MatMul', [mean, graph.floats('fc', fc.shape, fc.data)]);
  weights.refuseUnused();
  graph.output('output', [1, fc.shape[1]], embedding);
  return graph.toBytes();
}
