// Promises of a statement: work is a row, whatever it took to pay for it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { isCut, rowsOf, type Entry } from '../src/statement.ts';

let next = 0;
const entry = (type: string, credits: number, of: Partial<Entry> = {}): Entry => ({
  id: `e${next++}`, type, description: 'x', said: { sentence: 'x', values: [] }, referenceId: null, generationId: null, credits,
  change: type === 'charged' ? -credits : type === 'granted' ? credits : 0, balance: 0, held: 0, createdAt: '2026-01-01T00:00:00Z', ...of });
const batch = { generationId: 'batch_1' }, photo = { referenceId: 'project_1' };

test('a generation is one row, even when others moved credits meanwhile', () => {
  const rows = rowsOf([entry('returned', 5, batch), entry('charged', 5, batch), entry('granted', 50), entry('charged', 10, batch), entry('reserved', 20, batch)]);
  assert.deepEqual(rows.map(({ type, change, held, count }) => [type, change, held, count]), [['charged', -15, 0, 2], ['granted', 50, 0, 0]]);
});

test('what is still set aside is told, and what came back whole was not charged', () => {
  assert.deepEqual(rowsOf([entry('charged', 5, batch), entry('reserved', 20, batch)]).map(({ type, change, held }) => [type, change, held]), [['reserved', -5, 15]]);
  assert.equal(rowsOf([entry('returned', 20, batch), entry('reserved', 20, batch)])[0]!.type, 'returned');
});

test('photos sent one after the other are one row, those of another day their own', () => {
  const sent = [entry('charged', 2, photo), entry('reserved', 2, photo), entry('charged', 2, photo), entry('reserved', 2, photo)];
  assert.deepEqual(rowsOf([...sent, entry('granted', 1), ...sent]).map(({ count, change }) => [count, change]), [[2, -4], [0, 1], [2, -4]]);
});

test('a statement that ends amid the charges of a generation is cut', () => {
  assert.ok(isCut([entry('charged', 5, batch)]));
  assert.ok(!isCut([entry('charged', 5, batch), entry('reserved', 5, batch), entry('charged', 1)]));
});
