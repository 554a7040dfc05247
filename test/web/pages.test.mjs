// Promises of every page: in three languages, on a phone and on a desk, in the light and in the dark, within its weight.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { speaks } from './english.mjs';
import { pages } from './pages.mjs';
import { browserOpen, desk, firstRun, go, hold, languageSet, phone, serve, shoot, weight, windowOpen } from './studio.mjs';

const sizes = [['390', phone], ['1360', desk]];
const slim = { width: 320, height: 640 };
let server, browser, cookies;

before(async () => {
  server = await serve();
  browser = await browserOpen();
  const page = await windowOpen(browser);
  cookies = await firstRun(page, server.url);
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(row, size) {
  const page = await windowOpen(browser, { size, cookies: row.isOpen ? [] : cookies });
  if (row.status) page.excused.push(row.status);
  await go(page, server.url + row.path);
  return page;
}

async function look(page, row, name) {
  await hold(page, name);
  assert.equal(await page.locator('h1').count(), 1, 'a page has one h1');
  assert.ok((await page.title()).endsWith(' · Cyclorama'));
  await shoot(page, name);
}

for (const row of pages)
  for (const [name, size] of sizes)
    test(`${row.name} holds at ${name} px`, async () => {
      const page = await open(row, size);
      const kB = (await weight(page)) / 1000;
      console.log(`# ${row.name}: ${kB.toFixed(1)} kB`);
      assert.ok(kB < (row.budget ?? 60), `${row.name} weighs ${kB.toFixed(1)} kB`);
      await row.prepare?.(page, server);
      await look(page, row, `${row.name}-${name}`);
      await page.emulateMedia({ colorScheme: 'dark' });
      await look(page, row, `${row.name}-${name}-dark`);
      await page.emulateMedia({ colorScheme: 'light' });
      for (const language of ['id', 'th']) {
        await languageSet(page, language);
        await row.prepare?.(page, server);
        await look(page, row, `${row.name}-${name}-${language}`);
        await speaks(page, language, row.name);
      }
      if (size === phone) {
        await page.setViewportSize(slim); // in Thai still, whose lines are the longest
        await hold(page, `${row.name}-320-th`);
      }
      await page.context().close();
    });
