// What templates would make of the first photo at hand: free previews, a few at once, kept as long as the page.
import { signal } from '@preact/signals';
import { ask } from './core/api.ts';
import { generationSettled } from './shoot.ts';

export interface Look {
  state: 'waiting' | 'drawing' | 'ready' | 'failed';
  url: string;
}

const atOnce = 2;
const before = -1; // the place of what is looked at large
export const looks = signal<ReadonlyMap<string, Look>>(new Map());
const line: { key: string; itemId: string; projectId: string; templateId: string; place: number }[] = [];
let busy = 0;
let stop = new AbortController();

export const lookKey = (itemId: string, templateId: string): string => `${itemId}/${templateId}`;
const set = (key: string, look: Look): void => {
  looks.value = new Map(looks.value).set(key, look);
};

async function draw(one: (typeof line)[number], signal: AbortSignal): Promise<void> {
  set(one.key, { state: 'drawing', url: '' });
  let begun = '';
  try {
    const reply = await ask('post', '/api/apps/product-photo-studio/items/{id}/preview', { path: { id: one.itemId }, body: { templateId: one.templateId }, signal });
    begun = reply.generationId;
    const ended = await generationSettled(begun, one.projectId, signal);
    const url = ended.items[0]?.imageUrl;
    set(one.key, url ? { state: 'ready', url } : { state: 'failed', url: '' });
  } catch {
    if (signal.aborted) {
      forget(one.key);
      if (begun) void ask('post', '/api/apps/product-photo-studio/generations/{id}/cancel', { path: { id: begun } }).catch(() => undefined);
    } else set(one.key, { state: 'failed', url: '' });
  }
}

function forget(key: string): void {
  const rest = new Map(looks.value);
  rest.delete(key);
  looks.value = rest;
}

function pull(): void {
  while (busy < atOnce && line.length) {
    const one = line.shift()!;
    busy++;
    void draw(one, stop.signal).finally(() => {
      busy--;
      pull();
    });
  }
}

/** Have it drawn, unless it is: those with the least PLACE on the page first, and before all of them the one that has none. */
export function lookWish(projectId: string, itemId: string, templateId: string, place = before): void {
  const key = lookKey(itemId, templateId);
  const known = looks.value.get(key);
  if (known && !(place === before && (known.state === 'failed' || known.state === 'waiting'))) return;
  const at = line.findIndex((one) => one.key === key);
  if (at >= 0) line.splice(at, 1);
  set(key, { state: 'waiting', url: '' });
  line.push({ key, itemId, projectId, templateId, place });
  line.sort((a, b) => a.place - b.place);
  pull();
}

/** It is out of sight: what was not begun makes way for what is seen, unless it is wished before all others. */
export function lookDrop(itemId: string, templateId: string): void {
  const key = lookKey(itemId, templateId);
  const at = line.findIndex((one) => one.key === key && one.place !== before);
  if (at < 0) return;
  line.splice(at, 1);
  forget(key);
}

/** Nobody looks any more: what was not begun is forgotten. */
export function looksStop(): void {
  for (const one of line.splice(0)) forget(one.key);
  stop.abort();
  stop = new AbortController();
}
