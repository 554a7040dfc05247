// Promises of the shop: from plain photos to pictures that are taken away, a look of one's own, pictures from words, brands, credits, projects.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { photosDraw, zipCount } from './photos.mjs';
import { becomes, browserOpen, desk, firstRun, go, hold, phone, ready, serve, shoot, slow, windowOpen, workMs } from './studio.mjs';

const standInPath = fileURLToPath(new URL('../../build/test/vendor_stand_in', import.meta.url));
let vendor, server, browser, page, photos, project;

async function standInStart() {
  const child = spawn(standInPath, ['0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) return { child, url: line.trim() };
  throw new Error('the stand-in of the vendors ended');
}

before(async () => {
  vendor = await standInStart();
  server = await serve({ OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: `${vendor.url}/openai/v1` });
  browser = await browserOpen();
  page = await windowOpen(browser);
  await firstRun(page, server.url);
  photos = await photosDraw(page, [['mug', 600, '#b5452c'], ['bowl', 640, '#2d6a8a'], ['tiny', 200, '#555555']]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  vendor?.child.kill('SIGTERM');
});

/* As it is seen: held on a phone and on a desk, photographed in the light and in the dark. */
async function look(name) {
  for (const [width, size] of [['390', phone], ['1360', desk]]) {
    await page.setViewportSize(size);
    await page.evaluate(() => document.fonts.ready);
    await hold(page, `${name} at ${width} px`);
    await shoot(page, `${name}-${width}`);
    await page.emulateMedia({ colorScheme: 'dark' });
    if (size === desk) await hold(page, `${name} in the dark`);
    await shoot(page, `${name}-${width}-dark`);
    await page.emulateMedia({ colorScheme: 'light' });
  }
}

const button = (name) => page.getByRole('button', { name });
const closed = () => page.waitForSelector('dialog', { state: 'detached' });

async function batchDone(count) {
  await page.waitForURL(/\/batches\//);
  await page.waitForFunction((n) => document.querySelectorAll('.tile.is-ok').length === n, count, { timeout: workMs });
  await page.waitForSelector('.pill.is-ok');
}

test('photos are sent, and one that is of no use says why', async () => {
  await go(page, `${server.url}/upload`);
  page.excused.push(400, 422);
  await page.locator('.drop input[type=file]').first().setInputFiles(photos);
  await page.waitForFunction(() => document.querySelectorAll('.file.is-sent').length === 2 && document.querySelector('.file.is-failed'), null, { timeout: workMs });
  await becomes(() => page.textContent('.file.is-failed .wrong'), /500/);
  await page.waitForFunction(() => document.querySelectorAll('.file-thumb:is(img)').length === 3);
  await page.locator('.drop input[type=file]').first().setInputFiles([{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
  await becomes(() => page.textContent('.file.is-unfit .wrong'), /JPEG/);
  await look('upload-sent');
  project = await page.evaluate(() => sessionStorage.getItem('project'));
});

test('a template is looked at on the own photo, has its price, and is used on all', async () => {
  await page.getByRole('link', { name: 'Choose a look' }).click();
  await page.waitForURL('**/templates');
  await ready(page);
  await page.fill('input[type=search]', 'marketplace white'); // pure white: no set is rendered
  await page.locator('.gallery .tile-main').first().click();
  await becomes(() => page.textContent('.price b'), /^\d+ credits/);
  await page.waitForSelector('dialog compare-view', { timeout: workMs });
  await look('template-large');
  await page.locator('.dialog-foot .is-main').click();
  await batchDone(2);
});

test('a finished batch is compared and taken away as a ZIP', async () => {
  await look('batch-done');
  await page.locator('.gallery .tile-main').first().click();
  await page.waitForFunction(() => [...document.querySelectorAll('dialog .compare-image')].filter((one) => one.complete && one.naturalWidth).length === 2);
  await look('batch-compare');
  await page.keyboard.press('Escape');
  await closed();
  await button('Download ZIP').click();
  await button('Make the ZIP').waitFor();
  await look('zip-wish');
  await button('Make the ZIP').click();
  const link = page.locator('dialog a[download]');
  await link.waitFor({ timeout: workMs });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  assert.equal(zipCount(await readFile(await download.path())), 3); // two pictures and what is known of them
  await button('Close').click();
  await closed();
  await go(page, `${server.url}/batches`);
  await becomes(() => page.locator('tbody tr').count(), 1);
  await look('batches-one');
});

test('a look of one’s own is previewed anew when a slider moves, kept, and run', async () => {
  await go(page, `${server.url}/recipe`);
  const after = async () => page.getAttribute('compare-view', 'src-after', { timeout: workMs });
  const first = await after();
  await page.getByLabel('Strength').focus();
  await page.keyboard.press('End');
  await page.waitForFunction((was) => document.querySelector('compare-view')?.getAttribute('src-after') !== was, first, { timeout: workMs });
  assert.notEqual((await (await page.request.get(server.url + await after())).body()).compare(await (await page.request.get(server.url + first)).body()), 0);
  await look('recipe-photo');
  await page.getByRole('button', { name: /^Make 2/ }).click();
  await batchDone(2);
});

/* Addresses of pictures that a page fetches while DO is done. */
async function fetchedBy(act) {
  const urls = [];
  const hear = (request) => { if (request.resourceType() === 'image' && request.url().includes('/store/')) urls.push(new URL(request.url()).pathname); };
  page.on('request', hear);
  await act();
  await page.waitForLoadState('networkidle');
  page.off('request', hear);
  return urls;
}

test('several looks are chosen by keys, told with their price, made side by side, and one of them stands for its photo', async () => {
  await go(page, `${server.url}/templates`);
  await page.fill('input[type=search]', 'pure white'); // no sets are rendered
  const box = (at) => page.locator('.tile-choose input').nth(at);
  await box(0).waitFor();
  await box(0).focus();
  await page.keyboard.press('Space');
  await box(1).focus();
  await page.keyboard.press('Space');
  await page.waitForFunction(() => /^4 pictures · \d+ credits$/.test(document.querySelector('.looks-price')?.textContent ?? ''));
  await look('templates-several');
  await button('Clear selection').click();
  await page.waitForSelector('.select-bar', { state: 'detached' });
  await box(0).check();
  await page.locator('.gallery .tile-main').nth(1).click();
  await page.locator('.dialog-foot').getByRole('button', { name: 'Select' }).click();
  await page.waitForSelector('.dialog-foot [aria-pressed=true]');
  await page.keyboard.press('Escape');
  await closed();
  await button('Make 4 pictures').click();
  await batchDone(4);
  await becomes(() => page.locator('.batch-photo').count(), 2);
  await becomes(() => page.locator('.batch-photo').first().locator('.tile').count(), 2);
  await look('batch-looks');
  await page.locator('.batch-photo').first().locator('.tile-main').nth(1).click();
  await page.getByLabel('Left').selectOption({ index: 1 });
  await page.waitForFunction(() => [...document.querySelectorAll('dialog .compare-image')].filter((one) => one.complete && one.naturalWidth).length === 2);
  await look('batch-looks-compare');
  await button('Let it stand for the photo').click();
  await page.waitForSelector('.toast');
  await page.keyboard.press('Escape');
  await closed();
});

test('pages of many pictures fetch small ones alone', async () => {
  for (const path of [page.url(), `${server.url}/projects/${project}`]) {
    const urls = await fetchedBy(async () => {
      await go(page, path);
      await page.waitForFunction(() => [...document.querySelectorAll('.tile-image')].every((one) => one.complete && one.naturalWidth > 0));
    });
    assert.ok(urls.length > 0, `${path} shows pictures`);
    assert.deepEqual(urls.filter((url) => !/thumb\.(webp|jpg)$/.test(url)), [], `${path} fetches small pictures alone`);
    assert.ok(await page.evaluate(() => [...document.querySelectorAll('.tile-image')].every((one) => one.naturalWidth <= 400 && one.loading === 'lazy' && one.hasAttribute('height'))));
  }
  await go(page, `${server.url}/batches`);
});

test('a prompt gives a picture by keys, which is taken away; a moderated one says why and what it cost', async () => {
  await go(page, `${server.url}/generate`);
  await page.fill('textarea', 'A red cup on a table');
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('.prompt-picture img');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^Download/ }).first().click()]);
  assert.match(download.suggestedFilename(), /^a-red-cup-on-a-table-1\.(jpg|png)$/);
  assert.ok((await readFile(await download.path())).length > 100);
  await becomes(() => page.evaluate(() => document.activeElement.tagName), 'BUTTON');
  await look('prompt-made');
  page.excused.push(400);
  await page.fill('textarea', 'fault-moderated');
  await button('Generate').click();
  await page.waitForSelector('.toast.is-warn');
  await becomes(() => page.textContent('.toast.is-warn'), /Nothing was charged/);
  await look('prompt-moderated');
  await page.locator('.toast button').click();
});

test('a brand is made, and deleted after a question', async () => {
  await go(page, `${server.url}/brands`);
  await button('New brand').click();
  await page.getByLabel('Name').fill('Clay & Co');
  await page.getByLabel('Scene').fill('a bright kitchen counter with linen');
  await page.getByLabel('Style words').fill('minimal, bright');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.brand-card');
  await look('brands-one');
  await button('Delete Clay & Co').click();
  await page.locator('.dialog .is-danger').click();
  await page.waitForSelector('.empty');
});

test('the credits tell what was charged', async () => {
  await go(page, `${server.url}/billing`);
  await page.waitForFunction(() => [...document.querySelectorAll('section[aria-labelledby=statement] .pill')].some((one) => one.textContent === 'Charged'));
  await look('billing-charged');
});

test('a project keeps favourites, names and product data, and goes when it is deleted', async () => {
  await go(page, `${server.url}/projects`);
  await look('projects-one');
  await page.locator('.project a').click();
  await page.waitForURL(`**/projects/${project}`);
  await ready(page);
  const favourite = page.locator('.favorite').first();
  await favourite.click();
  await page.waitForSelector('.favorite[aria-pressed=true]');
  await page.locator('.tile-main').first().click();
  await page.getByLabel('Product name').fill('Mug of red clay');
  await page.getByLabel('SKU').fill('MUG-1');
  await button('Save').click();
  await page.waitForSelector('.toast');
  await look('project-photo');
  await page.keyboard.press('Escape');
  await closed();
  await becomes(() => page.textContent('.gallery'), /Mug of red clay/);
  await page.locator('.pick input[type=file]').setInputFiles([{ name: 'products.csv', mimeType: 'text/csv', buffer: Buffer.from('filename,name\nbowl.jpg,Bowl of blue clay\n') }]);
  await page.waitForFunction(() => document.querySelector('.gallery')?.textContent.includes('Bowl of blue clay'));
  await look('project');
  await page.locator('.tile-choose input').first().check();
  await page.waitForSelector('.select-bar');
  await look('project-chosen');
  await page.locator('.select-bar').getByRole('button', { name: 'Delete 1 photo' }).click();
  await page.locator('.dialog .is-danger').click();
  await page.waitForFunction(() => document.querySelectorAll('.gallery > li').length === 1);
  await button('Delete project').click();
  await page.locator('.dialog .is-danger').click();
  await page.waitForURL('**/projects');
  await page.waitForSelector('.empty');
  assert.deepEqual(page.complaints, []);
});

/* The longest that the page's own thread worked without a break, in ms of its processor: what else the machine does is not the page's. */
function longestTask(trace) {
  const { traceEvents } = JSON.parse(trace);
  const mains = new Set(traceEvents.filter((one) => one.name === 'thread_name' && one.args.name === 'CrRendererMain').map((one) => `${one.pid}/${one.tid}`));
  const tasks = traceEvents.filter((one) => one.ph === 'X' && mains.has(`${one.pid}/${one.tid}`) && /RunTask$/.test(one.name));
  assert.ok(tasks.length > 100, 'the page worked');
  return Math.max(...tasks.map((one) => (one.tdur ?? one.dur) / 1000));
}

test('a hundred photos of twelve megapixels do not block the page', async () => {
  const apart = await windowOpen(browser, { cookies: await page.context().cookies() });
  await apart.route('**/items/upload', (route) => route.fulfill({ status: 201, json: { items: [{ id: 'i', projectId: 'p' }] } }));
  await go(apart, `${server.url}/upload`);
  const photo = await apart.evaluateHandle(async () => {
    const canvas = new OffscreenCanvas(4000, 3000);
    const to = canvas.getContext('2d');
    for (let at = 0; at < 1200; at++) {
      to.fillStyle = `hsl(${at * 7} 60% ${30 + (at % 50)}%)`;
      to.fillRect((at * 613) % 3900, (at * 379) % 2900, 100 + (at % 200), 100 + (at % 300));
    }
    return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  });
  await browser.startTracing(apart, { categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] });
  await apart.evaluate((blob) => {
    const dropped = new DataTransfer();
    for (let at = 0; at < 100; at++) dropped.items.add(new File([blob], `photo-${at}.jpg`, { type: 'image/jpeg' }));
    document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
  }, photo);
  await apart.waitForFunction(() => document.querySelectorAll('.file.is-sent').length === 100 && document.querySelectorAll('.file-thumb:is(img)').length === 100, null, { timeout: workMs });
  const longest = longestTask(await browser.stopTracing());
  console.log(`# longest task: ${longest.toFixed(0)} ms`);
  assert.ok(longest < 200 * slow.times, `the page was blocked for ${longest.toFixed(0)} ms`);
  assert.deepEqual(apart.complaints, []);
  await apart.context().close();
});
