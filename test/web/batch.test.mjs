// Promises of a batch under the hand: held, stopped, tried again, looked into by mouse, touch and keys, and taken away whole.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { jpegSize, photosDraw } from './photos.mjs';
import { becomes, browserOpen, dialogOpen, firstRun, go, hold, phone, ready, serve, shoot, windowOpen, workMs } from './studio.mjs';

const api = '/api/apps/product-photo-studio';
let server, browser, cookies, page, photos, project, items;

before(async () => {
  server = await serve();
  browser = await browserOpen();
  page = await windowOpen(browser);
  await page.addInitScript(streamsKept);
  cookies = await firstRun(page, server.url);
  photos = await photosDraw(page, [['one', 520, '#b5452c'], ['two', 520, '#2d6a8a'], ...Array.from({ length: 14 }, (_, at) => [`more-${at}`, 510 + at, '#3c7a3c'])], true);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/* Streams of events are kept to be looked at, the minute until they are closed is short, and the tab can be said to be hidden. */
function streamsKept() {
  globalThis.streams = [];
  globalThis.EventSource = class extends EventSource {
    constructor(...how) {
      super(...how);
      globalThis.streams.push(this);
    }
  };
  const later = setTimeout;
  globalThis.setTimeout = (act, ms, ...rest) => later(act, ms === 60_000 ? 50 : ms, ...rest);
  Object.defineProperty(Document.prototype, 'hidden', { get: () => globalThis.isHidden ?? false });
}
const hide = (is) => page.evaluate((now) => {
  globalThis.isHidden = now;
  document.dispatchEvent(new Event('visibilitychange'));
}, is);

/* Ask as the page does. */
const ask = (method, path, body) => page.evaluate(async ([how, where, what]) => {
  const reply = await fetch(where, { method: how, headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-Requested-With': 'cyclorama' }, ...(what ? { body: JSON.stringify(what) } : {}) });
  if (!reply.ok) throw new Error(await reply.text());
  return reply.json();
}, [method, api + path, body]);

async function sent(files) {
  await page.evaluate(() => sessionStorage.removeItem('project')); // a project of its own
  await go(page, `${server.url}/upload`);
  await page.locator('.drop input[type=file]').first().setInputFiles(files);
  await page.waitForFunction((n) => document.querySelectorAll('.file.is-sent').length === n, files.length, { timeout: workMs });
  project = await page.evaluate(() => sessionStorage.getItem('project'));
  items = (await ask('GET', `/projects/${project}/items?limit=100`)).items;
}
const pill = (text) => page.locator('.batch-counts .pill', { hasText: text });
const done = (count) => page.waitForFunction((n) => document.querySelectorAll('.tile.is-ok').length >= n, count, { timeout: workMs });
const button = (name) => page.getByRole('button', { name });
const noted = () => assert.deepEqual(page.complaints, []);

test('a batch is held; its stream is closed while nobody looks and goes on from where it was; then it is stopped and the rest costs nothing', async () => {
  await sent(photos);
  const begun = await ask('POST', `/projects/${project}/apply-template`, { templateId: 'marketplace-white', itemIds: items.map((one) => one.id) });
  await ask('POST', `/generations/${begun.generationId}/pause`); // or it is done before the page is there
  await go(page, `${server.url}/batches/${begun.generationId}`);
  await pill('Paused').waitFor();
  await button('Go on').click();
  await button('Pause').click();
  await pill('Paused').waitFor();
  await hold(page, 'a batch that is held');
  await shoot(page, 'batch-paused-1360');

  await page.waitForFunction(() => globalThis.streams.some((one) => one.readyState === 1));
  await becomes(() => page.evaluate(() => globalThis.streams.filter((one) => one.readyState < 2).length), 1, 'streams of a tab');
  await button('Go on').click();
  await page.waitForFunction(() => document.querySelector('.tile.is-ok, .batch-bar'), null, { timeout: workMs });
  await hide(true);
  await page.waitForFunction(() => globalThis.streams.every((one) => one.readyState === 2));
  await hide(false);
  await page.waitForFunction(() => globalThis.streams.at(-1).readyState === 1);
  assert.match(await page.evaluate(() => globalThis.streams.at(-1).url), /[?&]after=[^&]+/);
  await done(1);

  await button('Stop').click();
  await pill('Stopped').waitFor({ timeout: workMs });
  await page.waitForFunction(() => !document.querySelector('.batch-bar'), null, { timeout: workMs });
  const end = await ask('GET', `/generations/${begun.generationId}`);
  assert.ok(end.completed >= 1 && end.cancelled >= 1, JSON.stringify(end).slice(0, 300));
  assert.ok(end.creditCharged < begun.creditCharged, 'what was not made is not paid');
  noted();
});

/* Where the store keeps the bytes of an item. */
function bytesOf(item) {
  const store = join(server.data, 'store');
  const files = readdirSync(store, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes(`/${item.id}/`) && name.endsWith(`${item.originalFileName}=`));
  assert.equal(files.length, 1, files.join(', '));
  return join(store, files[0]);
}

test('what failed says why and is tried again; by a double click no second batch is begun', async () => {
  await sent(photos.slice(0, 2));
  const lost = bytesOf(items.find((one) => one.originalFileName === 'two.png'));
  renameSync(lost, `${lost}.away`);
  const asked = [];
  page.on('request', (one) => { if (one.method() === 'POST' && /apply-template$/.test(one.url())) asked.push(one.url()); });
  await page.route('**/assets/Batch-*.js', (route) => setTimeout(() => void route.continue(), 700));
  await page.getByRole('link', { name: 'Choose a look' }).click();
  await page.waitForURL('**/templates');
  await page.getByRole('button', { name: 'Marketplace white' }).click();
  const use = button('Use it on 2 photos');
  await use.dblclick();
  await use.click({ force: true }).catch(() => {});
  await page.waitForURL('**/batches/*');
  await page.locator('.notice.is-bad').waitFor({ timeout: workMs });
  await done(1);
  assert.equal(asked.length, 1);
  const said = await page.textContent('.batch-failed');
  assert.match(said, /1 failed\s+\S/);
  await hold(page, 'a batch with a failure');
  await shoot(page, 'batch-failed-1360');
  await page.getByLabel('Only what failed').check();
  await becomes(() => page.locator('.tile').count(), 1);
  await page.getByLabel('Only what failed').uncheck();

  renameSync(`${lost}.away`, lost);
  await button('Try 1 again').click();
  await page.locator('.toast', { hasText: '1 is tried again.' }).waitFor();
  await done(2);
  await pill('Done').waitFor();
  await page.locator('.notice.is-bad').waitFor({ state: 'detached' });
  noted();
});

test('pictures are taken one by one under the names of their photos, and as a ZIP that is whole', async () => {
  const take = page.getByRole('link', { name: 'Download two.png' });
  const [one] = await Promise.all([page.waitForEvent('download'), take.click()]);
  assert.equal(one.suggestedFilename(), 'two.jpg');
  await button('Download ZIP').click();
  const [zip] = await Promise.all([page.waitForEvent('download', { timeout: workMs }), button('Make the ZIP').click()]); // it comes by itself
  assert.match(zip.suggestedFilename(), /\.zip$/);
  const folder = mkdtempSync(join(tmpdir(), 'cyclorama-zip-'));
  try {
    const path = join(folder, 'it.zip');
    await zip.saveAs(path);
    assert.match(execFileSync('unzip', ['-t', path], { encoding: 'utf8' }), /No errors detected/);
    const names = execFileSync('unzip', ['-Z1', path], { encoding: 'utf8' }).trim().split('\n');
    const pictures = names.filter((name) => /\.jpe?g$/.test(name));
    assert.equal(pictures.length, 2, names.join(', '));
    for (const name of pictures) assert.ok(jpegSize(execFileSync('unzip', ['-p', path, name], { maxBuffer: 1e8 }))[0] >= 500);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  noted();
});

const shown = (where) => where.evaluate(async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const style = document.querySelector('dialog .compare').style;
  return Object.fromEntries(['at', 'zoom', 'x', 'y'].map((name) => [name, parseFloat(style.getPropertyValue(`--${name}`))]));
});
const pictures = (where) => where.waitForFunction(() => [...document.querySelectorAll('dialog .compare-image')].filter((one) => one.complete && one.naturalWidth).length === 2);

test('before and after are compared by keys, and closing by Escape gives the focus back', async () => {
  await page.locator('.tile-main').first().focus();
  await page.keyboard.press('Enter');
  await pictures(page);
  await page.locator('dialog .compare-range').focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  await becomes(async () => (await shown(page)).at, 53);
  await page.keyboard.press('End');
  await becomes(async () => (await shown(page)).at, 100);
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await becomes(async () => (await shown(page)).zoom, 2.25);
  await page.keyboard.press('-');
  await becomes(async () => (await shown(page)).zoom, 1.5);
  await page.keyboard.press('0');
  await becomes(async () => (await shown(page)).zoom, 1);
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  await page.waitForFunction(() => document.activeElement.matches('.tile-main'));
  noted();
});

test('before and after are compared by fingers: slid, pinched, looked around', async () => {
  const hand = await windowOpen(browser, { size: phone, cookies });
  await go(hand, page.url());
  await hand.locator('.tile-main').first().tap();
  await pictures(hand);
  const { x, y, width, height } = await hand.locator('dialog .compare').boundingBox();
  const line = await hand.context().newCDPSession(hand);
  const touch = (type, ...points) => line.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([across, down], id) => ({ x: x + width * across, y: y + height * down, id })) });

  await touch('touchStart', [0.5, 0.4]);
  for (const at of [0.45, 0.35, 0.25]) await touch('touchMove', [at, 0.4]);
  await touch('touchEnd');
  await becomes(async () => (await shown(hand)).at, (at) => Math.abs(at - 25) < 2);

  await touch('touchStart', [0.45, 0.5], [0.55, 0.5]);
  for (const wide of [0.1, 0.16, 0.22, 0.3]) await touch('touchMove', [0.5 - wide / 2, 0.5], [0.5 + wide / 2, 0.5]);
  await touch('touchMove', [0.35, 0.5], [0.65, 0.5]);
  await touch('touchEnd');
  await becomes(async () => (await shown(hand)).zoom, (zoom) => zoom > 2);
  const near = await shown(hand);

  await touch('touchStart', [0.7, 0.4]);
  for (const at of [0.65, 0.6, 0.55]) await touch('touchMove', [at, 0.35]);
  await touch('touchEnd');
  await becomes(() => shown(hand), (now) => now.x < near.x - 10 && now.zoom === near.zoom && Math.abs(now.at - near.at) < 1, `from ${JSON.stringify(near)}`);
  await hand.locator('.compare-tools button').last().click();
  await hand.waitForFunction(() => !document.querySelector('dialog .compare').classList.contains('is-zoomed'));
  assert.deepEqual(hand.complaints, []);
  await hand.context().close();
});

test('of two previews the later one stays, whichever comes last', async () => {
  const reply = (id, status) => ({ success: true, id, projectId: project, generationType: 'preview', status, items: [{ itemId: items[0].id, variationId: id, status, imageUrl: `/store/${id}.jpg`, errorMessage: null }] });
  let count = 0, early;
  await page.route('**/items/*/preview', (route) => route.fulfill({ json: { generationId: `late-${++count}` } }));
  await page.route('**/store/late-*', (route) => route.fulfill({ contentType: 'image/jpeg', body: photos[0].buffer }));
  await page.route(/generations\/late-/, (route) => {
    const id = route.request().url().match(/late-\d+/)[0];
    const answer = () => route.fulfill({ json: reply(id, 'completed') }).catch(() => {});
    if (id !== 'late-1') return answer();
    early ??= answer; // held until the second is there
    return undefined;
  });
  await go(page, `${server.url}/recipe`);
  await becomes(() => Boolean(early), true, 'the first preview is asked for');
  await page.getByLabel('Strength').focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('compare-view[src-after$="late-2.jpg"]');
  await early();
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('compare-view[src-after$="late-3.jpg"]');
  await page.waitForFunction(() => !/late-1/.test(document.querySelector('compare-view').getAttribute('src-after')));
  await go(page, `${server.url}/batches`); // what is under way is called off
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  noted();
});

test('a look of one’s own is kept under a name, found in the gallery, and used by keys alone', async () => {
  await go(page, `${server.url}/recipe`);
  await page.getByLabel('Kind').selectOption('gradient');
  await dialogOpen(page, button('Save as template'));
  await page.keyboard.press('Enter');
  await page.locator('dialog input:invalid').waitFor(); // it needs a name
  await page.locator('dialog').getByLabel('Name').fill('Clay at dusk');
  await page.keyboard.press('Enter');
  await page.locator('.toast', { hasText: 'Clay at dusk is among your templates.' }).waitFor();

  const reach = async (locator) => {
    for (let at = 0; at < 80; at++) {
      if (await locator.evaluate((one) => one === document.activeElement).catch(() => false)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`keys do not reach ${locator}`);
  };
  await reach(page.locator('.head a[href="/templates"]'));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/templates');
  await ready(page);
  await reach(page.locator('input[type=search]'));
  await page.keyboard.type('at dusk');
  await page.waitForFunction(() => document.querySelectorAll('.gallery > li').length === 1);
  await reach(page.getByRole('button', { name: 'Clay at dusk' }));
  await page.keyboard.press('Enter');
  await reach(button('Use it on 2 photos'));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/batches/*');
  await done(2);
  await pill('Done').waitFor();
  await reach(page.getByRole('link', { name: 'Download one.png' }));
  const [one] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.equal(one.suggestedFilename(), 'one.jpg');
  noted();
});

test('at twice the size nothing is cut off or covered', async () => {
  const large = await windowOpen(browser, { size: { width: 680, height: 425 }, cookies });
  for (const path of ['/dashboard', `/upload?project=${project}`, `/templates?project=${project}`, `/recipe?project=${project}`, new URL(page.url()).pathname]) {
    await go(large, server.url + path);
    await hold(large, `${path} at 200 %`);
    const covered = await large.evaluate(() => [...document.querySelectorAll('.top, .nav, .dock')].filter((one) => ['sticky', 'fixed'].includes(getComputedStyle(one).position))
      .reduce((sum, one) => sum + one.getBoundingClientRect().height, 0) / innerHeight);
    assert.ok(covered < 0.55, `${path}: ${Math.round(covered * 100)} % of the window are bars`);
  }
  await large.context().close();
});
