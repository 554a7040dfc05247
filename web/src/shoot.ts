// The photos at hand: on their way to a project while pages change, and looked for again after a reload.
import { computed, signal } from '@preact/signals';
import { ask, Refusal, refusalOf, type Answer } from './core/api.ts';
import { watch } from './core/events.ts';
import { day, t } from './core/i18n.ts';
import { closeGuard } from './core/router.ts';
import { toldLoad, toldText } from './core/told.ts';
import { fileUnfit, put, thumbMake, Uploads, type Sending, type SendState, type Ticket, type Unfit } from './core/upload.ts';
import { sessionRefresh } from './state.ts';

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
  isLost: boolean; // not sent, and not refused: it may go the next time
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
  reason: reasonOf,
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

const stateOf = (of: Sending): Pick<Photo, 'state' | 'sentBytes' | 'reason' | 'isLost'> => ({
  state: of.state, sentBytes: of.sentBytes, isLost: of.isLost, reason: of.isLost && of.state === 'sending' ? t('send.awaits') : of.isLost ? t('send.lost') : of.reason,
});

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

/* Why it did not go: what the project or the form was refused for, else the line. */
async function reasonOf(wrong: unknown): Promise<string> {
  await toldLoad();
  try {
    const refusal = wrong instanceof Refusal ? wrong : refusalOf(400, JSON.parse((wrong as Error).message));
    return toldText(refusal.code, refusal.said, refusal.message).text;
  } catch {
    return t('error.unknown');
  }
}

let next = 1;

const mostUnfit = 3; // are listed one by one

/* Those that cannot be sent, by reason: a few one by one, a crowd in a row of its own. */
function unfitRows(files: readonly { file: File; unfit: Unfit }[]): Photo[] {
  const row = (name: string, size: number, unfit: Unfit): Photo =>
    ({ key: `p${next++}`, name, size, thumb: null, unfit, sending: null, state: 'unfit', sentBytes: 0, reason: '', isLost: false });
  const groups = new Map<Unfit, File[]>();
  for (const { file, unfit } of files) groups.set(unfit, [...(groups.get(unfit) ?? []), file]);
  return [...groups].flatMap(([unfit, all]) => (all.length > mostUnfit
    ? [row(t('files', { n: all.length }), all.reduce((sum, file) => sum + file.size, 0), unfit)]
    : all.map((file) => row(file.name, file.size, unfit))));
}

/** Send FILES; those that cannot be sent are told why at once. */
export function photosAdd(files: readonly File[]): void {
  const fit: File[] = [];
  const unfit: { file: File; unfit: Unfit }[] = [];
  const here = photos.value.filter((photo) => photo.state !== 'unfit').length;
  for (const file of files) {
    const why = fileUnfit(file, here + fit.length);
    if (why) unfit.push({ file, unfit: why });
    else fit.push(file);
  }
  const sendings = line.add(fit);
  const fresh = sendings.map((sending): Photo =>
    ({ key: `p${next++}`, name: sending.file.name, size: sending.file.size, thumb: null, unfit: null, sending, ...stateOf(sending) }));
  photos.value = [...photos.value, ...unfitRows(unfit), ...fresh];
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

/** Send again what was lost on its way. */
export const lostRetry = (): void => photos.value.filter((photo) => photo.state === 'failed' && photo.isLost).forEach(photoRetry);
addEventListener('online', lostRetry);
closeGuard(() => isSending.value);
isSending.subscribe((is) => {
  if (!is && arrived.size) void sessionRefresh().catch(() => undefined); // what they cost
});

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

/** Take up the project called ID, or the one of this tab: its photos are those at hand. One of this tab that is gone is let go. */
export async function shootOpen(id?: string): Promise<void> {
  const wanted = id || sessionStorage.getItem('project');
  if (!wanted || wanted === project.value?.id) return;
  try {
    const [found, of] = await Promise.all([
      ask('get', '/api/apps/product-photo-studio/projects/{id}', { path: { id: wanted } }),
      ask('get', '/api/apps/product-photo-studio/projects/{id}/items', { path: { id: wanted }, query: { limit: 100 } })]);
    if (isSending.value) return;
    photos.value = [];
    project.value = { id: found.id, name: found.name };
    items.value = of.items;
    remember(wanted);
  } catch (wrong) {
    if (id || !(wrong instanceof Refusal) || wrong.status !== 404) throw wrong;
    shootNew();
  }
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
