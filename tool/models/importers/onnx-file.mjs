// Packages that ship an ONNX file: only what we do not use is taken out.

import { bytesOf, bytesToFloat32, zeroDenormals } from '../numbers.mjs';
import { keepOutputs } from '../onnx/edit.mjs';
import { DataType, ModelProto } from '../onnx/schema.mjs';
import { decode, encode } from '../onnx/wire.mjs';

/** @param {{model: string}} args */
export const wants = (file, { model }) => file === model;

/**
 * @param {Map<string, Buffer>} files
 * @param {{model: string, outputs: string[]}} args
 * @returns {Buffer}
 */
export function importModel(files, { model, outputs }) {
  const network = decode(ModelProto, files.get(model));
  keepOutputs(network.graph, outputs);
  for (const tensor of network.graph.initializer.filter(({ dataType }) => dataType === DataType.FLOAT)) {
    if (tensor.rawData) tensor.rawData = bytesOf(zeroDenormals(bytesToFloat32(tensor.rawData)));
    else zeroDenormals(tensor.floatData);
  }
  return encode(ModelProto, network);
}
