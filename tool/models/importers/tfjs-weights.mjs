// Weights as TensorFlow.js stores them: a manifest of names and shapes, and blobs, often quantised.

import { bytesToFloat32, bytesToInt32, countOf, halvesToFloat32 } from '../numbers.mjs';

/**
 * @typedef {{shape: number[], dtype: string, data: Float32Array|Int32Array|Uint8Array}} Weight
 * @typedef {{name: string, shape: number[], dtype: string,
 *   quantization?: {dtype: string, scale?: number, min?: number}}} Entry
 */

const PLAIN = {
  float32: { size: 4, read: bytesToFloat32 },
  int32: { size: 4, read: bytesToInt32 },
  bool: { size: 1, read: (bytes) => Uint8Array.from(bytes) },
};

/** TensorFlow.js computes scale * q + min in doubles and rounds once, so does this. */
const scaled = (quantised, { scale, min }) => Float32Array.from(quantised, (value) => value * scale + min);

const QUANTISED = {
  float16: { size: 2, read: (bytes) => halvesToFloat32(bytes) },
  uint8: { size: 1, read: scaled },
  uint16: { size: 2, read: (bytes, how) => scaled(new Uint16Array(Uint8Array.from(bytes).buffer), how) },
};

function readWeight({ name, shape, dtype, quantization }, bytes) {
  if (!PLAIN[dtype]) throw new Error(`weight '${name}' has the unknown type '${dtype}'`);
  const data = quantization ? QUANTISED[quantization.dtype].read(bytes, quantization) : PLAIN[dtype].read(bytes);
  if (quantization && dtype === 'int32') return { shape, dtype, data: Int32Array.from(data, Math.round) };
  return { shape, dtype, data };
}

/**
 * @param {{paths: string[], weights: Entry[]}[]} manifest
 * @param {(path: string) => Buffer} readBlob gives the bytes behind one of the manifest's paths
 * @returns {Map<string, Weight>}
 */
export function readWeights(manifest, readBlob) {
  const weights = new Map();
  for (const group of manifest) {
    const blob = Buffer.concat(group.paths.map(readBlob));
    let offset = 0;
    for (const entry of group.weights) {
      const storage = entry.quantization ? QUANTISED[entry.quantization.dtype] : PLAIN[entry.dtype];
      if (!storage) throw new Error(`weight '${entry.name}' is stored in an unknown way`);
      const end = offset + countOf(entry.shape) * storage.size;
      if (end > blob.length) throw new Error(`the weights end before '${entry.name}' does`);
      weights.set(entry.name, readWeight(entry, blob.subarray(offset, end)));
      offset = end;
    }
    if (offset !== blob.length) throw new Error(`${blob.length - offset} bytes of weights belong to nothing`);
  }
  return weights;
}

/** Hands weights out by name and remembers which were asked for, so that none is forgotten unseen. */
export class WeightStore {
  #weights;
  #used = new Set();

  /** @param {Map<string, Weight>} weights */
  constructor(weights) {
    this.#weights = weights;
  }

  /** @returns {Weight} */
  get(name) {
    const weight = this.#weights.get(name);
    if (!weight) throw new Error(`there is no weight '${name}'`);
    this.#used.add(name);
    return weight;
  }

  /** Throws when a weight was never asked for. */
  refuseUnused() {
    const unused = [...this.#weights.keys()].filter((name) => !this.#used.has(name));
    if (unused.length) throw new Error(`${unused.length} weights are used by no layer, first '${unused[0]}'`);
  }
}
