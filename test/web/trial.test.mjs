// Promises of the first visit: whoever has just come in holds a finished picture after a handful of actions, on a phone and on a desk.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { jpegSize, photosDraw } from './photos.mjs';
import { becomes, browserOpen, desk, firstRun, hold, phone, ready, serve, shoot, windowOpen, workMs } from './studio.mjs';

const mostActions = 6;
const real = fileURLToPath(new URL('../../build/photos/polaroid.jpg', import.meta.url)); // of the demo, where it was fetched
let browser;

before(async () => { browser = await browserOpen(); });
after(() => browser?.close());

/*
 * Count what people do: each press of a finger, a button or a key, and each drop. Choosing in the dialog for files is part of opening it.
 * Counted by the page itself, so that nothing is done beside the count.
 */
async function actionsCount(page) {
  const seen = [];
  await page.exposeFunction('actionSeen', (what) => seen.push(what));
  const listen = () => {
    for (const kind of ['pointerdown', 'keydown', 'drop', 'paste'])
      addEventListener(kind, (event) => {
        const target = event.target.closest?.('button, a, label, input, .drop') ?? event.target;
        globalThis.actionSeen(`${kind}: ${target.ariaLabel || target.textContent?.trim().slice(0, 40)}`);
      }, true);
  };
  await page.evaluate(listen);
  return seen;
}

async function firstVisit(url, size) {
  const page = await windowOpen(browser, { size });
  await firstRun(page, url);
  await page.locator('.drop').waitFor();
  return page;
}

/* What a file dialog gives, or the demo's photo as somebody drags it in. */
const ways = {
  async chosen(page, photo) {
    const [dialog] = await Promise.all([page.waitForEvent('filechooser'), page.touch(page.getByText('Choose photos'))]);
    await dialog.setFiles(photo);
  },
  async dropped(page, { name, mimeType, buffer }) {
    const bytes = await page.evaluateHandle(([text, type, called]) => {
      const dropped = new DataTransfer();
      dropped.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], called, { type }));
      return dropped;
    }, [buffer.toString('base64'), mimeType, name]);
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: bytes });
  },
};

for (const [name, size, give] of [['390', phone, 'chosen'], ['1360', desk, 'dropped']])
  test(`from coming in to a finished picture in hand it takes ${mostActions} actions at most, at ${name} px`, async () => {
    const server = await serve();
    try {
      const page = await firstVisit(server.url, size);
      page.touch = (locator) => (size === phone ? locator.tap() : locator.click());
      await hold(page, 'the first look');
      await shoot(page, `trial-home-${name}`);
      const photo = existsSync(real)
        ? { name: 'polaroid.jpg', mimeType: 'image/jpeg', buffer: await readFile(real) } : (await photosDraw(page, [['polaroid', 700, '#b5452c']]))[0];
      const actions = await actionsCount(page);

      await ways[give](page, photo);
      await page.waitForURL('**/upload');
      await page.getByText('1 photo is ready').waitFor({ timeout: workMs });
      await page.touch(page.getByRole('link', { name: 'Choose a look' }));
      await page.waitForURL('**/templates');
      await page.touch(page.getByRole('button', { name: 'Marketplace white' })); // no set is rendered
      await page.touch(page.getByRole('button', { name: 'Use it on 1 photo' }));
      await page.waitForURL('**/batches/*');
      const take = page.locator('.head').getByRole('link', { name: 'Download' });
      await take.waitFor({ timeout: workMs });
      const [download] = await Promise.all([page.waitForEvent('download'), page.touch(take)]);

      await becomes(() => actions, (seen) => seen.length >= 5, 'the count misses something, or the way became shorter');
      assert.ok(actions.length <= mostActions, `it took ${actions.length}:\n${actions.join('\n')}`);
      assert.equal(actions.length, 5, `the way became longer:\n${actions.join('\n')}`);
      assert.equal(download.suggestedFilename(), 'polaroid.jpg');
      const got = await readFile(await download.path());
      const [width, height] = jpegSize(got);
      assert.ok(Math.min(width, height) >= 500, `${width} × ${height}`);
      await hold(page, 'the picture in hand');
      await shoot(page, `trial-done-${name}`);
      await page.context().close();
    } finally {
      await server.stop();
    }
  });
