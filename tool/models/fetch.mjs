#!/usr/bin/env node
// Brings models and the runtime into a folder: fetched by npm, checked, turned into ONNX, checked again.

import path from 'node:path';
import { parseArgs } from 'node:util';
import { importers } from './importers/index.mjs';
import { fetchItems } from './items.mjs';
import { FetchError } from './npm.mjs';
import { sizeText, newProgress } from './progress.mjs';
import { readModelRows, readRuntime, SHARE_FOLDER } from './rows.mjs';

const USAGE = `Usage: node tool/models/fetch.mjs --to FOLDER [NAME… | --all] [--json] [--share FOLDER]
       node tool/models/fetch.mjs --list [--json]

NAME is a model that --list shows, or "runtime" for ONNX Runtime; --all is every one of them.
What FOLDER already holds, whole and unchanged, is left alone.`;

/** @typedef {import('./items.mjs').Item} Item */

/** @returns {Item} */
function modelItem({ name, title, file, bytes, sha256, licence, source }) {
  const { importer, args, ...download } = source;
  const { wants, importModel } = importers[importer];
  const make = (files) => importModel(files, args);
  return { name, title, licence: licence.name, file, bytes, sha256, download, wants: (p) => wants(p, args), make };
}

/** @returns {Item[]} the runtime for this machine; none where it is not offered */
function runtimeItems({ title, licence, source, files }) {
  const library = files[`${process.platform}-${process.arch}`];
  if (!library) return [];
  const { path: inside, file, bytes, sha256 } = library;
  const wants = (p) => p === inside;
  const made = { file: path.join('runtime', file), bytes, sha256, wants, make: (packed) => packed.get(inside) };
  return [{ name: 'runtime', title, licence: licence.name, download: source, ...made }];
}

function listItems(items, json) {
  for (const { name, title, licence, bytes, download } of items) {
    if (json) {
      console.log(JSON.stringify({ name, title, licence, bytes, download_bytes: download.download_bytes }));
    } else {
      const sizes = `${sizeText(bytes).padStart(9)}  (download ${sizeText(download.download_bytes)})`;
      console.log(`${name.padEnd(20)} ${sizes.padEnd(32)} ${licence.padEnd(14)} ${title}`);
    }
  }
}

function choose(items, names, all) {
  if (all) return items;
  return [...new Set(names)].map((name) => {
    const item = items.find((candidate) => candidate.name === name);
    const known = items.map((i) => i.name).join(', ');
    if (!item) throw new FetchError(`'${name}' is not offered for this machine`, `Known are: ${known}.`);
    return item;
  });
}

const OPTIONS = {
  to: { type: 'string' },
  share: { type: 'string', default: SHARE_FOLDER },
  all: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

/** @returns {Promise<number>} exit status: 0 all there, 1 some not, 2 not understood */
async function main(argv) {
  let values, positionals;
  try {
    ({ values, positionals } = parseArgs({ args: argv, options: OPTIONS, allowPositionals: true }));
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  const hasJob = values.list || (values.to && (values.all || positionals.length));
  if (values.help || !hasJob) {
    (values.help ? console.log : console.error)(USAGE);
    return values.help ? 0 : 2;
  }
  const runtime = runtimeItems(readRuntime(path.join(values.share, 'runtime.json')));
  const items = [...runtime, ...readModelRows(path.join(values.share, 'models')).map(modelItem)];
  if (values.list) {
    listItems(items, values.json);
    return 0;
  }
  const chosen = choose(items, positionals, values.all);
  const progress = newProgress({ json: values.json, stream: process.stdout });
  return (await fetchItems(chosen, values.to, progress)) ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error.advice ? `${error.message}. ${error.advice}` : error);
  process.exitCode = 1;
}
