// Promises of coming in and going out: the first account, signing in, keys, and all of it by keys.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { ann, becomes, browserOpen, dialogOpen, desk, firstRun, go, hold, phone, ready, serve, shoot, windowOpen } from './studio.mjs';

let server, browser, cookies;

before(async () => {
  server = await serve();
  browser = await browserOpen();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('whoever opens a new studio makes its first account and is in', async () => {
  for (const [name, size] of [['390', phone], ['1360', desk]])
    for (const language of ['en', 'id', 'th']) {
      const page = await windowOpen(browser, { size, language });
      await go(page, `${server.url}/settings`);
      await becomes(() => page.url(), /\/first-run$/);
      await hold(page, `first-run ${name} ${language}`);
      await shoot(page, `first-run-${name}${language === 'en' ? '' : `-${language}`}`);
      await page.context().close();
    }

  const page = await windowOpen(browser);
  await go(page, server.url);
  await page.fill('[name=email]', ann.email);
  await page.fill('[name=password]', 'short');
  await page.click('button[type=submit]');
  await becomes(() => page.textContent('.wrong'), /too short/);
  await hold(page, 'first-run with a short password');
  cookies = await firstRun(page, server.url);
  assert.ok(cookies.some((cookie) => cookie.name === 'cyclorama' && cookie.httpOnly && cookie.sameSite === 'Lax'));
  assert.equal(await page.evaluate(() => document.cookie), '');
  await go(page, `${server.url}/first-run`);
  await becomes(() => page.url(), /\/dashboard$/);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('a studio that others reach asks for the first key', async () => {
  const key = 'a-key-of-the-operator-0123456789';
  const far = await serve({ CYCLORAMA_ADMIN_KEY: key, CYCLORAMA_PUBLIC_URL: 'http://127.0.0.1:1' });
  try {
    const page = await windowOpen(browser);
    page.excused.push(401, 403);
    await go(page, far.url);
    await page.fill('[name=email]', ann.email);
    await page.fill('[name=password]', ann.password);
    await page.fill('[name=key]', 'not-the-key-of-anybody');
    await page.click('button[type=submit]');
    await becomes(() => page.textContent('.wrong'), /not the administrator/);
    await hold(page, 'first-run with a wrong key');
    await shoot(page, 'first-run-key-1360');
    await page.context().close();
  } finally {
    await far.stop();
  }
});

test('signing in leads on to where one wanted to go, and signing out ends it', async () => {
  const page = await windowOpen(browser, { size: phone });
  page.excused.push(401);
  await go(page, `${server.url}/settings`);
  await becomes(() => page.url(), /\/sign-in\?to=%2Fsettings$/);
  await page.fill('[name=email]', ann.email);
  await page.fill('[name=password]', 'wrong horse');
  await page.click('button[type=submit]');
  await page.waitForSelector('.notice.is-bad');
  await hold(page, 'sign-in with a wrong password');
  await shoot(page, 'sign-in-wrong-390');
  await page.fill('[name=password]', ann.password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/settings');
  await ready(page);

  await page.click('.top [popovertarget=menu]');
  await hold(page, 'the menu');
  await shoot(page, 'menu-390');
  await page.click('#menu .button');
  await page.waitForURL('**/sign-in');
  await go(page, `${server.url}/dashboard`);
  await becomes(() => page.url(), /\/sign-in/);
  await page.context().close();
});

test('a session that ended elsewhere leads to signing in, and back', async () => {
  const page = await windowOpen(browser);
  page.excused.push(401);
  await go(page, `${server.url}/sign-in`);
  await page.fill('[name=email]', ann.email);
  await page.fill('[name=password]', ann.password);
  await page.click('button[type=submit]');
  await page.waitForURL('**/dashboard');
  await ready(page);
  await page.context().clearCookies();
  await page.click('.nav a[href="/settings"]');
  await page.waitForURL('**/sign-in?to=%2Fsettings');
  await page.context().close();
});

test('a link to a page of somebody else is not followed after signing in', async () => {
  for (const to of ['//evil.example', 'https://evil.example', '/\\evil.example']) {
    const page = await windowOpen(browser, { cookies });
    await go(page, `${server.url}/sign-in?to=${encodeURIComponent(to)}`);
    assert.equal(new URL(page.url()).origin, server.url);
    await page.context().close();
  }
});

test('a key is made, copied once, used and revoked, by keys alone', async () => {
  const page = await windowOpen(browser, { cookies });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await go(page, `${server.url}/settings`);
  await page.focus('.card-head .button');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Tab');
  await page.locator('dialog input[maxlength]').focus();
  await page.keyboard.type('Shop sync');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.secret');
  await hold(page, 'a key shown');
  await shoot(page, 'settings-key-made-1360');
  const secret = await page.textContent('.secret code');
  assert.match(secret, /^cyc_/);
  await page.click('.secret .button');
  await page.waitForSelector('.toast');
  await becomes(() => page.evaluate(() => navigator.clipboard.readText()), secret);
  const asked = () => fetch(`${server.url}/v1/quota`, { headers: { Authorization: `Bearer ${secret}` } });
  assert.equal((await asked()).status, 200);

  await page.click('dialog .is-main');
  await page.waitForSelector('dialog', { state: 'detached' });
  await becomes(() => page.evaluate(() => document.activeElement?.textContent), 'New key', 'the focus goes back to where it came from');
  assert.ok(!(await page.content()).includes(secret));
  await dialogOpen(page, '.table .button');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  assert.equal((await asked()).status, 200);
  await page.click('.table .button');
  await page.click('dialog .is-danger');
  await page.waitForSelector('.pill.is-bad');
  assert.equal((await asked()).status, 401);
  await hold(page, 'a key revoked');
  await shoot(page, 'settings-keys-1360');
  await page.context().close();
});

test('the page is walked by keys: the skip link, the navigation, the heading', async () => {
  const page = await windowOpen(browser, { cookies });
  await go(page, `${server.url}/dashboard`);
  await becomes(() => page.evaluate(() => document.activeElement?.tagName), 'H1');
  await page.evaluate(() => document.body.focus());
  await page.reload();
  await ready(page);
  await page.evaluate(() => { document.activeElement?.blur(); });
  const seen = [];
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab');
    seen.push(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? ''));
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    if (await page.evaluate(() => document.activeElement !== document.body)) assert.notEqual(outline, 'none', seen.at(-1));
  }
  assert.ok(seen.includes('Skip to content') || seen.includes('Settings'), seen.join(', '));
  await page.locator('.nav a[href="/settings"]').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/settings');
  await ready(page);
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  await page.goBack();
  await page.waitForURL('**/dashboard');
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('language and light are chosen and stay', async () => {
  const page = await windowOpen(browser, { cookies });
  await go(page, `${server.url}/settings`);
  await page.selectOption('main select', 'th');
  await page.waitForFunction(() => document.documentElement.lang === 'th');
  await page.locator('main .seg input[value=dark]').check();
  await page.reload();
  await ready(page);
  await becomes(() => page.getAttribute('html', 'lang'), 'th');
  await becomes(() => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark');
  await hold(page, 'Thai in the dark');
  await page.context().close();
});
