// Sending files: three at once, each with its progress, again when the line broke, until somebody calls it off. No framework, no pictures in
// full size on the page.
export const accepted = ['image/jpeg', 'image/png', 'image/webp'];
export const acceptedKinds = [...accepted, '.jpg', '.jpeg', '.png', '.webp'].join(',');
export const mostBytes = 20e6;
export const mostFiles = 100;

export type SendState = 'waiting' | 'sending' | 'sent' | 'failed' | 'cancelled';
export type Unfit = 'type' | 'size' | 'empty' | 'count';

/** Why FILE, the INDEXth of its kind, cannot be sent; null when it can. Phones make a JPEG of their HEIC when no HEIC is asked for. */
export function fileUnfit(file: File, index: number): Unfit | null {
  if (index >= mostFiles) return 'count';
  if (!accepted.includes(file.type)) return 'type';
  if (file.size === 0) return 'empty';
  return file.size > mostBytes ? 'size' : null;
}

/** Where a file goes: what the server gave for it. */
export interface Ticket {
  url: string;
  method: string;
  headers: Record<string, string>;
}

export interface Sending {
  readonly id: number;
  readonly file: File;
  state: SendState;
  sentBytes: number;
  reason: string;
  isLost: boolean; // not refused: the line broke, or the server had no time
  tries: number;
}

interface Plan {
  ticket: (sending: Sending) => Promise<Ticket>;
  sent?: (sending: Sending) => Promise<void>;
  changed: (sending: Sending) => void;
  reason?: (wrong: unknown) => Promise<string>; // in words for people; else the error's own
  atOnce?: number;
  tries?: number;
  pause?: (ms: number) => Promise<void>;
  network?: (signal: AbortSignal) => Promise<void> | null; // what to wait for while there is none
  put?: (file: File, ticket: Ticket, told: (sentBytes: number) => void, signal: AbortSignal) => Promise<unknown>;
}

export class Dropped extends Error {}
class Lost extends Error {}

/** Send BODY to where TICKET says; gives the text of the answer, and fails with it. XHR, as fetch tells no progress of what is sent. */
export function put(body: File | FormData, ticket: Ticket, told: (sentBytes: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((done, fail) => {
    const line = new XMLHttpRequest();
    const stop = () => line.abort();
    line.open(ticket.method, ticket.url);
    for (const [name, value] of Object.entries(ticket.headers)) line.setRequestHeader(name, value);
    line.upload.onprogress = (event) => told(event.loaded);
    line.onload = () => {
      signal.removeEventListener('abort', stop);
      const text = line.responseText || `${line.status}`;
      if (line.status < 300) done(line.responseText);
      else fail(line.status >= 500 || line.status === 429 ? new Lost(text) : new Error(text));
    };
    line.onerror = () => fail(new Lost());
    line.onabort = () => fail(new Dropped('cancelled'));
    signal.addEventListener('abort', stop);
    line.send(body);
  });
}

/** A line of files on their way. */
export class Uploads {
  readonly all: Sending[] = [];
  #plan: Plan;
  #stops = new Map<number, AbortController>();
  #busy = 0;
  #next = 1;
  constructor(plan: Plan) {
    this.#plan = plan;
  }

  add(files: Iterable<File>): Sending[] {
    const fresh = [...files].map((file): Sending => ({ id: this.#next++, file, state: 'waiting', sentBytes: 0, reason: '', isLost: false, tries: 0 }));
    this.all.push(...fresh);
    this.#pull();
    return fresh;
  }
  retry(id: number): void {
    const one = this.all.find((sending) => sending.id === id && (sending.state === 'failed' || sending.state === 'cancelled'));
    if (!one) return;
    Object.assign(one, { state: 'waiting', sentBytes: 0, reason: '', isLost: false, tries: 0 });
    this.#plan.changed(one);
    this.#pull();
  }
  cancel(id: number): void {
    const one = this.all.find((sending) => sending.id === id);
    if (!one || one.state === 'sent') return;
    one.state = 'cancelled';
    this.#stops.get(id)?.abort();
    this.#plan.changed(one);
  }
  /** Take it off the line altogether. */
  drop(id: number): void {
    this.cancel(id);
    const at = this.all.findIndex((sending) => sending.id === id);
    if (at >= 0) this.all.splice(at, 1);
  }
  get isBusy(): boolean {
    return this.all.some((sending) => sending.state === 'waiting' || sending.state === 'sending');
  }

  #pull(): void {
    while (this.#busy < (this.#plan.atOnce ?? 3)) {
      const one = this.all.find((sending) => sending.state === 'waiting');
      if (!one) return;
      this.#busy++;
      one.state = 'sending';
      void this.#send(one).finally(() => {
        this.#busy--;
        this.#pull();
      });
    }
  }
  async #once(one: Sending, signal: AbortSignal): Promise<void> {
    const ticket = await this.#plan.ticket(one);
    if (signal.aborted) throw new Dropped('cancelled');
    await (this.#plan.put ?? put)(one.file, ticket, (sentBytes) => {
      one.sentBytes = sentBytes;
      this.#plan.changed(one);
    }, signal);
    await this.#plan.sent?.(one);
  }
  async #send(one: Sending): Promise<void> {
    const stop = new AbortController();
    const most = this.#plan.tries ?? 4;
    this.#stops.set(one.id, stop);
    this.#plan.changed(one);
    for (;;) {
      one.tries++;
      try {
        await this.#once(one, stop.signal);
        one.state = 'sent';
        one.sentBytes = one.file.size;
        break;
      } catch (wrong) {
        if (stop.signal.aborted) break; // it says so already
        one.isLost = wrong instanceof Lost || (wrong as { status?: number }).status === 0 || (wrong as { status?: number }).status === 429;
        one.sentBytes = 0;
        const back = one.isLost ? (this.#plan.network ?? network)(stop.signal) : null;
        if (back) one.tries--; // nothing was tried: there was no network
        else if (!one.isLost || one.tries >= most) {
          one.reason = (await this.#plan.reason?.(wrong)) ?? (wrong as Error).message;
          if (stop.signal.aborted) break;
          one.state = 'failed';
          break;
        }
        this.#plan.changed(one);
        await (back ?? (this.#plan.pause ?? pause)(2 ** one.tries * 500 * (0.75 + Math.random() / 2)));
        if (stop.signal.aborted) break;
        one.isLost = false;
      }
    }
    if (this.#stops.get(one.id) === stop) this.#stops.delete(one.id);
    this.#plan.changed(one);
  }
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function network(signal: AbortSignal): Promise<void> | null {
  if (globalThis.navigator?.onLine !== false) return null;
  return new Promise((done) => {
    addEventListener('online', () => done(), { once: true, signal });
    signal.addEventListener('abort', () => done());
  });
}

/* ---- small pictures ---- */

let line: Promise<unknown> = Promise.resolve();

/** A small picture of FILE as an address, or null for what this browser cannot read; one is decoded at a time, off the page's thread. */
export function thumbMake(file: File, side = 192): Promise<string | null> {
  const job = line.then(async () => {
    try {
      const bitmap = await createImageBitmap(file, { resizeWidth: side, resizeQuality: 'low' });
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
      bitmap.close();
      return URL.createObjectURL(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.75 }));
    } catch {
      return null;
    }
  });
  line = job;
  return job;
}
