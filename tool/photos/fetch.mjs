#!/usr/bin/env node
// Brings the demo's product photos into a folder: fetched by npm, checked by hash, credited to their makers.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fetchItems } from '../models/items.mjs';
import { newProgress } from '../models/progress.mjs';
import { SHARE_FOLDER } from '../models/rows.mjs';

const USAGE = 'Usage: node tool/photos/fetch.mjs --to FOLDER [--json] | --list [--json]';

const OPTIONS = {
  to: { type: 'string' },
  list: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
};

/** @returns {import('../models/items.mjs').Item} */
function photoItem(photo, source) {
  const { name, title, credit, file, bytes, sha256, path: inside } = photo;
  const made = { wants: (p) => p === inside, make: (files) => files.get(inside) };
  return { name, title, licence: credit, file, bytes, sha256, download: source, ...made };
}

function list(photos, licence, json) {
  for (const photo of photos) {
    if (json) console.log(JSON.stringify({ ...photo, licence: licence.name }));
    else console.log(`${photo.file.padEnd(16)} ${photo.title.padEnd(28)} ${photo.credit} (${licence.name})`);
  }
}

/** @returns {Promise<number>} exit status: 0 all there, 1 some not, 2 not understood */
async function main(argv) {
  let values;
  try {
    ({ values } = parseArgs({ args: argv, options: OPTIONS }));
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    return 2;
  }
  const { source, licence, photos } = JSON.parse(readFileSync(path.join(SHARE_FOLDER, 'photos.json'), 'utf8'));
  if (values.list) {
    list(photos, licence, values.json);
    return 0;
  }
  if (!values.to) {
    console.error(USAGE);
    return 2;
  }
  const progress = newProgress({ json: values.json, stream: process.stdout });
  return (await fetchItems(photos.map((photo) => photoItem(photo, source)), values.to, progress)) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
