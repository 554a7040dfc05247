// Promises of the administration: accounts with quotas, and people who come in and are kept out.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test, { after, before } from 'node:test';
import { becomes, browserOpen, desk, dialogOpen, firstRun, go, hold, languageSet, phone, ready, serve, shoot, windowOpen } from './studio.mjs';

const accounts = 'section[aria-labelledby=accounts]';
const people = 'section[aria-labelledby=people]';
let server, browser, cookies;

before(async () => {
  server = await serve({ CYCLORAMA_ALLOWED_HOSTS: '127.0.0.1' });
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

  await dialogOpen(page, `${accounts} .card-head .button`);
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog .wrong, dialog .notice');
  await hold(page, 'an account without a name');
  await field(page, 'Name').fill('Mugs of Java');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.secret');
  assert.match(await page.textContent('.secret code'), /^cyc_/);
  await page.click('dialog .is-main');

  const row = page.locator(`${accounts} tr`, { hasText: 'Mugs of Java' });
  await becomes(() => row.textContent(), /of 500/);
  await row.getByRole('link').click();
  await page.waitForURL('**/admin/accounts/**');
  await ready(page);
  const account = page.url();

  await page.getByLabel('Name', { exact: true }).fill('Cups of Java');
  await page.getByLabel('Pictures a month').fill('1200');
  await page.getByLabel('Requests a minute').fill('90');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('h1', { hasText: 'Cups of Java' }).waitFor();

  await page.getByRole('button', { name: 'Give or take' }).click();
  await field(page, 'Credits').fill('250');
  await field(page, 'Reason').fill('Sorry for the wait');
  await page.click('dialog .is-main');
  await page.locator('section[aria-labelledby=credits]').getByText('Sorry for the wait').waitFor();
  await becomes(() => page.textContent('section[aria-labelledby=credits] .figures'), /3,850/);

  await page.locator(people).getByText('Nobody yet.').waitFor();
  await page.click(`${people} .card-head .button`);
  await field(page, 'Name').fill('Budi');
  await field(page, 'E-mail address').fill('budi@mugs.example');
  await field(page, 'Password').fill('a long enough one');
  await page.click('dialog .is-main');
  await page.locator(`${people} tr`, { hasText: 'Budi' }).waitFor();
  await hold(page, 'an account');
  await shoot(page, 'admin-people-1360');

  const his = await signIn('budi@mugs.example', 'a long enough one');
  await his.waitForURL('**/dashboard');
  await ready(his);
  assert.equal(await his.locator('.nav a[href="/admin"]').count(), 0);
  assert.deepEqual(his.complaints, []);

  await dialogOpen(page, page.getByRole('button', { name: 'Change Budi' }));
  await page.locator('dialog').getByRole('radio', { name: 'Owner' }).check();
  await hold(page, 'somebody is changed');
  await page.click('dialog .is-main');
  await page.locator(`${people} tr`, { hasText: 'Owner' }).waitFor();
  await page.getByRole('button', { name: 'Change Budi' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  await his.goto(`${server.url}/dashboard`);
  await his.waitForURL('**/sign-in**');

  await dialogOpen(page, page.getByRole('button', { name: 'Suspend', exact: true }));
  await hold(page, 'an account is to be suspended');
  await page.click('dialog .is-danger');
  await page.getByRole('button', { name: 'Take up again' }).waitFor();
  await shoot(page, 'admin-suspended-1360');
  his.excused.push(403);
  await his.fill('[name=email]', 'budi@mugs.example');
  await his.fill('[name=password]', 'a long enough one');
  await his.click('button[type=submit]');
  await his.getByText('This account is suspended').waitFor();
  await page.getByRole('button', { name: 'Take up again' }).click();
  await page.getByRole('button', { name: 'Suspend', exact: true }).waitFor();

  await page.getByRole('button', { name: 'Keep out Budi' }).click();
  await page.getByRole('button', { name: 'Let in Budi' }).waitFor();
  await page.getByRole('button', { name: 'End the key First key' }).click();
  await page.click('dialog .is-danger');
  await page.locator('section[aria-labelledby=keys]').getByText('Ended').waitFor();

  await go(page, `${server.url}/audit?account=${account.split('/').pop()}`);
  const trail = await page.textContent('main table');
  for (const deed of ['Account made', 'Account changed', 'Credits given', 'Person added', 'Person changed', 'Signed out everywhere', 'Account suspended',
    'Account taken up again', 'Person kept out', 'Key ended'])
    assert.ok(trail.includes(deed), `the trail tells: ${deed}`);
  await hold(page, 'the trail of deeds');
  await shoot(page, 'audit-1360');
  await page.setViewportSize(phone);
  await hold(page, 'the trail of deeds on a phone');
  await shoot(page, 'audit-390');
  await go(page, account);
  await hold(page, 'an account on a phone');
  await shoot(page, 'account-390');
  await page.emulateMedia({ colorScheme: 'dark' });
  await hold(page, 'an account in the dark');
  await shoot(page, 'account-390-dark');
  await page.setViewportSize(desk);
  await shoot(page, 'account-1360-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  for (const language of ['id', 'th']) {
    await languageSet(page, language);
    await hold(page, `an account in ${language}`);
    await shoot(page, `account-1360-${language}`);
  }
  await his.context().close();
  await page.context().close();
});

test('what has failed for good is told, and begun anew', async () => {
  const page = await windowOpen(browser, { cookies });
  const site = createServer((request, answer) => { answer.writeHead(404).end(); });
  await new Promise((done) => { site.listen(0, '127.0.0.1', done); });
  await page.goto(`${server.url}/dashboard`);
  await page.evaluate(async (url) => {
    await fetch('/v1/batch-jobs', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'cyclorama' },
      body: JSON.stringify({ items: [{ source_url: url }] }) });
  }, `http://127.0.0.1:${site.address().port}/mug.png`);

  await go(page, `${server.url}/admin/queues`);
  await page.locator('.notice.is-bad').waitFor();
  await becomes(() => page.textContent('.notice.is-bad'), /1 job has failed for good/);
  assert.equal(await page.getByText('All is well').count(), 0);
  await hold(page, 'a queue with a dead job');
  await shoot(page, 'queues-dead-1360');
  await page.getByRole('button', { name: 'Retry these' }).click();
  await page.getByText('1 job is begun anew.').waitFor();
  site.close();
  await page.context().close();
});
