// Promises of what programs begin: seen, looked into and taken away under Jobs, and looked after in the queue monitor where it failed.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test, { after, before } from 'node:test';
import { becomes, browserOpen, desk, firstRun, go, hold, phone, serve, shoot, windowOpen, workMs } from './studio.mjs';

let site, server, browser, page, photo;

/* Where the photos of a list lie: one is there, the others are gone. */
async function siteStart() {
  const one = createServer((asked, reply) => {
    if (asked.url === '/mug.png') reply.writeHead(200, { 'Content-Type': 'image/png' }).end(photo);
    else reply.writeHead(404).end();
  });
  await new Promise((done) => one.listen(0, '127.0.0.1', done));
  return one;
}

before(async () => {
  site = await siteStart();
  server = await serve({ CYCLORAMA_ALLOWED_HOSTS: '127.0.0.1' });
  browser = await browserOpen();
  page = await windowOpen(browser);
  await firstRun(page, server.url);
  photo = Buffer.from(await page.evaluate(draw));
});
after(async () => {
  await browser?.close();
  await server?.stop();
  site?.close();
});

/* A product that has no background any more, so that no model is needed; in the page. */
async function draw() {
  const canvas = new OffscreenCanvas(640, 640);
  const to = canvas.getContext('2d');
  to.fillStyle = '#b5452c';
  to.beginPath();
  to.roundRect(190, 180, 260, 300, 24);
  to.fill();
  return Array.from(new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer()));
}

/* Ask as a program of the account does. */
const begin = (name, files) => page.evaluate(async ([called, addresses]) => {
  const reply = await fetch('/v1/batch-jobs', {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'cyclorama' },
    body: JSON.stringify({ name: called, items: addresses.map((source_url) => ({ source_url })) }),
  });
  return [reply.status, await reply.json()];
}, [name, files.map((file) => `http://127.0.0.1:${site.address().port}/${file}`)]);

async function look(name) {
  for (const [width, size] of [['390', phone], ['1360', desk]]) {
    await page.setViewportSize(size);
    await hold(page, `${name} at ${width} px`);
    await shoot(page, `${name}-${width}`);
    await page.emulateMedia({ colorScheme: 'dark' });
    await hold(page, `${name} at ${width} px in the dark`);
    await shoot(page, `${name}-${width}-dark`);
    await page.emulateMedia({ colorScheme: 'light' });
  }
}

test('a batch of a program is followed, looked into and taken away', async () => {
  await go(page, `${server.url}/jobs`);
  const [status, batch] = await begin('Spring', ['mug.png', 'gone.png', 'lost.png']);
  assert.equal(status, 202, JSON.stringify(batch));
  await go(page, `${server.url}/jobs`);
  const row = page.locator('.jobs > li', { hasText: 'Spring' });
  await row.getByText('1 of 3 done').waitFor({ timeout: workMs });
  await row.locator('.pill.is-ok').waitFor({ timeout: workMs });
  await row.getByRole('button', { name: 'Show pictures' }).click();
  await row.locator('.tile.is-ok').waitFor();
  await becomes(() => row.locator('.tile.is-bad').count(), 2);
  await becomes(() => page.url(), new RegExp(`open=${batch.batch_job_id}`));
  await page.waitForFunction(() => document.querySelector('.tile.is-ok img')?.complete);
  await look('jobs-open');

  await row.getByRole('button', { name: 'ZIP of' }).click();
  const link = row.getByRole('link', { name: 'Download ZIP' });
  await link.waitFor({ timeout: workMs });
  const [taken] = await Promise.all([page.waitForEvent('download'), link.click()]);
  assert.match(taken.suggestedFilename(), /\.zip$/);

  await page.selectOption('.job-filters select', 'failed');
  await page.getByText('Nothing of that kind').waitFor();
  await becomes(() => page.url(), /state=failed/);
  await page.reload();
  await page.getByText('Nothing of that kind').waitFor();
});

test('what failed is seen by its reason in the monitor, and is retried and dropped there; a queue is paused', async () => {
  await page.setViewportSize(desk);
  await go(page, `${server.url}/admin/queues`);
  const failure = page.locator('.failures > li', { hasText: 'batch-jobs' });
  await failure.getByText('2 jobs').waitFor();
  await failure.getByRole('button', { name: 'Show jobs' }).click();
  const jobs = failure.locator('.dead li');
  await jobs.nth(1).waitFor();
  await look('queues-failed');

  await page.setViewportSize(desk);
  await jobs.first().getByRole('button', { name: 'Drop' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Drop' }).click();
  await jobs.first().getByText('dealt with').waitFor();
  assert.equal(await jobs.count(), 2, 'rows stay where they were');
  await failure.getByText('1 job', { exact: true }).waitFor();
  await failure.getByRole('button', { name: 'Retry these' }).click();
  await page.getByText('1 job is begun anew.').waitFor();

  /* It is fetched again, is still not there, and dies again: then it is dropped as well. */
  await go(page, `${server.url}/admin/queues`);
  await failure.getByText('1 job', { exact: true }).waitFor({ timeout: workMs });
  await failure.getByRole('button', { name: 'Show jobs' }).click();
  await jobs.first().getByRole('button', { name: 'Drop' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Drop' }).click();
  await failure.getByText('none left').waitFor();

  await page.getByRole('button', { name: 'Pause Photos fetched from addresses' }).click();
  await page.locator('.notice', { hasText: 'Photos fetched from addresses is paused' }).waitFor();
  await look('queues-paused');
  await page.getByRole('button', { name: 'Resume Photos fetched from addresses' }).click();
  await page.getByText('All is well').waitFor();
});

test('the monitor asks no oftener than every five seconds', async () => {
  await go(page, `${server.url}/admin/queues`);
  const found = await page.waitForFunction(() => {
    const asked = performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/admin/queues')).map((one) => one.startTime);
    return asked.length > 1 && asked;
  }, null, { timeout: workMs });
  const asked = await found.jsonValue();
  for (let at = 1; at < asked.length; at++) assert.ok(asked[at] - asked[at - 1] >= 5000, `asked again after ${asked[at] - asked[at - 1]} ms`);
});
