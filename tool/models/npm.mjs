// Fetches one package with the npm client that is installed, under its user's own configuration.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A failure that a person can do something about; `advice` says what. */
export class FetchError extends Error {
  /**
   * @param {string} message
   * @param {string} advice
   */
  constructor(message, advice) {
    super(message);
    this.advice = advice;
  }
}

/** Codes that npm prints, and what to do about each. */
const NPM_ADVICE = [
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/,
    'Check the network, or the proxy and registry that `npm config list` shows, then run the same command again.',
  ],
  [
    /\b(E404|ETARGET|E403)\b/,
    'The registry that `npm config get registry` names does not offer this package. Ask its keeper, or use another one.',
  ],
  [/\b(E401|ENEEDAUTH)\b/, 'The registry wants a sign-in: run `npm login`, then the same command again.'],
  [/\bENOSPC\b/, 'The disk is full: make room and run the same command again.'],
];

const OTHER_ADVICE = 'Read what npm said above, then run the same command again.';

/** @returns {Promise<{code: number, said: string}>} */
function runNpm(args) {
  return new Promise((resolve, reject) => {
    const npm = spawn('npm', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const stop = () => npm.kill();
    process.once('exit', stop);
    let said = '';
    npm.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    npm.on('error', (error) => {
      const advice = 'Install Node.js 20 with npm (on Debian: apt install npm), then run the same command again.';
      reject(error.code === 'ENOENT' ? new FetchError('npm is not installed', advice) : error);
    });
    npm.on('close', (code) => {
      process.off('exit', stop);
      resolve({ code, said });
    });
  });
}

async function hashFile(file, algorithm, encoding) {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest(encoding);
}

/** @returns {Promise<string>} lower-case hexadecimal */
export const sha256OfFile = (file) => hashFile(file, 'sha256', 'hex');

/**
 * Downloads a package and checks it before anyone looks inside. Nothing of the package is run.
 * @param {import('./rows.mjs').Download} download
 * @param {string} folder empty, the caller's own
 * @returns {Promise<string>} path of the tarball in `folder`
 */
export async function packTarball({ package: name, version, integrity }, folder) {
  const wanted = `${name}@${version}`;
  const options = ['--ignore-scripts', '--pack-destination', folder, '--loglevel', 'error'];
  const { code, said } = await runNpm(['pack', wanted, ...options]);
  if (code !== 0) {
    const advice = NPM_ADVICE.find(([pattern]) => pattern.test(said))?.[1] ?? OTHER_ADVICE;
    const reasons = said.split('\n').filter((line) => /^npm (error|ERR!)/.test(line) && !/A complete log/.test(line));
    throw new FetchError(`npm could not fetch ${wanted}\n${reasons.slice(0, 4).join('\n')}`, advice);
  }
  const tarballs = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
  if (tarballs.length !== 1) throw new FetchError(`npm left ${tarballs.length} files for ${wanted}`, OTHER_ADVICE);
  const tarball = path.join(folder, tarballs[0]);
  await checkIntegrity(tarball, wanted, integrity);
  return tarball;
}

async function checkIntegrity(tarball, wanted, integrity) {
  const [algorithm, expected] = integrity.split(/-(.*)/s);
  if (algorithm !== 'sha512') throw new Error(`integrity of ${wanted} must be a sha512`);
  if ((await hashFile(tarball, 'sha512', 'base64')) === expected) return;
  const advice =
    'It was thrown away unopened. Run `npm cache verify` and try again; if it happens again, the registry serves ' +
    'something else under this version: do not use it, and tell us.';
  throw new FetchError(`${wanted} is not the package that we know (its SHA-512 differs)`, advice);
}
