// The photos at hand: on their way to a project while pages change, and looked for again after a reload.
import { computed, signal } from '@preact/signals';
import { ask, refusalOf, type Answer } from './core/api.ts';
import { watch } from './core/events.ts';
import { day } from './core/i18n.ts';
import { fileUnfit, put, thumbMake, Uploads, type Sending, type SendState, type Ticket, type Unfit } from './core/upload.ts';

export const app = '/api/apps/product-photo-studio';
export type Project = Pick<Answer<'/api/apps/product-photo-studio/projects/{id}'>, 'id' | 'name'>;
export type Item = Answer<'/api/apps/product-photo-studio/items/{id}'>;

export interface Photo {
  key: string;
  name: string;
  size: number;
  thumb: string | null;
  state: SendState | 'unfit';
  unfit: Unfit | null;
  sentBytes: number;
  reason: string;
  sending: Sending | null;
}

export const project = signal<Project | null>(null);
export const photos = signal<Photo[]>([]);
export const items = signal<Item[]>([]); // that have arrived, in the order in which they did
export const isSending = computed(() => photos.value.some((photo) => photo.state === 'waiting' || photo.state === 'sending'));

const remember = (id: string): void => {
  try {
    sessionStorage.setItem('project', id);
  } catch {
    // it holds as long as the page
  }
};

/* One project for all that is dropped until another is begun; made by the first photo that is sent. */
let making: Promise<Project> | null = null;
function projectEnsure(): Promise<Project> {
  if (project.value) return Promise.resolve(project.value);
  making ??= ask('post', '/api/apps/product-photo-studio/projects', { body: { name: day(new Date()) } })
    .then((made) => {
      project.value = { id: made.id, name: made.name };
      remember(made.id);
      return made;
    })
    .finally(() => { making = null; });
  return making;
}

/* ---- sending ---- */

const hiddenMs = 250;
const arrived = new Map<Sending, Item>();

/* A form with the one photo; what the server says of it is the answer. */
function send(file: File, ticket: Ticket, told: (sentBytes: number) => void, signal: AbortSignal): Promise<void> {
  const form = new FormData();
  form.append('files', file, file.name);
  return put(form, ticket, told, signal).then((reply) => {
    const out = JSON.parse(reply) as Answer<'/api/apps/product-photo-studio/projects/{id}/items/upload', 'post'>;
    const one = line.all.find((sending) => sending.file === file);
    if (one && out.items[0]) arrived.set(one, out.items[0]);
  });
}

const line = new Uploads({
  ticket: async () => ({
    url: `${app}/projects/${(await projectEnsure()).id}/items/upload`, method: 'POST',
    headers: { Accept: 'application/json', 'X-Requested-With': 'cyclorama' },
  }),
  put: send,
  sent: async (one) => {
    const item = arrived.get(one);
    if (item) items.value = [...items.value, item];
  },
  changed: (one) => {
    changed.add(one);
    renewSoon();
  },
});

/* A hundred photos may change at once: the list is made anew once a frame. Hidden tabs have no frames. */
const changed = new Set<Sending>();
const thumbs = new Map<Sending, string | null>();
let isDue = false;

const stateOf = (of: Sending): Pick<Photo, 'state' | 'sentBytes' | 'reason'> => ({ state: of.state, sentBytes: of.sentBytes, reason: reasonOf(of.reason) });

function renew(): void {
  isDue = false;
  photos.value = photos.value.map((photo) => {
    const of = photo.sending;
    if (!of || !changed.has(of)) return photo;
    return { ...photo, ...stateOf(of), thumb: thumbs.get(of) ?? photo.thumb };
  });
  changed.clear();
  thumbs.clear();
}

function renewSoon(): void {
  if (isDue) return;
  isDue = true;
  if (document.hidden) setTimeout(renew, hiddenMs);
  else requestAnimationFrame(renew);
}

/* What a refused form says: the server's own sentence, that of its one file before that of the form. */
function reasonOf(text: string): string {
  try {
    const body = JSON.parse(text) as { results?: { message?: string | null }[] };
    return body.results?.[0]?.message ?? refusalOf(400, body).message;
  } catch {
    return text;
  }
}

let next = 1;

/** Send FILES; those that cannot be sent are told why at once. */
export function photosAdd(files: readonly File[]): void {
  let count = photos.value.filter((photo) => photo.state !== 'unfit').length;
  const checked = files.map((file) => {
    const unfit = fileUnfit(file, count);
    if (!unfit) count++;
    return { file, unfit };
  });
  const sendings = line.add(checked.filter((one) => !one.unfit).map((one) => one.file));
  let at = 0;
  const fresh = checked.map(({ file, unfit }): Photo => {
    const sending = unfit ? null : sendings[at++]!;
    return { key: `p${next++}`, name: file.name, size: file.size, thumb: null, unfit, sending, ...(sending ? stateOf(sending) : { state: 'unfit', sentBytes: 0, reason: '' }) };
  });
  photos.value = [...photos.value, ...fresh];
  for (const sending of sendings) void thumbMake(sending.file).then((thumb) => {
    if (!line.all.includes(sending)) { // it was taken off the list
      if (thumb) URL.revokeObjectURL(thumb);
      return;
    }
    thumbs.set(sending, thumb);
    changed.add(sending);
    renewSoon();
  });
}

export const photoRetry = (photo: Photo): void => line.retry(photo.sending?.id ?? 0);

/** Take it off the list; one that has arrived is deleted. */
export function photoDrop(photo: Photo): void {
  const item = photo.sending && arrived.get(photo.sending);
  if (photo.sending) line.drop(photo.sending.id);
  if (photo.thumb) URL.revokeObjectURL(photo.thumb);
  photos.value = photos.value.filter((one) => one.key !== photo.key);
  if (!item) return;
  items.value = items.value.filter((one) => one.id !== item.id);
  void ask('delete', '/api/apps/product-photo-studio/items/{id}', { path: { id: item.id } }).catch(() => undefined);
}

/** Begin with none. */
export function shootNew(): void {
  for (const photo of photos.value) {
    if (photo.sending) line.drop(photo.sending.id);
    if (photo.thumb) URL.revokeObjectURL(photo.thumb);
  }
  photos.value = [];
  items.value = [];
  project.value = null;
  remember('');
}

/** Take up the project called ID, or the one of this tab: its photos are those at hand. */
export async function shootOpen(id?: string): Promise<void> {
  const wanted = id || sessionStorage.getItem('project');
  if (!wanted || wanted === project.value?.id) return;
  const found = await ask('get', '/api/apps/product-photo-studio/projects/{id}', { path: { id: wanted } });
  const of = await ask('get', '/api/apps/product-photo-studio/projects/{id}/items', { path: { id: wanted }, query: { limit: 100 } });
  if (isSending.value) return;
  photos.value = [];
  project.value = { id: found.id, name: found.name };
  items.value = of.items;
  remember(wanted);
}

/* ---- what becomes of them ---- */

export type Generation = Answer<'/api/apps/product-photo-studio/generations/{id}'>;
export const hasEnded = (of: Pick<Generation, 'status'>): boolean => ['completed', 'failed', 'cancelled'].includes(of.status);
const slowMs = 4000; // what an event was missed for is asked for

/** GENERATION once it has ended; heard of by the events of its project. */
export function generationSettled(id: string, projectId: string, signal: AbortSignal): Promise<Generation> {
  return new Promise((done, fail) => {
    const stop = (): void => {
      unwatch();
      clearInterval(timer);
      signal.removeEventListener('abort', dropped);
    };
    const look = async (): Promise<void> => {
      try {
        const now = await ask('get', '/api/apps/product-photo-studio/generations/{id}', { path: { id }, signal });
        if (!hasEnded(now)) return;
        stop();
        done(now);
      } catch (wrong) {
        stop();
        fail(wrong);
      }
    };
    const dropped = (): void => {
      stop();
      fail(signal.reason);
    };
    const unwatch = watch(projectId, ({ name }) => {
      if (/^(run|batch)\.(completed|failed|cancelled)$/.test(name)) void look();
    });
    const timer = setInterval(() => void look(), slowMs);
    signal.addEventListener('abort', dropped);
    void look();
  });
}
