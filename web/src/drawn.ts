// Pictures that the server draws when they are asked for: until they are there it answers 202, and is asked again.
import { signal } from '@preact/signals';

const atOnce = 3;
const least = 2000;
const most = 15_000;
export const drawn = signal<ReadonlySet<string>>(new Set());
const line: string[] = [];
const known = new Set<string>();
let busy = 0;

async function look(url: string): Promise<void> {
  for (let wait = least; ; wait = Math.min(wait * 1.5, most)) {
    const reply = await fetch(url, { headers: { 'X-Requested-With': 'cyclorama' } });
    if (reply.status !== 202) {
      if (reply.ok) drawn.value = new Set(drawn.value).add(url);
      return;
    }
    if (!known.has(url)) return; // nobody looks any more
    await new Promise((done) => setTimeout(done, wait));
  }
}

function pull(): void {
  while (busy < atOnce && line.length) {
    const url = line.shift()!;
    busy++;
    look(url).catch(() => known.delete(url)).finally(() => {
      busy--;
      pull();
    });
  }
}

/** Ask for what is at URL; it is in `drawn` once it is there. */
export function drawnWish(url: string): void {
  if (known.has(url)) return;
  known.add(url);
  line.push(url);
  pull();
}

/** Nobody looks any more: those that are not there are forgotten. */
export function drawnStop(): void {
  line.length = 0;
  for (const url of known) if (!drawn.value.has(url)) known.delete(url);
}
