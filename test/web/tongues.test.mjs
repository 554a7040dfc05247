// Promises of the languages: with work on them, pages show no English to people who read Indonesian or Thai.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { json, speaks } from './english.mjs';
import { pages } from './pages.mjs';
import { ann, becomes, browserOpen, desk, firstRun, go, languageSet, ready, serve, shoot, windowOpen } from './studio.mjs';

const languages = ['id', 'th'];
let server, browser, cookies, project, batch, failed, photos;

/* ---- work to be shown ---- */

const ask = (page, method, path, body) => page.evaluate(async ([how, where, what]) => {
  const reply = await fetch(where, { method: how, headers: { 'X-Requested-With': 'cyclorama', ...(what ? { 'Content-Type': 'application/json' } : {}) }, ...(what ? { body: JSON.stringify(what) } : {}) });
  return reply.json();
}, [method, path, body]);
const app = '/api/apps/product-photo-studio';

/* What the server says of a photo that failed; that no model has to work for it, it is put into its answers. */
const why = { code: 'image_too_large', message: 'The picture is 9000 x 600 pixels; at most 8000 pixels a side are accepted. Save it smaller.',
  said: { sentence: 'The picture is {1} x {2} pixels; at most {3} pixels a side are accepted. Save it smaller.', values: ['9000', '600', '8000'] } };

/* A mug, and another. */
const upload = (page, id) => page.evaluate(async (where) => {
  const form = new FormData();
  for (const name of ['mug', 'fog']) {
    const canvas = new OffscreenCanvas(600, 600);
    const to = canvas.getContext('2d');
    to.fillStyle = '#c9c4ba';
    to.fillRect(0, 0, 600, 600);
    if (name === 'mug') {
      to.fillStyle = '#b5452c';
      to.fillRect(170, 180, 260, 300);
    }
    form.append('files', await canvas.convertToBlob({ type: 'image/jpeg' }), `${name}.jpg`);
  }
  await fetch(where, { method: 'POST', headers: { 'X-Requested-With': 'cyclorama' }, body: form });
}, `${app}/projects/${id}/items/upload`);

before(async () => {
  server = await serve();
  browser = await browserOpen();
  const page = await windowOpen(browser);
  cookies = await firstRun(page, server.url);
  project = (await ask(page, 'POST', `${app}/projects`, { name: 'Rack of mugs' })).id;
  await upload(page, project);
  batch = (await ask(page, 'POST', `${app}/projects/${project}/apply-template`, { templateId: 'marketplace-white' })).generationId;
  await ask(page, 'POST', `${app}/generations/${batch}/cancel`);
  const ended = await ask(page, 'GET', `${app}/generations/${batch}`);
  const items = ended.items.map((one) => ({ ...one, status: 'failed', reason: why.code, errorMessage: why.message, errorSaid: why.said }));
  failed = { ...ended, status: 'failed', failed: items.length, cancelled: 0, items };
  photos = await ask(page, 'GET', `${app}/projects/${project}/items?limit=100`);
  photos.items = photos.items.map((one) => ({ ...one, status: 'failed', errorCode: why.code, errorMessage: why.message, errorSaid: why.said }));
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/* ---- promises ---- */

async function open(language, path, signedIn = true) {
  const page = await windowOpen(browser, { size: desk, cookies: signedIn ? cookies : [] });
  await page.route(`**/generations/${batch}`, (route) => route.fulfill({ json: failed }));
  await page.route(new RegExp(`/projects/${project}/items\\?`), (route) => (route.request().method() === 'GET' ? route.fulfill({ json: photos }) : route.continue()));
  if (path.startsWith('/no/')) page.excused.push(404);
  await go(page, server.url + path);
  await languageSet(page, language);
  return page;
}

const rows = () => [...pages.filter((row) => row.hasWork), { path: `/batches/${batch}`, name: 'batch' }, { path: `/projects/${project}`, name: 'project' }];

for (const language of languages) {
  test(`pages with work on them speak ${language}`, async () => {
    const wrong = [];
    for (const row of rows()) {
      const page = await open(language, row.path, !row.isOpen);
      try {
        await row.prepare?.(page, server);
        await speaks(page, language, row.name);
        await shoot(page, `tongues-${row.name}-${language}`);
      } catch (found) {
        wrong.push(`${row.name}: ${found.actual ?? found.message}`);
      }
      await page.context().close();
    }
    assert.deepEqual(wrong, []);
  });

  test(`dialogs speak ${language}`, async () => {
    const page = await open(language, `/templates?project=${project}`);
    await page.locator('.gallery .tile-main').first().click();
    await page.waitForSelector('.price b');
    await speaks(page, language, 'a template');
    await go(page, `${server.url}/projects/${project}`);
    await page.locator('.tile-main').first().click();
    await page.waitForSelector('dialog form');
    await ready(page);
    await speaks(page, language, 'a photo');
    await page.context().close();
  });

  test(`refusals speak ${language}`, async () => {
    const page = await open(language, '/sign-in', false);
    page.excused.push(400, 401, 409, 422);
    await page.fill('[name=email]', ann.email);
    await page.fill('[name=password]', 'not this one');
    await page.click('button[type=submit]');
    await page.waitForSelector('.notice');
    await speaks(page, language, 'a wrong password');
    await page.context().addCookies(cookies);
    await go(page, `${server.url}/upload?project=${project}`);
    await page.locator('.drop input[type=file]').first().setInputFiles([{ name: 'tiny.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await tiny(page)) }]);
    await page.waitForSelector('.file.is-failed');
    await becomes(() => page.textContent('.file.is-failed .wrong'), /500/);
    await speaks(page, language, 'a photo that is too small');
    await page.context().close();
  });
}

const tiny = (page) => page.evaluate(async () => {
  const canvas = new OffscreenCanvas(200, 200);
  canvas.getContext('2d').fillRect(50, 50, 100, 100);
  return Array.from(new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer()));
});

for (const language of languages)
  test(`why photos failed is told in ${language}, with its numbers`, async () => {
    const page = await open(language, `/batches/${batch}`);
    const told = json(`web/src/said/${language}.json`).sentences[why.said.sentence];
    const number = (value) => new Intl.NumberFormat(language).format(value);
    const words = told.replace('{1}', number(9000)).replace('{2}', '600').replace('{3}', number(8000));
    await page.waitForFunction((text) => document.querySelector('.notice')?.textContent.includes(text), words);
    await page.context().close();
  });
