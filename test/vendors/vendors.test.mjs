/* Vendors' own clients, unchanged. They hold our stand-in to what its vendors' clients expect, and the webhook vectors of the unit tests to what
 * the vendors' own code makes of them: so neither is our own idea of a vendor alone. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = at('../../build/test/vendor_stand_in');
const installed = existsSync(at('node_modules/replicate'));
const missing = !installed
  ? 'the clients are not installed: npm ci --prefix test/vendors --ignore-scripts'
  : !existsSync(program) && 'the stand-in is not built: ninja -C build';

let standIn, base;

before(async () => {
  if (missing) return;
  standIn = spawn(program, ['0', '300'], { stdio: ['ignore', 'pipe', 'inherit'] });
  base = String((await once(standIn.stdout, 'data'))[0]).trim();
});

after(() => standIn?.kill());

const isPng = async (url) => {
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
};

async function falClient() {
  const { createFalClient } = await import('@fal-ai/client');
  return createFalClient({
    credentials: 'id:secret',
    requestMiddleware: async (request) => ({ ...request, url: request.url.replace('https://queue.fal.run', `${base}/fal`) }),
  });
}

test("fal's client submits, waits and fetches", { skip: missing }, async () => {
  const fal = await falClient();
  const states = new Set();
  const { data } = await fal.subscribe('fal-ai/flux/schnell', {
    input: { prompt: 'a mug', num_images: 2 },
    pollInterval: 50,
    onQueueUpdate: (update) => states.add(update.status),
  });

  assert.equal(data.images.length, 2);
  assert.ok(states.has('COMPLETED')); // what it was before is not seen on a slow machine
  await isPng(data.images[0].url);
});

test("fal's client calls work off", { skip: missing }, async () => {
  const fal = await falClient();
  const { request_id: requestId } = await fal.queue.submit('fal-ai/flux/schnell', { input: { prompt: 'a vase' } });

  await fal.queue.cancel('fal-ai/flux/schnell', { requestId });
});

test("fal's client reads refusals", { skip: missing }, async () => {
  const { ValidationError } = await import('@fal-ai/client');
  const fal = await falClient();

  await assert.rejects(fal.queue.submit('fal-ai/flux/schnell', { input: { prompt: 'fault-moderated' } }), (error) => {
    assert.ok(error instanceof ValidationError);
    assert.equal(error.fieldErrors[0].type, 'content_policy_violation');
    return true;
  });
});

async function replicateClient() {
  const { default: Replicate } = await import('replicate');
  return new Replicate({ auth: 'token', baseUrl: `${base}/replicate/v1`, useFileOutput: false });
}

test("Replicate's client runs a model by its version and by its name", { skip: missing }, async () => {
  const replicate = await replicateClient();
  const version = '7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc';

  for (const model of [`stability-ai/sdxl:${version}`, 'black-forest-labs/flux-schnell']) {
    const output = await replicate.run(model, { input: { prompt: 'a mug', num_outputs: 2 } });
    assert.equal(output.length, 2);
    await isPng(output[0]);
  }
});

test("Replicate's client waits, and calls work off", { skip: missing }, async () => {
  const replicate = await replicateClient();
  const begun = await replicate.predictions.create({ version: 'v', input: { prompt: 'a mug' } });

  assert.equal(begun.status, 'processing');
  assert.equal((await replicate.wait(begun, { interval: 50 })).status, 'succeeded');
  const other = await replicate.predictions.create({ version: 'v', input: { prompt: 'a vase' } });
  assert.equal((await replicate.predictions.cancel(other.id)).status, 'canceled');
});

/* ---- the vectors of the unit tests ---- */

const source = (name) => readFileSync(at(`../unit/vendor/${name}`), 'utf8');
const value = (text, pattern) => pattern.exec(text)[1];

test("Replicate's own check takes the webhook that ours takes, and no other", { skip: missing }, async () => {
  const { validateWebhook } = await import('replicate');
  const text = source('replicate_test.c');
  const webhook = {
    id: value(text, /"webhook-id", "(.*?)"/),
    timestamp: value(text, /"webhook-timestamp", "(\d+)"/),
    signature: value(text, /#define SIGNATURE "(.*?)"/),
    body: JSON.parse(value(text, /hook_body\[\] =\s*(".*?");/s)),
    secret: value(source('line_up.c'), /(whsec_[A-Za-z0-9+/=]+)/),
  };

  assert.equal(await validateWebhook(webhook), true);
  assert.equal(await validateWebhook({ ...webhook, body: `${webhook.body} ` }), false);
  assert.equal(await validateWebhook({ ...webhook, id: 'msg_2b' }), false);
});

test('the key and signature of fal that ours takes are Ed25519 to OpenSSL', { skip: missing }, () => {
  const text = source('fal_test.c');
  const x = value(source('line_up.c'), /\\"x\\":\\"([A-Za-z0-9_-]{43})\\"/);
  const id = value(text, /#define HOOKED "(.*?)"/);
  const body = `{"request_id":"${id}","gateway_request_id":"${id}","status":"OK","payload":{"images":[]}}`;
  const hash = crypto.createHash('sha256').update(body).digest('hex');
  const signature = [...value(text, /Webhook-Signature",((?:\s*"[0-9a-f]+")+)/).matchAll(/[0-9a-f]{2,}/g)].join('');
  const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const said = (user) => Buffer.from([id, user, value(text, /Webhook-Timestamp", "(\d+)"/), hash].join('\n'));

  assert.equal(crypto.verify(null, said('user_7'), key, Buffer.from(signature, 'hex')), true);
  assert.equal(crypto.verify(null, said('user_8'), key, Buffer.from(signature, 'hex')), false);
});
