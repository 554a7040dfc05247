// Promises of sending: photos come by every way that hands know, and whatever goes wrong on the way is said and can be mended.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { photosDraw } from './photos.mjs';
import { becomes, browserOpen, firstRun, go, hold, phone, ready, serve, shoot, windowOpen, workMs } from './studio.mjs';

const upload = '**/items/upload';
let server, browser, cookies, photos, folder;

before(async () => {
  server = await serve();
  browser = await browserOpen();
  const page = await windowOpen(browser);
  cookies = await firstRun(page, server.url);
  photos = await photosDraw(page, [['one', 520, '#b5452c'], ['two', 520, '#2d6a8a'], ['three', 520, '#3c7a3c'], ['small', 499, '#555555']]);
  await page.context().close();
  folder = mkdtempSync(join(tmpdir(), 'cyclorama-photos-'));
  mkdirSync(join(folder, 'spring', 'bowls'), { recursive: true });
  for (const [at, where] of ['', 'spring', 'spring/bowls'].entries()) writeFileSync(join(folder, where, photos[at].name), photos[at].buffer);
  for (let at = 0; at < 5; at++) writeFileSync(join(folder, 'spring', `list-${at}.txt`), 'x');
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function open(how = {}) {
  const page = await windowOpen(browser, { cookies, ...how });
  await go(page, `${server.url}/upload`);
  return page;
}
const input = (page) => page.locator('.drop input[type=file]').first();
const sent = (page, count) => page.waitForFunction((n) => document.querySelectorAll('.file.is-sent').length === n, count, { timeout: workMs });

async function closed(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

/* What a hand on the desk does: PATHS are carried over the middle of TARGET and let go. */
async function carry(page, target, paths) {
  const line = await page.context().newCDPSession(page);
  const { x, y, width, height } = await page.locator(target).first().boundingBox();
  for (const type of ['dragEnter', 'dragOver', 'drop'])
    await line.send('Input.dispatchDragEvent', { type, x: x + width / 2, y: y + height / 2, data: { items: [], files: paths, dragOperationsMask: 1 } });
}

test('a photo is pasted', async () => {
  const page = await open();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(600, 600);
    canvas.getContext('2d').fillRect(150, 150, 300, 300);
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': canvas.convertToBlob() })]);
  });
  await page.keyboard.press('Control+V');
  await sent(page, 1);
  await closed(page);
});

test('a phone offers its camera, and what it took is sent', async () => {
  const page = await open({ size: phone });
  assert.equal(await page.getByText('Folder').isVisible(), false, 'phones have no folders to choose');
  const [camera] = await Promise.all([page.waitForEvent('filechooser'), page.getByText('Camera').tap()]);
  assert.deepEqual(await camera.element().evaluate((one) => [one.getAttribute('capture'), one.accept]), ['environment', 'image/*']);
  assert.equal(camera.isMultiple(), false);
  await camera.setFiles(photos[0]);
  await sent(page, 1);
  await closed(page);
});

test('a folder is dropped whole; what is no photo in it is one row', async () => {
  const page = await open();
  await carry(page, '.drop', [folder]);
  await sent(page, 3);
  assert.deepEqual((await page.locator('.file.is-sent .file-name').allTextContents()).sort(), ['one.jpg', 'three.jpg', 'two.jpg']);
  await becomes(() => page.locator('.file.is-unfit').allTextContents(), ([one, ...more]) => /5 files.*JPEG/.test(one) && more.length === 0);
  await hold(page, 'a folder');
  await shoot(page, 'upload-folder-1360');
  await closed(page);
});

test('a photo that misses its place is taken all the same', async () => {
  const page = await windowOpen(browser, { cookies });
  await go(page, `${server.url}/batches`);
  await carry(page, '.nav', [join(folder, 'one.jpg')]);
  await page.waitForURL('**/upload');
  await sent(page, 1);
  await closed(page);
});

test('one that was refused says why and is sent again; one is called off; the others arrive', async () => {
  const page = await open();
  page.excused.push(0, 400, 403, 422);
  let isShut = true;
  const held = [];
  await page.route(upload, (route) => {
    const name = route.request().postData()?.match(/filename="([^"]+)"/)?.[1];
    if (name === 'one.jpg' && isShut) return route.fulfill({ status: 403, json: { success: false, error: 'forbidden', message: 'Not today.' } });
    if (name === 'two.jpg') return held.push(route);
    return route.continue();
  });
  await input(page).setInputFiles(photos);
  await sent(page, 1);
  const row = (name) => page.locator('.file', { hasText: name });
  await becomes(() => row('one.jpg').locator('.wrong').textContent(), /\w{4}/);
  await row('small.jpg').getByText(/500/).waitFor();
  await becomes(() => page.textContent('.dock'), /1 photo is ready/);

  isShut = false;
  await row('one.jpg').getByRole('button', { name: 'Send one.jpg again' }).click();
  await sent(page, 2);
  const called = page.waitForEvent('requestfailed');
  await row('two.jpg').getByRole('button', { name: 'Remove two.jpg' }).click();
  await called;
  await becomes(() => page.locator('.file').count(), 3);
  await row('one.jpg').getByRole('button', { name: 'Remove one.jpg' }).click();
  await page.getByText('1 photo is ready').waitFor();
  await closed(page);
});

test('what is under way when the network goes waits for it, and arrives', async () => {
  const page = await open();
  page.excused.push(0);
  let isAway = true;
  await page.route(upload, async (route) => {
    if (!isAway) return route.continue();
    await page.context().setOffline(true);
    return route.abort('internetdisconnected');
  });
  await input(page).setInputFiles(photos.slice(0, 3));
  await page.getByText('No connection.').first().waitFor();
  await hold(page, 'offline');
  await shoot(page, 'upload-offline-1360');
  isAway = false;
  await page.context().setOffline(false);
  await sent(page, 3);
  await closed(page);
});

test('what the server could not take is tried again all at once', async () => {
  const page = await open();
  page.excused.push(503);
  let isBusy = true;
  await page.clock.install(); // pauses between tries are not waited for
  await page.route(upload, (route) => (isBusy ? route.fulfill({ status: 503, body: '<h1>no</h1>' }) : route.continue()));
  await input(page).setInputFiles(photos.slice(0, 2));
  const inTime = (read, expected) => becomes(async () => {
    await page.clock.runFor(1000);
    return read();
  }, expected);
  const again = page.getByRole('button', { name: 'Try 2 again' });
  await inTime(() => again.isVisible(), true);
  await becomes(() => page.locator('.file.is-failed .wrong').first().textContent(), /connection broke/);
  isBusy = false;
  await again.click();
  await inTime(() => page.locator('.file.is-sent').count(), 2);
  await closed(page);
});

test('a reload in the middle asks first, and keeps what had arrived', async () => {
  const page = await open();
  page.excused.push(0);
  await page.route(upload, (route) => (route.request().postData()?.includes('filename="two.jpg"') ? undefined : route.continue()));
  await input(page).setInputFiles(photos.slice(0, 3));
  await sent(page, 2);
  const asked = new Promise((done) => page.once('dialog', (dialog) => { done(dialog.type()); void dialog.accept(); }));
  await page.evaluate(() => setTimeout(() => location.reload()));
  assert.equal(await asked, 'beforeunload');
  await page.getByText('2 photos are in this project already.').waitFor();
  await becomes(() => page.textContent('.dock'), /2 photos are ready/);
  await page.reload(); // nothing is under way: nobody asks
  await ready(page);
  await closed(page);
});

test('of more than a hundred, a hundred are sent and the rest is one row', async () => {
  const page = await open({ size: phone });
  let at = 0;
  await page.route(upload, (route) => route.fulfill({ status: 201, json: { items: [{ id: `i${at++}`, projectId: 'p' }] } }));
  const many = Array.from({ length: 130 }, (_, n) => ({ ...photos[0], name: `photo-${n}.jpg` }));
  await input(page).setInputFiles(many);
  await sent(page, 100);
  await becomes(() => page.locator('.file').count(), 101);
  await becomes(() => page.textContent('.file.is-unfit'), /30 files.*Only 100 photos/);
  await closed(page);
});

test('two tabs have a project each', async () => {
  const page = await open();
  const other = await windowOpen(browser, { context: page.context() });
  await go(other, `${server.url}/upload`);
  await input(page).setInputFiles(photos.slice(0, 2));
  await input(other).setInputFiles(photos.slice(2, 3));
  await Promise.all([page.getByText('2 photos are ready').waitFor(), other.getByText('1 photo is ready').waitFor()]);
  const [a, b] = await Promise.all([page, other].map((one) => one.evaluate(() => sessionStorage.getItem('project'))));
  assert.notEqual(a, b);
  assert.deepEqual(other.complaints, []);
  await closed(page);
});

test('a project that was deleted elsewhere is let go', async () => {
  const page = await open();
  await input(page).setInputFiles(photos.slice(0, 1));
  await sent(page, 1);
  await page.evaluate(() => fetch(`/api/apps/product-photo-studio/projects/${sessionStorage.getItem('project')}`, { method: 'DELETE', headers: { 'X-Requested-With': 'cyclorama' } }));
  page.excused.push(404);
  await page.reload();
  await ready(page);
  await page.waitForFunction(() => !sessionStorage.getItem('project'));
  assert.equal(await page.locator('.toast').count(), 0);
  await input(page).setInputFiles(photos.slice(0, 1));
  await sent(page, 1);
  await closed(page);
});

test('whoever has too few credits is told so where it happens, and where to get more', async () => {
  const page = await open();
  await page.evaluate(async () => {
    const ask = async (path, body) => {
      const reply = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'cyclorama' }, body: JSON.stringify(body) });
      if (!reply.ok) throw new Error(await reply.text());
      return reply.json();
    };
    const tenant = await ask('/v1/tenants', { name: 'Nearly spent', plan: 'pro' });
    await ask('/v1/users', { tenant_id: tenant.tenant_id, email: 'few@shop.example', name: 'Few', password: 'a long enough one', role: 'owner' });
    const { available } = await (await fetch(`/v1/tenants/${tenant.tenant_id}/credits`, { headers: { Accept: 'application/json' } })).json();
    await ask(`/v1/tenants/${tenant.tenant_id}/credits`, { credits: 9 - available, reason: 'a test' });
  });
  await closed(page);
  const few = await windowOpen(browser);
  few.excused.push(402, 403);
  await go(few, `${server.url}/sign-in`);
  await few.fill('[name=email]', 'few@shop.example');
  await few.fill('[name=password]', 'a long enough one');
  await few.click('button[type=submit]');
  await few.waitForURL('**/dashboard');
  await ready(few);
  await becomes(() => few.textContent('.credits'), '9 credits');
  await input(few).setInputFiles(photos.slice(0, 1));
  await sent(few, 1);
  await few.locator('.credits', { hasText: '7 credits' }).waitFor();
  await few.getByRole('link', { name: 'Choose a look' }).click();
  await few.getByRole('button', { name: 'Marketplace white' }).click();
  await few.getByRole('button', { name: 'Use it on 1 photo' }).click();
  const told = few.locator('dialog .notice.is-bad');
  await becomes(() => told.textContent(), /credits.*(missing|enough)/i);
  assert.ok(await few.locator('dialog').isVisible(), 'the look is still there');
  await shoot(few, 'credits-spent-1360');
  await told.getByRole('link', { name: 'Credits' }).click();
  await few.waitForURL('**/billing');
  await closed(few);
});
