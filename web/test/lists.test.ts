// Promises of lists that change while they are looked at.
import assert from 'node:assert/strict';
import test from 'node:test';
import { merged, type Work } from '../src/jobs.ts';
import { rowsKept, type Kept } from '../src/keep.ts';

const seen = (before: readonly Kept<string>[], now: readonly string[]): Kept<string>[] => rowsKept(before, now, (one) => one);
const said = (rows: readonly Kept<string>[]): string => rows.map((row) => (row.isGone ? `(${row.id})` : row.id)).join(' ');

test('rows stay where they were first seen, and what is gone keeps its place', () => {
  const first = seen([], ['b', 'c']);
  const second = seen(first, ['a', 'c']);
  assert.equal(said(second), '(b) c a');
  assert.equal(said(seen(second, ['a', 'b', 'c'])), 'b c a');
});

test('of what is gone only so much is kept', () => {
  const many = Array.from({ length: 300 }, (_, at) => `${at}`);
  const rest = seen(seen([], many), ['299', 'new']);
  assert.equal(rest.filter((row) => row.isGone).length, 200);
  assert.deepEqual(rest.slice(-2).map((row) => row.id), ['299', 'new']);
});

const work = (kind: Work['kind'], hour: number): Work => ({
  id: `${kind}${hour}`, kind, name: '', state: 'completed', total: 1, completed: 1, failed: 0, cancelled: 0, at: `2026-01-01T${String(hour).padStart(2, '0')}:00:00Z` });

test('two lists become one, in which older rows never come between those that are shown', () => {
  const all = [work('jobs', 9), work('jobs', 7), work('batches', 8), work('batches', 3)];
  assert.deepEqual(merged(all, { jobs: false, batches: false }).map((one) => one.id), ['jobs9', 'batches8', 'jobs7', 'batches3']);
  assert.deepEqual(merged(all, { jobs: true, batches: true }).map((one) => one.id), ['jobs9', 'batches8', 'jobs7']);
});
