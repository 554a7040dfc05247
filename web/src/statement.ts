// A statement that is read at a glance: what one piece of work moved (set aside, charged, given back, picture by picture) is one row.
import type { Answer } from './core/api.ts';

export type Entry = Answer<'/api/credits/history'>['entries'][number];
export interface Row {
  of: Entry; // the newest
  count: number; // of its charges
  change: number;
  held: number; // still set aside
  type: string;
}

/* Other than generations: the same work for the same thing, such as photos that are sent into a project. */
const keyOf = (of: Entry): string => of.generationId ?? (of.referenceId && of.said ? `${of.referenceId} ${of.said.sentence}` : of.id);

function rowOf(all: readonly Entry[]): Row {
  const sum = (type: string): number => all.reduce((total, one) => total + (one.type === type ? one.credits : 0), 0);
  const of = all[0]!;
  const count = all.filter((one) => one.type === 'charged').length;
  const held = Math.max(0, sum('reserved') - sum('charged') - sum('returned'));
  return { of, count, held, change: all.reduce((total, one) => total + one.change, 0), type: held ? 'reserved' : count ? 'charged' : of.type };
}

/** ENTRIES, newest first, as rows, newest first: of a generation they are one wherever they stand, all others only beside each other. */
export function rowsOf(entries: readonly Entry[]): Row[] {
  const groups: { key: string; all: Entry[] }[] = [];
  for (const one of entries) {
    const key = keyOf(one);
    const group = groups.findLast((known, at) => known.key === key && (!!one.generationId || at === groups.length - 1));
    if (group) group.all.push(one);
    else groups.push({ key, all: [one] });
  }
  return groups.map(({ all }) => rowOf(all));
}

/** Is there a generation of whose charges older entries may tell more? What was set aside for it comes before all of them. */
export function isCut(entries: readonly Entry[]): boolean {
  const begun = new Set(entries.filter((one) => one.type === 'reserved').map((one) => one.generationId));
  return entries.some((one) => one.generationId && !begun.has(one.generationId));
}
