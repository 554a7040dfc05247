// The rows of share/: one JSON file a model, and the runtime.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { importers } from './importers/index.mjs';

/** Where the rows lie in the source tree. */
export const SHARE_FOLDER = fileURLToPath(new URL('../../share', import.meta.url));

/**
 * @typedef {{package: string, version: string, integrity: string, download_bytes: number}} Download
 * @typedef {{name: string, title: string, file: string, bytes: number, sha256: string, licence: {name: string},
 *   source: Download & {importer: string, args: object}}} ModelRow
 * @typedef {{path: string, file: string, bytes: number, sha256: string}} RuntimeFile
 * @typedef {{name: string, title: string, licence: {name: string}, source: Download,
 *   files: Record<string, RuntimeFile>}} Runtime `files` is keyed by Node's platform-arch
 */

function refuseIncomplete(row, file, fields) {
  const missing = fields.find((field) => row[field] === undefined);
  if (missing) throw new Error(`${file}: '${missing}' is missing`);
}

/**
 * @param {string} folder
 * @returns {ModelRow[]} sorted by name
 */
export function readModelRows(folder = path.join(SHARE_FOLDER, 'models')) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    const row = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    refuseIncomplete(row, file, ['name', 'title', 'file', 'bytes', 'sha256', 'licence', 'source']);
    refuseIncomplete(row.source, file, ['package', 'version', 'integrity', 'download_bytes', 'importer', 'args']);
    if (!importers[row.source.importer]) throw new Error(`${file}: importer '${row.source.importer}' is not known`);
    return row;
  });
}

/** @returns {Runtime} */
export function readRuntime(file = path.join(SHARE_FOLDER, 'runtime.json')) {
  const runtime = JSON.parse(readFileSync(file, 'utf8'));
  refuseIncomplete(runtime, file, ['name', 'title', 'licence', 'source', 'files']);
  return runtime;
}
