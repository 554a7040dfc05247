// Number formats that weights are stored in, and what has to be done to them before they become ONNX.

const SMALLEST_NORMAL_FLOAT32 = 2 ** -126;

/**
 * @param {number} bits 16 bits of an IEEE 754 half
 * @returns {number}
 */
export function halfToNumber(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let everyHalf;

/**
 * @param {Buffer} bytes little-endian halves
 * @returns {Float32Array} exact: every half is a float32
 */
export function halvesToFloat32(bytes) {
  if (bytes.length % 2) throw new Error(`${bytes.length} bytes are not a whole number of halves`);
  everyHalf ??= Float32Array.from({ length: 0x10000 }, (_, bits) => halfToNumber(bits));
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++) values[i] = everyHalf[bytes[2 * i] | (bytes[2 * i + 1] << 8)];
  return values;
}

/**
 * @param {Buffer} bytes little-endian, at any alignment
 * @returns {Float32Array} a copy
 */
export function bytesToFloat32(bytes) {
  if (bytes.length % 4) throw new Error(`${bytes.length} bytes are not a whole number of float32`);
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/**
 * @param {Buffer} bytes little-endian, at any alignment
 * @returns {Int32Array} a copy
 */
export function bytesToInt32(bytes) {
  if (bytes.length % 4) throw new Error(`${bytes.length} bytes are not a whole number of int32`);
  return new Int32Array(Uint8Array.from(bytes).buffer);
}

/** @returns {Buffer} the bytes of a typed array, as this (little-endian) machine and ONNX store them */
export const bytesOf = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/**
 * Sets denormal weights to zero, in place: they mean nothing in a sum, and make x86 several times slower.
 * @param {Float32Array} values
 * @returns {Float32Array} `values`
 */
export function zeroDenormals(values) {
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) < SMALLEST_NORMAL_FLOAT32) values[i] = 0;
  return values;
}

/** @returns {number} how many numbers a tensor of this shape holds */
export const countOf = (shape) => shape.reduce((product, length) => product * length, 1);
