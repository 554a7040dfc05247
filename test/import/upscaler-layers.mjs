// The layers of their own that UpscalerJS' models use, as TensorFlow.js runs them.

import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';

class MultiplyBeta extends layers.layers.Layer {
  static className = 'MultiplyBeta';

  call(inputs) {
    return tf.mul(inputs[0] ?? inputs, 0.2);
  }
}

class PixelShuffle2x extends layers.layers.Layer {
  static className = 'PixelShuffle2x';

  computeOutputShape([batch, height, width, channels]) {
    return [batch, height && height * 2, width && width * 2, channels / 4];
  }

  call(inputs) {
    return tf.depthToSpace(inputs[0] ?? inputs, 2, 'NHWC');
  }
}

tf.serialization.registerClass(MultiplyBeta);
tf.serialization.registerClass(PixelShuffle2x);

/** Makes a layer of each kind by its name. */
export const newLayer = {
  MultiplyBeta: (name) => new MultiplyBeta({ name }),
  PixelShuffle2x: (name) => new PixelShuffle2x({ name }),
};
