// Orders of axes: TensorFlow keeps channels last, ONNX keeps them first.

import { countOf } from './numbers.mjs';

/** @typedef {{shape: number[], data: Float32Array}} Weights */

/**
 * @param {Weights} weights
 * @param {number[]} order axis i of the result is axis order[i] of `weights`
 * @returns {Weights}
 */
export function transpose({ shape, data }, order) {
  if (order.length !== shape.length) throw new Error(`${order.length} axes named, there are ${shape.length}`);
  const strides = shape.map((_, axis) => countOf(shape.slice(axis + 1)));
  const newShape = order.map((axis) => shape[axis]);
  const newStrides = order.map((axis) => strides[axis]);
  const result = new Float32Array(data.length);
  const index = newShape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from];
    for (let axis = index.length - 1; axis >= 0; axis--) {
      from += newStrides[axis];
      if (++index[axis] < newShape[axis]) break;
      from -= newStrides[axis] * newShape[axis];
      index[axis] = 0;
    }
  }
  return { shape: newShape, data: result };
}

/** Kernel of a convolution: height, width, in, out → out, in, height, width. */
export const kernelToOnnx = (weights) => transpose(weights, [3, 2, 0, 1]);

/** Kernel of a depthwise convolution: height, width, in, multiplier → in × multiplier, 1, height, width. */
export function depthwiseKernelToOnnx(weights) {
  const { shape, data } = transpose(weights, [2, 3, 0, 1]);
  return { shape: [shape[0] * shape[1], 1, shape[2], shape[3]], data };
}

/** Picture-like tensor: batch, height, width, channels → batch, channels, height, width. */
export const channelsFirst = (weights) => transpose(weights, [0, 3, 1, 2]);
