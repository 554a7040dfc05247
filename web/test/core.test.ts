// Promises of core: addresses, refusals, numbers of things, files on their way.
import assert from 'node:assert/strict';
import test from 'node:test';
import { refusalOf } from '../src/core/api.ts';
import { fileName } from '../src/core/names.ts';
import { routeFind } from '../src/core/router.ts';
import { fileUnfit, mostBytes, mostFiles, Uploads, type Sending } from '../src/core/upload.ts';
import { rangeOf } from '../src/parts/SelectBar.tsx';

const rows = [{ path: '/batches' }, { path: '/batches/:id' }, { path: '/admin/queues' }];

test('an address finds its row and what stands in it', () => {
  assert.equal(routeFind(rows, '/batches')?.row.path, '/batches');
  assert.equal(routeFind(rows, '/batches/')?.row.path, '/batches');
  assert.deepEqual(routeFind(rows, '/batches/b%201')?.values, { id: 'b 1' });
  assert.equal(routeFind(rows, '/batches/b1/more'), null);
  assert.equal(routeFind(rows, '/admin'), null);
});

test('refusals of every dialect say their code, their sentence and their fields', () => {
  const plain = refusalOf(422, { code: 'input_invalid', detail: 'No.', errors: [{ pointer: '/email', detail: 'Not an address.' }] });
  assert.equal(plain.code, 'input_invalid');
  assert.equal(plain.message, 'No.');
  assert.deepEqual(plain.fields, { email: 'Not an address.' });
  const deep = refusalOf(429, { error: { code: 'rate_limited', message: 'Wait.' } }, 7);
  assert.equal(deep.code, 'rate_limited');
  assert.equal(deep.message, 'Wait.');
  assert.equal(deep.retryAfter, 7);
  assert.equal(refusalOf(502, undefined).code, 'unknown');
});

test('a click with shift means all between', () => {
  assert.deepEqual(rangeOf(['a', 'b', 'c', 'd'], 'd', 'b'), ['b', 'c', 'd']);
  assert.deepEqual(rangeOf(['a', 'b'], null, 'b'), ['b']);
  assert.deepEqual(rangeOf(['a', 'b'], 'gone', 'b'), ['b']);
});

const file = (name: string, size: number, type: string): File => ({ name, size, type }) as File;

test('files that cannot be sent are told apart', () => {
  assert.equal(fileUnfit(file('a.jpg', 10, 'image/jpeg'), 0), null);
  assert.equal(fileUnfit(file('a.HEIC', 10, ''), 0), 'type');
  assert.equal(fileUnfit(file('a.pdf', 10, 'application/pdf'), 0), 'type');
  assert.equal(fileUnfit(file('a.jpg', 0, 'image/jpeg'), 0), 'empty');
  assert.equal(fileUnfit(file('a.jpg', mostBytes + 1, 'image/jpeg'), 0), 'size');
  assert.equal(fileUnfit(file('a.jpg', 10, 'image/jpeg'), mostFiles), 'count');
});

interface Gate {
  sending: Sending;
  end: (wrong?: Error) => void;
}

function line(over: Partial<ConstructorParameters<typeof Uploads>[0]> = {}) {
  const gates: Gate[] = [];
  const uploads = new Uploads({
    ticket: async () => ({ url: '', method: 'PUT', headers: {} }),
    changed: () => {},
    pause: async () => {},
    put: (one, _ticket, told, signal) => new Promise((done, fail) => {
      told(one.size / 2);
      signal.addEventListener('abort', () => fail(new Error('stopped')));
      gates.push({ sending: uploads.all.find((sending) => sending.file === one)!, end: (wrong) => (wrong ? fail(wrong) : done('')) });
    }),
    ...over,
  });
  return { uploads, gates };
}
const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 5));

test('three files are sent at once, the next when one has arrived', async () => {
  const { uploads, gates } = line();
  uploads.add([1, 2, 3, 4, 5].map((n) => file(`${n}.jpg`, 10, 'image/jpeg')));
  await settle();
  assert.equal(gates.length, 3);
  assert.equal(gates[0]!.sending.sentBytes, 5);
  gates[1]!.end();
  await settle();
  assert.equal(gates.length, 4);
  assert.deepEqual(uploads.all.map((one) => one.state), ['sending', 'sent', 'sending', 'sending', 'waiting']);
  assert.ok(uploads.isBusy);
});

test('a line that breaks is tried again, a refusal is not', async () => {
  let tries = 0;
  const { uploads } = line({ ticket: async () => { tries++; throw Object.assign(new Error('away'), { status: 0 }); } });
  uploads.add([file('a.jpg', 10, 'image/jpeg')]);
  await settle();
  assert.equal(tries, 4);
  assert.equal(uploads.all[0]!.state, 'failed');

  const refused = line({ ticket: async () => { throw Object.assign(new Error('no credits'), { status: 402 }); } });
  refused.uploads.add([file('a.jpg', 10, 'image/jpeg')]);
  await settle();
  assert.equal(refused.uploads.all[0]!.tries, 1);
  assert.equal(refused.uploads.all[0]!.reason, 'no credits');
});

test('what was called off stays so, makes room, and can be sent after all', async () => {
  const { uploads, gates } = line({ atOnce: 1 });
  const [one, two] = uploads.add([file('a.jpg', 10, 'image/jpeg'), file('b.jpg', 10, 'image/jpeg')]);
  await settle();
  uploads.cancel(one!.id);
  await settle();
  assert.equal(one!.state, 'cancelled');
  assert.equal(two!.state, 'sending');
  gates[1]!.end();
  await settle();
  uploads.retry(one!.id);
  await settle();
  gates[2]!.end();
  await settle();
  assert.equal(one!.state, 'sent');
});

test('without a network nothing counts as tried, and all goes on when it is back', async () => {
  let isAway = true;
  let back = (): void => {};
  let tries = 0;
  const { uploads } = line({
    atOnce: 1, tries: 1, put: async () => '',
    ticket: async () => {
      tries++;
      if (isAway) throw Object.assign(new Error('away'), { status: 0 });
      return { url: '', method: 'PUT', headers: {} };
    },
    network: () => (isAway ? new Promise((done) => { back = done; }) : null),
  });
  const [one] = uploads.add([file('a.jpg', 10, 'image/jpeg')]);
  await settle();
  assert.deepEqual([one!.state, one!.isLost, tries], ['sending', true, 1]);
  isAway = false;
  back();
  await settle();
  assert.deepEqual([one!.state, one!.isLost, tries], ['sent', false, 2]);
});

test('what is taken away is called as its photo, with an ending of its own', () => {
  assert.equal(fileName('Mug.JPEG', '/store/outputs/1-1.png?sig=x.y'), 'Mug.png');
  assert.equal(fileName('Mug 2.0 red', 'https://far.example/a/1-1.jpg'), 'Mug 2.0 red.jpg');
  assert.equal(fileName('a/b\\c:d', '/x.webp'), 'a b c d.webp');
  assert.equal(fileName('.jpg', '/x'), 'cyclorama');
});
