// Reads npm's tarballs (gzip over ustar) as a stream: only the files that are wanted are kept in memory.

import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const BLOCK = 512;

/** Types of an entry: '0' and NUL are files, 'x' is a pax header about the next entry, 'g' one about all. */
const TYPE = { FILE: '0', OLD_FILE: '\0', PAX: 'x', PAX_GLOBAL: 'g' };

/** Hands out exact numbers of bytes from a stream of arbitrary chunks. */
class ByteQueue {
  constructor(stream) {
    this.chunks = stream[Symbol.asyncIterator]();
    this.rest = Buffer.alloc(0);
  }

  /** @returns {Promise<Buffer>} fewer bytes only where the stream ends */
  async take(length) {
    const parts = [];
    let missing = length;
    while (missing > 0) {
      if (!this.rest.length) {
        const { value, done } = await this.chunks.next();
        if (done) break;
        this.rest = value;
      }
      const part = this.rest.subarray(0, missing);
      this.rest = this.rest.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  async skip(length) {
    for (let left = length; left > 0; ) left -= (await this.take(Math.min(left, 1 << 20))).length || left;
  }
}

const textField = (header, start, length) => header.toString('utf8', start, start + length).replace(/\0.*$/s, '');

function parseHeader(header) {
  const octal = (start, length) => parseInt(textField(header, start, length).trim() || '0', 8);
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (sum !== octal(148, 8)) throw new Error('the tarball is damaged: the checksum of an entry is wrong');
  const prefix = textField(header, 345, 155);
  const name = textField(header, 0, 100);
  return { path: prefix ? `${prefix}/${name}` : name, bytes: octal(124, 12), type: String.fromCharCode(header[156]) };
}

/** @returns {string|undefined} the path that a pax header gives to the next entry */
const paxPath = (bytes) => /^\d+ path=(.*)$/m.exec(bytes.toString('utf8'))?.[1];

/**
 * @param {string} tarball path of a .tgz file
 * @param {(path: string) => boolean} wants takes paths without the leading folder ("package/")
 * @returns {Promise<Map<string, Buffer>>} the wanted files by path; `get` throws for one that the package lacks
 */
export async function readTarball(tarball, wants) {
  const compressed = createReadStream(tarball);
  const plain = createGunzip();
  compressed.on('error', (error) => plain.destroy(error));
  const queue = new ByteQueue(compressed.pipe(plain));
  const files = new PackageFiles();
  let longPath;
  for (;;) {
    const header = await queue.take(BLOCK);
    if (header.length < BLOCK || header.every((byte) => byte === 0)) return files;
    const { path, bytes, type } = parseHeader(header);
    const padding = (BLOCK - (bytes % BLOCK)) % BLOCK;
    const name = (longPath ?? path).replace(/^[^/]*\//, '');
    const isFile = type === TYPE.FILE || type === TYPE.OLD_FILE;
    if (type === TYPE.PAX) longPath = paxPath(await queue.take(bytes));
    else if (isFile && wants(name)) files.set(name, await takeWhole(queue, bytes, name));
    else await queue.skip(bytes);
    if (type !== TYPE.PAX && type !== TYPE.PAX_GLOBAL) longPath = undefined;
    await queue.skip(padding);
  }
}

async function takeWhole(queue, length, name) {
  const bytes = await queue.take(length);
  if (bytes.length !== length) throw new Error(`the tarball ends inside '${name}'`);
  return bytes;
}

/** Files of a package by path. */
export class PackageFiles extends Map {
  /** @returns {Buffer} */
  get(path) {
    if (!this.has(path)) throw new Error(`the package holds no file '${path}'`);
    return super.get(path);
  }
}
