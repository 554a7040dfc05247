// Every kind of source that can become an ONNX file; a descriptor names one as `source.importer`.

import * as faceApi from './face-api.mjs';
import * as isnetChunks from './isnet-chunks.mjs';
import * as ncnn from './ncnn.mjs';
import * as onnxFile from './onnx-file.mjs';
import * as tfjsGraph from './tfjs-graph.mjs';
import * as tfjsLayers from './tfjs-layers.mjs';

/**
 * @typedef {object} Importer
 * @property {(path: string, args: any) => boolean} wants whether a file of the package is needed
 * @property {(files: Map<string, Buffer>, args: any) => Buffer} importModel the same files and args give the same bytes
 */

/** @type {Record<string, Importer>} */
export const importers = {
  'face-api': faceApi,
  'isnet-chunks': isnetChunks,
  ncnn,
  'onnx-file': onnxFile,
  'tfjs-graph': tfjsGraph,
  'tfjs-layers': tfjsLayers,
};
