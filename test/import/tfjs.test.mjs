// The TensorFlow.js importers against TensorFlow.js itself (its CPU backend).

import assert from 'node:assert/strict';
import test from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as layers from '@tensorflow/tfjs-layers';
import * as tfjsGraph from '../../tool/models/importers/tfjs-graph.mjs';
import * as tfjsLayers from '../../tool/models/importers/tfjs-layers.mjs';
import { assertClose, newDice, randomFloats, runOnnx, toChannelsFirst } from './measure.mjs';
import { newLayer } from './upscaler-layers.mjs';

/** @returns {Promise<Map<string, Buffer>>} the files that TensorFlow.js would have written */
async function savedLayers(model) {
  let saved;
  await model.save(tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  }));
  const description = {
    modelTopology: saved.modelTopology,
    weightsManifest: [{ paths: ['w.bin'], weights: saved.weightSpecs }],
  };
  return new Map([
    ['m/model.json', Buffer.from(JSON.stringify(description))],
    ['m/w.bin', Buffer.from(tf.io.CompositeArrayBuffer.join(saved.weightData))],
  ]);
}

function seedWeights(model, dice) {
  model.setWeights(model.getWeights().map((w) => tf.tensor(randomFloats(dice, w.size, -0.3, 0.3), w.shape)));
}

function newUpscaler() {
  const input = layers.input({ shape: [null, null, 3], name: 'in' });
  const conv = (name, filters, kernelSize, from, more = {}) =>
    layers.layers.conv2d({ name, filters, kernelSize, padding: 'same', ...more }).apply(from);
  const first = conv('first', 4, 3, input, { activation: 'relu' });
  const second = layers.layers.activation({ activation: 'relu', name: 'bend' }).apply(conv('second', 4, 5, first));
  const joined = layers.layers.concatenate({ axis: 3, name: 'join' }).apply([first, second]);
  const third = conv('third', 4, 1, joined, { useBias: false });
  const scaled = newLayer.MultiplyBeta('beta').apply(third);
  const sum = layers.layers.add({ name: 'sum' }).apply([scaled, first]);
  const shuffled = newLayer.PixelShuffle2x('shuffle').apply(conv('wide', 8, 3, sum));
  const enlarged = layers.layers.upSampling2d({ size: [2, 2], name: 'enlarge' }).apply(shuffled);
  const output = conv('last', 3, 3, enlarged);
  return layers.model({ inputs: input, outputs: output });
}

test('a layers model gives what TensorFlow.js gives', async (t) => {
  const model = newUpscaler();
  const dice = newDice(11);
  seedWeights(model, dice);
  const [height, width] = [5, 7];
  const values = randomFloats(dice, height * width * 3, 0, 255);
  const reference = tf.clipByValue(model.predict(tf.tensor(values, [1, height, width, 3])), 0, 255);
  assert.deepEqual(reference.shape, [1, height * 4, width * 4, 3]);
  const bytes = tfjsLayers.importModel(await savedLayers(model), { model: 'm/model.json', maximum: 255 });
  const { data } = await runOnnx(bytes, toChannelsFirst(values, height, width, 3), [1, 3, height, width]);
  assertClose(t, data, toChannelsFirst(await reference.data(), height * 4, width * 4, 3), 1e-3);
});

test('a layers model with an unknown layer is refused', async () => {
  const input = layers.input({ shape: [4, 4, 3], name: 'in' });
  const model = layers.model({ inputs: input, outputs: layers.layers.maxPooling2d({ poolSize: 2 }).apply(input) });
  const files = await savedLayers(model);
  const args = { model: 'm/model.json', maximum: 1 };
  assert.throws(() => tfjsLayers.importModel(files, args), /'MaxPooling2D', which is not known/);
});

const base64 = (text) => Buffer.from(text).toString('base64');
const ints = (...values) => ({ list: { i: values.map(String) } });
const T = { T: { type: 'DT_FLOAT' } };

/** One node of each kind that classifiers are made of, over a 12×10 picture. */
function newClassifier(dice) {
  const specs = [];
  const data = [];
  const node = [];
  const constant = (name, shape, least = -0.5, most = 0.5, dtype = 'float32', given) => {
    const count = shape.reduce((product, length) => product * length, 1);
    const values = given ?? randomFloats(dice, count, least, most);
    specs.push({ name, shape, dtype });
    data.push(Buffer.from((dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)).buffer));
    const dim = shape.map((size) => ({ size: String(size) }));
    const type = dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT';
    node.push({ name, op: 'Const', attr: { dtype: { type }, value: { tensor: { dtype: type, tensorShape: { dim } } } } });
  };
  const add = (name, op, input, attr = {}) => node.push({ name, op, input, attr: { ...T, ...attr } });
  const dim = ['-1', '12', '10', '3'].map((size) => ({ size }));
  const window = (strides, padding) => ({
    strides: ints(1, strides, strides, 1),
    dilations: ints(1, 1, 1, 1),
    padding: { s: base64(padding) },
    data_format: { s: base64('NHWC') },
  });
  const fused = (...names) => ({ fused_ops: { list: { s: names.map(base64) } }, num_args: { i: '1' }, epsilon: { f: 0 } });
  node.push({ name: 'in', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim } } } });
  constant('two', [], 0, 0, 'float32', [2]);
  constant('shift', [3]);
  add('scaled', 'Mul', ['two', 'in']);
  add('centred', 'Sub', ['scaled', 'shift']);
  constant('k1', [3, 3, 3, 6]);
  constant('b1', [6]);
  add('conv1', '_FusedConv2D', ['centred', 'k1', 'b1'], { ...window(2, 'SAME'), ...fused('BiasAdd', 'Relu6') });
  constant('k2', [3, 3, 6, 2]);
  constant('b2', [12]);
  const depthwise = { ...window(1, 'SAME'), ...fused('BiasAdd', 'Relu') };
  add('conv2', 'FusedDepthwiseConv2dNative', ['conv1', 'k2', 'b2'], depthwise);
  constant('k3', [1, 1, 12, 12]);
  add('conv3', 'Conv2D', ['conv2', 'k3'], window(1, 'VALID'));
  add('sum', 'AddV2', ['conv3', 'conv2']);
  add('bent', 'Relu6', ['sum']);
  add('most', 'MaxPool', ['bent'], { ...window(1, 'SAME'), ksize: ints(1, 3, 3, 1) });
  add('pooled', 'AvgPool', ['most'], { ...window(2, 'SAME'), ksize: ints(1, 2, 2, 1) });
  constant('axes', [2], 0, 0, 'int32', [1, 2]);
  add('mean', 'Mean', ['pooled', 'axes'], { keep_dims: { b: true } });
  add('flat', 'Squeeze', ['mean'], { squeeze_dims: ints(1, 2) });
  constant('w', [12, 5]);
  constant('bw', [5]);
  const plain = { transpose_a: { b: false }, transpose_b: { b: false } };
  add('dense', '_FusedMatMul', ['flat', 'w', 'bw'], { ...plain, ...fused('BiasAdd') });
  add('shares', 'Softmax', ['dense']);
  add('out', 'Identity', ['shares']);
  const manifest = [{ paths: ['w.bin'], weights: specs }];
  return { modelTopology: { node, versions: { producer: 1 } }, weightsManifest: manifest, blob: Buffer.concat(data) };
}

const graphFiles = ({ modelTopology, weightsManifest, blob }) =>
  new Map([
    ['m/model.json', Buffer.from(JSON.stringify({ modelTopology, weightsManifest }))],
    ['m/w.bin', blob],
  ]);

const GRAPH_ARGS = { model: 'm/model.json', output: 'out', shape: [1, 5] };

test('a graph model gives what TensorFlow.js gives', async (t) => {
  const dice = newDice(5);
  const made = newClassifier(dice);
  const weightData = Uint8Array.from(made.blob).buffer;
  const [weightSpecs, format] = [made.weightsManifest[0].weights, 'graph-model'];
  const { modelTopology } = made;
  const model = await loadGraphModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData, format }));
  const values = randomFloats(dice, 12 * 10 * 3, 0, 1);
  const reference = model.execute(tf.tensor(values, [1, 12, 10, 3]));
  const bytes = tfjsGraph.importModel(graphFiles(made), GRAPH_ARGS);
  const { data } = await runOnnx(bytes, toChannelsFirst(values, 12, 10, 3), [1, 3, 12, 10]);
  assertClose(t, data, await reference.data(), 1e-5);
});

test('what is unknown in a graph model is refused', () => {
  const refuse = (change, pattern) => {
    const made = newClassifier(newDice(5));
    change(made.modelTopology.node);
    assert.throws(() => tfjsGraph.importModel(graphFiles(made), GRAPH_ARGS), pattern);
  };
  const find = (node, name) => node.find((one) => one.name === name);
  refuse((node) => (find(node, 'bent').op = 'Erf'), /'Erf', which is not known/);
  refuse((node) => (find(node, 'conv1').attr.data_format.s = base64('NCHW')), /NCHW/);
  refuse((node) => (find(node, 'conv1').attr.padding.s = base64('EXPLICIT')), /unknown way/);
  refuse((node) => (find(node, 'dense').attr.transpose_b.b = true), /transposes/);
  refuse((node) => (find(node, 'sum').input[1] = 'nobody'), /no node 'nobody'/);
});
