// ncnn has no runner on npm: a plain reference of its layers, written from ncnn's own definitions, takes its place.

import assert from 'node:assert/strict';
import test from 'node:test';
import { importModel, parseParam } from '../../tool/models/importers/ncnn.mjs';
import { assertClose, newDice, randomFloats, runOnnx } from './measure.mjs';

const TAG_FLOAT16 = Buffer.from([0x47, 0x6b, 0x30, 0x01]);
const floatBytes = (values) => Buffer.from(Float32Array.from(values).buffer);

/** Halves made of small integers over 256 are exact, so both sides compute with the same weights. */
function halfOf(value) {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

function halfBytes(values) {
  const bytes = Buffer.alloc((2 * values.length + 3) & ~3);
  values.forEach((value, i) => bytes.writeUInt16LE(halfOf(value), 2 * i));
  return Buffer.concat([TAG_FLOAT16, bytes]);
}

/** A picture as {channels, height, width, data}, channels first. */
function convolve({ channels, height, width, data }, kernel, bias, outputs, side) {
  const reach = (side - 1) / 2;
  const result = { channels: outputs, height, width, data: new Float32Array(outputs * height * width) };
  const at = (c, y, x) => (y < 0 || x < 0 || y >= height || x >= width ? 0 : data[(c * height + y) * width + x]);
  for (let o = 0; o < outputs; o++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = bias[o];
        for (let c = 0; c < channels; c++) {
          for (let ky = 0; ky < side; ky++) {
            for (let kx = 0; kx < side; kx++) {
              sum += kernel[((o * channels + c) * side + ky) * side + kx] * at(c, y + ky - reach, x + kx - reach);
            }
          }
        }
        result.data[(o * height + y) * width + x] = sum;
      }
    }
  }
  return result;
}

function bend(picture, slopes) {
  const plane = picture.height * picture.width;
  const data = picture.data.map((value, i) => (value < 0 ? value * slopes[Math.floor(i / plane)] : value));
  return { ...picture, data };
}

/** Output (c, y·r + i, x·r + j) is input (c·r² + i·r + j, y, x). */
function shuffle({ channels, height, width, data }, factor) {
  const result = { channels: channels / factor ** 2, height: height * factor, width: width * factor };
  result.data = new Float32Array(data.length);
  for (let c = 0; c < result.channels; c++) {
    for (let y = 0; y < result.height; y++) {
      for (let x = 0; x < result.width; x++) {
        const from = c * factor ** 2 + (y % factor) * factor + (x % factor);
        const value = data[(from * height + Math.floor(y / factor)) * width + Math.floor(x / factor)];
        result.data[(c * result.height + y) * result.width + x] = value;
      }
    }
  }
  return result;
}

const enlarged = ({ channels, height, width, data }, factor) =>
  Float32Array.from({ length: channels * height * width * factor ** 2 }, (_, i) => {
    const [x, row] = [i % (width * factor), Math.floor(i / (width * factor))];
    const [y, c] = [row % (height * factor), Math.floor(row / (height * factor))];
    return data[(c * height + Math.floor(y / factor)) * width + Math.floor(x / factor)];
  });

const PARAM = `7767517
8 8
Input input 0 1 data
Split split 1 2 data a b
Convolution first 1 1 a c 0=5 1=3 4=1 5=1 6=135
PReLU bend 1 1 c d 0=5
Convolution second 1 1 d e 0=12 1=3 4=1 5=1 6=540
PixelShuffle shuffle 1 1 e f 0=2
Interp enlarge 1 1 b g 0=1 1=2.0 2=2.0
BinaryOp add 2 1 f g output 0=0
`;

function newNet() {
  const dice = newDice(7);
  const small = (count) => Array.from({ length: count }, () => Math.round(dice(-64, 64)) / 256);
  const net = { first: small(135), firstBias: small(5), slopes: small(5), second: small(540), secondBias: small(12) };
  const { first, firstBias, slopes, second, secondBias } = net;
  const parts = [halfBytes(first), floatBytes(firstBias), floatBytes(slopes), halfBytes(second), floatBytes(secondBias)];
  return { ...net, bin: Buffer.concat(parts) };
}

const filesOf = (param, bin) => new Map(Object.entries({ 'net.param': Buffer.from(param), 'net.bin': bin }));

test('an ncnn network of half-float weights gives what a plain reference gives', async (t) => {
  const net = newNet();
  const picture = { channels: 3, height: 6, width: 9, data: randomFloats(newDice(3), 3 * 6 * 9, 0, 1) };
  const first = bend(convolve(picture, net.first, net.firstBias, 5, 3), net.slopes);
  const large = shuffle(convolve(first, net.second, net.secondBias, 12, 3), 2).data;
  const base = enlarged(picture, 2);
  const expected = large.map((value, i) => Math.min(Math.max(value + base[i], 0), 1));
  const model = importModel(filesOf(PARAM, net.bin), { model: 'net.param', maximum: 1 });
  const { data, dims } = await runOnnx(model, picture.data, [1, 3, 6, 9]);
  assert.deepEqual([...dims], [1, 3, 12, 18]);
  assertClose(t, data, expected, 1e-5);
});

test('the same ncnn files give the same bytes', () => {
  const make = () => importModel(filesOf(PARAM, newNet().bin), { model: 'net.param', maximum: 1 });
  assert.deepEqual(make(), make());
});

test('what is unknown in an ncnn model is refused', () => {
  const { bin } = newNet();
  const refuse = (param, blob, pattern) =>
    assert.throws(() => importModel(filesOf(param, blob), { model: 'net.param', maximum: 1 }), pattern);
  refuse(PARAM.replace('PReLU', 'Swish'), bin, /'Swish', which is not known/);
  refuse(PARAM.replace('0=2\n', '0=2 5=1\n'), bin, /parameter 5/);
  refuse(PARAM.replace('Interp enlarge 1 1 b g 0=1', 'Interp enlarge 1 1 b g 0=3'), bin, /unknown way/);
  refuse(PARAM, Buffer.concat([bin, Buffer.alloc(4)]), /belong to no layer/);
  refuse(PARAM, bin.subarray(0, bin.length - 4), /weights end/);
  assert.throws(() => parseParam('hello'), /not a .param file/);
  assert.throws(() => parseParam('7767517\n3 3\nInput a 0 1 x\n'), /were promised/);
});
