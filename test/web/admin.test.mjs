// Promises of the administration: accounts with quotas, and people who come in and are kept out.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { browserOpen, firstRun, go, hold, ready, serve, shoot, windowOpen } from './studio.mjs';

const accounts = 'section[aria-labelledby=accounts]';
const people = 'section[aria-labelledby=people]';
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

const field = (page, label) => page.locator('dialog').getByLabel(label, { exact: true });

async function signIn(email, password) {
  const page = await windowOpen(browser);
  page.excused.push(401);
  await go(page, `${server.url}/sign-in`);
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', password);
  await page.click('button[type=submit]');
  return page;
}

test('an account is made with its key and its quota, and somebody of it comes in and is kept out', async () => {
  const page = await windowOpen(browser, { cookies });
  page.excused.push(422);
  await go(page, `${server.url}/admin`);

  await page.click(`${accounts} .card-head .button`);
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog .wrong, dialog .notice');
  await hold(page, 'an account without a name');
  await field(page, 'Name').fill('Mugs of Java');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.secret');
  assert.match(await page.textContent('.secret code'), /^cyc_/);
  await page.click('dialog .is-main');

  const row = page.locator(`${accounts} tr`, { hasText: 'Mugs of Java' });
  assert.match(await row.textContent(), /of 500/);
  await row.getByRole('button').click();
  await field(page, 'Pictures a month').fill('1200');
  await page.keyboard.press('Enter');
  await row.filter({ hasText: 'of 1,200' }).waitFor();

  await page.selectOption(`${people} select`, { label: 'Mugs of Java' });
  await page.locator(people).getByText('Nobody yet.').waitFor();
  await page.click(`${people} .card-head .button`);
  await field(page, 'Name').fill('Budi');
  await field(page, 'E-mail address').fill('budi@mugs.example');
  await field(page, 'Password').fill('a long enough one');
  await page.click('dialog .is-main');
  await page.locator(`${people} tr`, { hasText: 'Budi' }).waitFor();
  await hold(page, 'people of an account');
  await shoot(page, 'admin-people-1360');

  const his = await signIn('budi@mugs.example', 'a long enough one');
  await his.waitForURL('**/dashboard');
  await ready(his);
  assert.equal(await his.locator('.nav a[href="/admin"]').count(), 0);
  assert.deepEqual(his.complaints, []);

  await page.getByRole('button', { name: 'Keep out Budi' }).click();
  await page.getByRole('button', { name: 'Let in Budi' }).waitFor();
  await his.click('.nav a[href="/settings"]');
  await his.waitForURL('**/settings');
  await his.goto(`${server.url}/dashboard`);
  await his.waitForURL('**/sign-in**');
  await his.context().close();
  await page.context().close();
});
