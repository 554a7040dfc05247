// TensorFlow.js graph models: nodes over tensors with channels last, which become channels first on the way.

import path from 'node:path';
import { channelsFirst, depthwiseKernelToOnnx, kernelToOnnx } from '../layouts.mjs';
import { GraphBuilder, int } from '../onnx/graph.mjs';
import { readModuleValue } from './js-module.mjs';
import { readWeights, WeightStore } from './tfjs-weights.mjs';

/**
 * @typedef {{name: string, isPicture: boolean}} Computed a value of the ONNX graph; a picture has its channels first
 * @typedef {{name: string, weight: import('./tfjs-weights.mjs').Weight}} Constant
 */

/** @param {{model: string}} args */
export const wants = (file, { model }) => path.posix.dirname(file) === path.posix.dirname(model);

const decodeText = (base64) => Buffer.from(base64, 'base64').toString('utf8');
const plainName = (input) => input.replace(/:0$/, '');
const isControl = (input) => input.startsWith('^');

const textOf = (node, key) => (node.attr?.[key]?.s === undefined ? undefined : decodeText(node.attr[key].s));
const flagOf = (node, key) => node.attr?.[key]?.b === true;
const intsOf = (node, key) => (node.attr?.[key]?.list?.i ?? []).map(Number);
const textsOf = (node, key) => (node.attr?.[key]?.list?.s ?? []).map(decodeText);

/** Axes of a four-dimensional tensor with channels last, as they lie when the channels come first. */
const AXIS_WITH_CHANNELS_FIRST = [0, 2, 3, 1];

const AUTO_PAD = { SAME: 'SAME_UPPER', VALID: 'VALID' };

const ELEMENTWISE = { Add: 'Add', AddV2: 'Add', BiasAdd: 'Add', Sub: 'Sub', Mul: 'Mul', RealDiv: 'Div' };

class GraphImporter {
  constructor(topology, weights, name) {
    this.nodes = new Map(topology.node.map((node) => [node.name, node]));
    this.weights = weights;
    this.graph = new GraphBuilder(name);
    this.values = new Map();
  }

  /** @returns {Computed|Constant} the value of a node, made on the first call */
  value(input) {
    const name = plainName(input);
    const known = this.values.get(name);
    if (known) return known;
    const node = this.nodes.get(name);
    if (!node) throw new Error(`there is no node '${name}'`);
    if (!OPERATIONS[node.op]) throw new Error(`node '${name}' is a '${node.op}', which is not known`);
    const layout = textOf(node, 'data_format');
    if (layout !== undefined && layout !== 'NHWC') throw new Error(`node '${name}' has its axes in the order ${layout}`);
    const made = OPERATIONS[node.op](this, node, (node.input ?? []).filter((from) => !isControl(from)));
    this.values.set(name, made);
    return made;
  }

  weightOf(input) {
    const { weight } = this.value(input);
    if (!weight) throw new Error(`'${input}' should be a constant`);
    return weight;
  }

  picture(input) {
    const value = this.value(input);
    if (!value.isPicture) throw new Error(`'${input}' should be a picture`);
    return value.name;
  }

  /** @returns {string} a value with its axes in TensorFlow's order */
  plain(input) {
    const value = this.value(input);
    if (value.weight) return this.#plainConstant(value);
    return value.isPicture ? this.graph.op('Transpose', [value.name], { perm: [0, 2, 3, 1] }) : value.name;
  }

  #plainConstant(constant) {
    const { shape, data } = constant.weight;
    constant.plain ??= this.graph.floats(constant.name, shape, data);
    return constant.plain;
  }

  /** @returns {string} a constant that is combined with a picture: its channels come first, too */
  #pictureConstant(constant) {
    const { shape, data } = constant.weight;
    if (shape.length > 4) throw new Error(`constant '${constant.name}' has ${shape.length} axes`);
    const full = channelsFirst({ shape: [...Array(4 - shape.length).fill(1), ...shape], data });
    constant.picture ??= this.graph.floats(`${constant.name}_nchw`, full.shape, full.data);
    return constant.picture;
  }

  combine(opType, inputs) {
    const values = inputs.map((input) => this.value(input));
    const isPicture = values.some((value) => value.isPicture);
    const names = inputs.map((input, i) => {
      if (!isPicture) return this.plain(input);
      if (values[i].weight) return this.#pictureConstant(values[i]);
      return this.picture(input);
    });
    return { name: this.graph.op(opType, names), isPicture };
  }

  activate(name, activation) {
    if (activation === 'Relu') return this.graph.op('Relu', [name]);
    if (activation === 'Relu6') return this.graph.op('Clip', [name, this.graph.float(0), this.graph.float(6)]);
    if (activation === 'Sigmoid') return this.graph.op('Sigmoid', [name]);
    throw new Error(`activation '${activation}' is not known`);
  }
}

/** @returns {{bias: string|undefined, activations: string[]}} what a fused node does after its main operation */
function fusedOps(node, inputs) {
  const fused = textsOf(node, 'fused_ops');
  const hasBias = fused[0] === 'BiasAdd';
  return { bias: hasBias ? inputs[2] : undefined, activations: hasBias ? fused.slice(1) : fused };
}

function finish(importer, name, activations) {
  return activations.reduce((value, activation) => importer.activate(value, activation), name);
}

const convolution = (isDepthwise) => (importer, node, inputs) => {
  const { graph } = importer;
  const { bias, activations } = fusedOps(node, inputs);
  const autoPad = AUTO_PAD[textOf(node, 'padding')];
  if (!autoPad) throw new Error(`node '${node.name}' pads in an unknown way`);
  const weight = importer.weightOf(inputs[1]);
  const kernel = isDepthwise ? depthwiseKernelToOnnx(weight) : kernelToOnnx(weight);
  const names = [importer.picture(inputs[0]), graph.floats(`${node.name}_kernel`, kernel.shape, kernel.data)];
  if (bias) {
    const { data } = importer.weightOf(bias);
    names.push(graph.floats(`${node.name}_bias`, [data.length], data));
  }
  const dilations = intsOf(node, 'dilations');
  const name = graph.op('Conv', names, {
    kernel_shape: kernel.shape.slice(2),
    strides: intsOf(node, 'strides').slice(1, 3),
    dilations: dilations.length ? dilations.slice(1, 3) : [1, 1],
    auto_pad: autoPad,
    group: int(isDepthwise ? weight.shape[2] : 1),
  });
  return { name: finish(importer, name, activations), isPicture: true };
};

const pool = (opType) => (importer, node, [input]) => {
  const autoPad = AUTO_PAD[textOf(node, 'padding')];
  if (!autoPad) throw new Error(`node '${node.name}' pads in an unknown way`);
  const [window, strides] = ['ksize', 'strides'].map((key) => intsOf(node, key).slice(1, 3));
  const attributes = { kernel_shape: window, strides, auto_pad: autoPad };
  return { name: importer.graph.op(opType, [importer.picture(input)], attributes), isPicture: true };
};

function placeholder(importer, node) {
  const sides = node.attr.shape.shape.dim.map(({ size }) => Number(size));
  if (sides.length !== 4 || sides.slice(1).some((side) => side <= 0)) {
    throw new Error(`input '${node.name}' is no picture of a fixed size`);
  }
  const [, height, width, channels] = sides;
  return { name: importer.graph.input('input', [1, channels, height, width]), isPicture: true };
}

function squeeze(importer, node, [input]) {
  const axes = intsOf(node, 'squeeze_dims');
  if (!axes.length) throw new Error(`node '${node.name}' does not say which axes it drops`);
  const names = [importer.plain(input), importer.graph.ints(`${node.name}_axes`, axes)];
  return { name: importer.graph.op('Squeeze', names), isPicture: false };
}

function mean(importer, node, [input, axesInput]) {
  const picture = importer.picture(input);
  const axes = [...importer.weightOf(axesInput).data].map((axis) => AXIS_WITH_CHANNELS_FIRST[axis < 0 ? axis + 4 : axis]);
  const keepsAxes = flagOf(node, 'keep_dims');
  if (!keepsAxes && axes.sort().join() !== '2,3') throw new Error(`node '${node.name}' averages over channels`);
  const name = importer.graph.op('ReduceMean', [picture], { axes, keepdims: int(keepsAxes ? 1 : 0) });
  return { name, isPicture: keepsAxes };
}

function multiplyMatrices(importer, node, inputs) {
  if (flagOf(node, 'transpose_a') || flagOf(node, 'transpose_b')) throw new Error(`node '${node.name}' transposes`);
  const { bias, activations } = fusedOps(node, inputs);
  const names = [inputs[0], inputs[1], bias].filter(Boolean).map((input) => importer.plain(input));
  return { name: finish(importer, importer.graph.op('Gemm', names), activations), isPicture: false };
}

const activation = (kind) => (importer, node, [input]) => {
  const value = importer.value(input);
  return { ...value, name: importer.activate(value.name, kind) };
};

/** What each kind of node becomes: (importer, node, inputs) → Computed or Constant. */
const OPERATIONS = {
  Const: (importer, { name }) => ({ name, weight: importer.weights.get(name) }),
  Placeholder: placeholder,
  Identity: (importer, node, [input]) => importer.value(input),
  Conv2D: convolution(false),
  _FusedConv2D: convolution(false),
  DepthwiseConv2dNative: convolution(true),
  FusedDepthwiseConv2dNative: convolution(true),
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  Relu: activation('Relu'),
  Relu6: activation('Relu6'),
  Sigmoid: activation('Sigmoid'),
  Mean: mean,
  Squeeze: squeeze,
  MatMul: multiplyMatrices,
  _FusedMatMul: multiplyMatrices,
  Softmax: (importer, node, [input]) => ({
    name: importer.graph.op('Softmax', [importer.plain(input)], { axis: int(-1) }),
    isPicture: false,
  }),
};
for (const [kind, opType] of Object.entries(ELEMENTWISE)) {
  OPERATIONS[kind] = (importer, node, inputs) => importer.combine(opType, inputs);
}

/** Reads JSON, or the same as a JavaScript module; shards of a module are base64 text. */
function readParts(files, model) {
  const folder = path.posix.dirname(model);
  const text = (file) => files.get(file).toString('utf8');
  if (model.endsWith('.json')) {
    return { description: JSON.parse(text(model)), readBlob: (blob) => files.get(path.posix.join(folder, blob)) };
  }
  const suffix = /\.[^/]*$/.exec(path.posix.basename(model))[0];
  const readBlob = (blob) => Buffer.from(readModuleValue(text(path.posix.join(folder, blob + suffix))), 'base64');
  return { description: readModuleValue(text(model)), readBlob };
}

/**
 * @param {Map<string, Buffer>} files
 * @param {{model: string, output: string, shape: number[]}} args `output` is the node to end at, `shape` what it gives
 * @returns {Buffer} 1×C×H×W → the output under the name `output`
 */
export function importModel(files, { model, output, shape }) {
  const { description, readBlob } = readParts(files, model);
  const weights = new WeightStore(readWeights(description.weightsManifest, readBlob));
  const importer = new GraphImporter(description.modelTopology, weights, 'tfjs-graph');
  const last = importer.value(output);
  importer.graph.output('output', shape, last.name);
  weights.refuseUnused();
  return importer.graph.toBytes();
}
