// Lists that are looked at while they change: nothing moves under the hand.
export interface Kept<T> {
  id: string;
  now: T; // as it was last seen
  isGone: boolean;
}

const mostGone = 200;

/** NOW in the order in which its rows were first seen; what is no longer there stays in its place, as gone. New ones come last. */
export function rowsKept<T>(before: readonly Kept<T>[], now: readonly T[], idOf: (row: T) => string): Kept<T>[] {
  const fresh = new Map(now.map((row) => [idOf(row), row]));
  const kept = before.map((row): Kept<T> => {
    const found = fresh.get(row.id);
    fresh.delete(row.id);
    return found === undefined ? { ...row, isGone: true } : { id: row.id, now: found, isGone: false };
  });
  const gone = kept.filter((row) => row.isGone);
  const forgotten = new Set(gone.slice(0, Math.max(0, gone.length - mostGone)));
  return [...kept.filter((row) => !forgotten.has(row)), ...[...fresh].map(([id, row]) => ({ id, now: row, isGone: false }))];
}
