// What the tests of the pages stand on: the real program on a free port with a fresh folder, one Chromium, a window (context) a test.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const axe = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const program = process.env.CYCLORAMA_PROGRAM ?? join(root, 'build/cyclorama');
const chromes = [process.env.CHROMIUM, '/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/google-chrome'].filter(Boolean);

/** A slow machine on a fast one, to find tests that race: how many times slower the browser is, and how long (ms) each answer takes at least. */
export const slow = { times: Number(process.env.WEB_SLOW_TIMES ?? 1), answers: Number(process.env.WEB_SLOW_ANSWERS ?? 0) };

const patienceMs = 45_000 * slow.times;
/** What real models may take on a busy machine. */
export const workMs = 240_000 * slow.times;

const namespaces = readdirSync(join(root, 'web/src/i18n/en')).map((name) => name.replace('.json', ''));

/** Where pictures of pages are kept for people to look at. */
export const shots = join(root, 'build/shots');
mkdirSync(shots, { recursive: true });

export const ann = { name: 'Ann Lee', email: 'ann@shop.example', password: 'correct horse battery' };
export const phone = { width: 390, height: 844 };
export const desk = { width: 1360, height: 850 };

/** Start the program; ROWS are more of its environment. Ends with `stop()`. */
export async function serve(rows = {}) {
  const data = mkdtempSync(join(tmpdir(), 'cyclorama-web-'));
  const server = spawn(program, ['serve', '--listen', '127.0.0.1:0'], {
    env: { ...process.env, DATABASE_URL: '', CYCLORAMA_PUBLIC_URL: '', CYCLORAMA_DATA: data, UPSCALE_ENABLED: 'false', ...rows },
  });
  let said = '';
  const url = await new Promise((done, fail) => {
    const hear = (bytes) => {
      said += bytes;
      const found = said.match(/listens on (http:\S+)/);
      if (found) done(found[1]);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.once('exit', () => fail(new Error(`the server ended:\n${said}`)));
    server.once('error', fail);
  });
  return {
    url,
    data,
    said: () => said,
    async stop() {
      server.removeAllListeners('exit');
      const ended = new Promise((done) => server.once('exit', done));
      server.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

export async function browserOpen() {
  const executablePath = chromes.find((path) => existsSync(path));
  assert.ok(executablePath, 'there is no Chromium; tool/setup check installs it');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'] });
}

/**
 * A window: what it complains about (console, exceptions, policy) is kept in `page.complaints`. Refusals by the server that a test provokes are
 * named in `page.excused` as statuses; 0 is a line that a test broke. CONTEXT: one more tab there.
 */
export async function windowOpen(browser, { size = desk, language = 'en', scheme = 'light', cookies = [], context: of } = {}) {
  const context = of ?? await browser.newContext({
    viewport: size, locale: language, colorScheme: scheme, reducedMotion: 'reduce', hasTouch: size.width < 600, isMobile: size.width < 600,
  });
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.complaints = [];
  page.excused = [];
  page.on('console', (message) => {
    const text = message.text();
    const status = text.match(/status of (\d+)/)?.[1] ?? (/net::ERR_/.test(text) ? 0 : undefined);
    if (['error', 'warning'].includes(message.type()) && !page.excused.includes(Number(status))) page.complaints.push(text);
  });
  page.on('pageerror', (wrong) => page.complaints.push(String(wrong)));
  page.setDefaultTimeout(patienceMs);
  await slowed(page);
  return page;
}

async function slowed(page) {
  if (slow.times === 1 && slow.answers === 0) return;
  const line = await page.context().newCDPSession(page);
  await line.send('Emulation.setCPUThrottlingRate', { rate: slow.times });
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: slow.answers, downloadThroughput: -1, uploadThroughput: -1 });
}

/**
 * Wait until READ gives what is EXPECTED: a value, a text that fits a pattern, or whatever a predicate takes. Pages answer a hand when they
 * have come to it, so whatever follows an action is asked for by this, never once.
 */
export async function becomes(read, expected, why) {
  const fits = (value) => {
    if (expected instanceof RegExp) return expected.test(value);
    return typeof expected === 'function' ? expected(value) : isDeepStrictEqual(value, expected);
  };
  const end = Date.now() + patienceMs;
  let value = await read();
  for (; !fits(value) && Date.now() < end; value = await read()) await pass(50);
  if (!fits(value)) assert.fail(`${why ? `${why}: ` : ''}it is ${JSON.stringify(value)} instead of ${typeof expected === 'object' && !(expected instanceof RegExp) ? JSON.stringify(expected) : expected}`);
}

/** The heading of a page that has been opened and is no longer loading. */
export async function ready(page) {
  await page.waitForSelector('main h1');
  await page.waitForFunction(() => !document.querySelector('.shape'));
  return page.textContent('main h1');
}

export async function go(page, url) {
  await page.goto(url);
  return ready(page);
}

/** Press what opens a dialog, and wait for it. */
export async function dialogOpen(page, target) {
  await (typeof target === 'string' ? page.locator(target) : target).click();
  await page.locator('dialog[open]').waitFor();
}

/** Make the first account in PAGE; *returns* the cookies of its session. */
export async function firstRun(page, url) {
  await go(page, url);
  await page.fill('[name=name]', ann.name);
  await page.fill('[name=email]', ann.email);
  await page.fill('[name=password]', ann.password);
  await page.click('button[type=submit]');
  await page.waitForURL('**/dashboard');
  await ready(page);
  return page.context().cookies();
}

/* ---- what holds for every page ---- */

const rules = { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } };

/** What axe finds wrong: "rule: where". By evaluate, as the pages' policy lets no script be added. */
export async function axeFinds(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  return page.evaluate(async (wish) => {
    const found = await globalThis.axe.run(document, wish);
    return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}`));
  }, rules);
}

/** Words that were not translated, a page wider than its window, targets too small to be met. */
export async function layoutFinds(page) {
  return page.evaluate((spaces) => {
    const wrong = [];
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide > 0) wrong.push(`the page is ${wide} px wider than its window`);
    for (const key of document.body.innerText.match(/\b[a-z]+\.[a-z][A-Za-z.]*\b/g) ?? [])
      if (spaces.includes(key.split('.')[0])) wrong.push(`a raw key is shown: ${key}`);
    for (const one of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
      const box = (one.closest('label') ?? one).getBoundingClientRect();
      const inLine = one.tagName === 'A' && getComputedStyle(one).display === 'inline';
      const style = getComputedStyle(one);
      if (!box.width || style.visibility === 'hidden' || one.closest('.unseen, .skip') || one.matches('.unseen, .skip, .compare-range') || inLine) continue;
      if (box.width < 24 || box.height < 24) wrong.push(`a target of ${Math.round(box.width)}×${Math.round(box.height)} px: ${one.outerHTML.slice(0, 90)}`);
    }
    return wrong;
  }, namespaces);
}

/** Show PAGE in another language: loaded anew. */
export async function languageSet(page, language) {
  await page.evaluate((name) => localStorage.setItem('language', name), language);
  await page.reload();
  return ready(page);
}

/** All of it; fails with what was found. */
export async function hold(page, what) {
  assert.deepEqual(await axeFinds(page), [], `${what}: axe`);
  assert.deepEqual(await layoutFinds(page), [], `${what}: layout`);
  assert.deepEqual(page.complaints, [], `${what}: complaints of the browser`);
}

/** Bytes that came over the line for what PAGE shows, compressed; its pictures and what it asked of the API left out. */
export async function weight(page) {
  return page.evaluate(() => performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
    .filter((one) => one.entryType === 'navigation' || (/\/assets\//.test(one.name) && one.initiatorType !== 'img'))
    .reduce((sum, one) => sum + one.encodedBodySize + 300, 0));
}

export async function shoot(page, name) {
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true, animations: 'disabled', caret: 'hide' });
}
