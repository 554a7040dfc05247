// Promises of staying and leaving: another language changes the words alone, and whoever signs out leaves nothing behind.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { photosDraw } from './photos.mjs';
import { ann, becomes, browserOpen, desk, firstRun, go, hold, phone, ready, serve, windowOpen, workMs } from './studio.mjs';

let server, browser, cookies, photos;

before(async () => {
  server = await serve();
  browser = await browserOpen();
  const page = await windowOpen(browser);
  cookies = await firstRun(page, server.url);
  photos = await photosDraw(page, [['secret-mug', 520, '#b5452c']]);
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const rawKey = /\b(house|templates|upload|settings|billing)\.[a-z]/;

for (const [name, size] of [['390', phone], ['1360', desk]])
  test(`another language changes the words and nothing else, at ${name} px`, async () => {
    const page = await windowOpen(browser, { size, cookies });
    await go(page, `${server.url}/templates?category=studio`);
    await page.fill('input[type=search]', 'o');
    await page.waitForFunction(() => document.body.scrollHeight > innerHeight + 300);
    await page.evaluate(() => scrollTo(0, 300));
    await page.click('.top [popovertarget=menu]');
    for (const [language, title] of [['th', 'เทมเพลต'], ['id', 'Templat'], ['en', 'Templates']]) {
      await page.locator('#menu select').focus();
      await page.selectOption('#menu select', language);
      await page.waitForFunction((wanted) => document.querySelector('main h1').textContent === wanted, title);
      await becomes(() => page.getAttribute('html', 'lang'), language);
      assert.equal(await page.inputValue('input[type=search]'), 'o');
      assert.match(page.url(), /\/templates\?category=studio$/);
      await becomes(() => page.evaluate(() => scrollY), (at) => Math.abs(at - 300) < 60, 'the page stays where it was');
      await becomes(() => page.evaluate(() => document.activeElement.matches('#menu select')), true, 'the hand stays where it was');
      await becomes(() => page.title(), (text) => text.startsWith(title));
      assert.doesNotMatch(await page.innerText('body'), rawKey);
    }
    await page.keyboard.press('Escape');
    await page.locator('.gallery .tile-main').first().click();
    await page.locator('dialog').waitFor();
    await hold(page, 'after three languages');
    await page.context().close();
  });

test('whoever signs out leaves nothing: not by the button back, not for whoever comes next', async () => {
  const page = await windowOpen(browser, { cookies });
  page.excused.push(401);
  await go(page, `${server.url}/upload`);
  await page.locator('.drop input[type=file]').first().setInputFiles(photos);
  await page.waitForSelector('.file.is-sent', { timeout: workMs });
  await page.click('.nav a[href="/settings"]');
  await page.waitForURL('**/settings');
  await page.click('.nav a[href="/upload"]');
  await page.locator('.file-name', { hasText: 'secret-mug' }).waitFor();

  await page.click('.top [popovertarget=menu]');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  await ready(page);
  await becomes(() => page.evaluate(() => sessionStorage.length), 0);
  for (let back = 0; back < 2; back++) {
    await page.goBack().catch(() => null);
    await page.waitForURL(/sign-in/);
    await ready(page);
    assert.doesNotMatch(await page.innerText('body'), /secret-mug|credits/);
  }
  assert.equal((await page.request.get(`${server.url}/v1/quota`, { headers: { Accept: 'application/json' } })).status(), 401, 'the session has ended at the server, too');

  await go(page, `${server.url}/sign-in`);
  await page.fill('[name=email]', ann.email);
  await page.fill('[name=password]', ann.password);
  await page.click('button[type=submit]');
  await page.waitForURL('**/dashboard');
  await ready(page);
  await page.click('.nav a[href="/upload"]');
  await page.locator('.drop').waitFor();
  assert.equal(await page.locator('.file').count(), 0);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
