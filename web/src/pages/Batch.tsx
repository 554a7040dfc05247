// A batch as it goes: pictures come in while one looks; pause, stop, try again what failed, take away.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, near, type Answer } from '../core/api.ts';
import { onLine, watch } from '../core/events.ts';
import { ago, hasWord, number, t, words } from '../core/i18n.ts';
import { fileName } from '../core/names.ts';
import { Compare } from '../parts/Compare.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Pill } from '../parts/Pill.tsx';
import { Tile, type Mark } from '../parts/Tile.tsx';
import { told } from '../parts/told.ts';
import { toast, toastWrong } from '../parts/Toasts.tsx';
import { Zip } from '../parts/Zip.tsx';
import { hasEnded, type Generation } from '../shoot.ts';
import { sessionRefresh } from '../state.ts';
import type { PageProps } from '../routes.ts';
import '../styles/batch.css';

const w = words('batch');
type Piece = Generation['items'][number];
type Item = Answer<'/api/apps/product-photo-studio/items/{id}'>;
const gatherMs = 400;
const path = (id: string) => ({ path: { id } });

const tones = { pending: 'plain', processing: 'run', paused: 'warn', completed: 'ok', failed: 'bad', cancelled: 'plain' } as const;
export const StateOf = ({ of }: { of: Generation['status'] }) => <Pill tone={tones[of]}>{w(`state.${of}`)}</Pill>;

/* An address is signed anew each time: that a picture was shown by stays, or it would be fetched again. */
function merged(before: Generation | null, now: Generation): Generation {
  const known = new Map(before?.items.map((one) => [one.variationId, one.imageUrl]));
  return { ...now, items: now.items.map((one) => ({ ...one, imageUrl: (one.imageUrl && known.get(one.variationId)) || one.imageUrl })) };
}

/* ---- what goes on ---- */

function useBatch(id: string) {
  const batch = useLoad((signal) => ask('get', '/api/apps/product-photo-studio/generations/{id}', { ...path(id), signal }), [id]);
  const projectId = batch.value.value?.projectId;
  const isOver = batch.value.value ? hasEnded(batch.value.value) : false;
  useEffect(() => {
    if (!projectId || isOver) return undefined;
    let due: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      due = undefined;
      try {
        batch.value.value = merged(batch.value.value, await ask('get', '/api/apps/product-photo-studio/generations/{id}', path(id)));
        if (hasEnded(batch.value.value)) void sessionRefresh().catch(() => undefined);
      } catch {
        // the next event asks again
      }
    };
    const soon = (): void => { due ??= setTimeout(() => void look(), gatherMs); };
    const unwatch = watch(projectId, soon);
    const unline = onLine((isUp) => { if (isUp) soon(); }); // what happened before it was up was not heard
    return () => {
      unwatch();
      unline();
      clearTimeout(due);
    };
  }, [projectId, isOver]);
  return batch;
}

function Progress({ of }: { of: Generation }) {
  const done = of.completed + of.failed + of.cancelled;
  return (
    <section class="card is-padded batch-progress" aria-label={w('progress')}>
      <div class="batch-counts">
        <b role="status">{w('done', { done: number(of.completed), all: number(of.total) })}</b>
        <StateOf of={of.status} />
        {of.failed > 0 && <Pill tone="bad">{w('failedCount', { n: of.failed })}</Pill>}
        <span class="hint batch-credits">{w('charged', { n: of.creditCharged })}</span>
      </div>
      <progress max={100} value={Math.max(of.progress, (100 * done) / Math.max(1, of.total))} aria-label={w('progress')} />
    </section>
  );
}

type Act = 'pause' | 'resume' | 'cancel';

function Acts({ of }: { of: Signal<Generation | null> }) {
  const now = of.value!;
  const isBusy = useSignal(false);
  async function act(what: Act): Promise<void> {
    isBusy.value = true;
    try {
      const where = `/api/apps/product-photo-studio/generations/{id}/${what}` as '/api/apps/product-photo-studio/generations/{id}/pause';
      of.value = merged(of.value, await ask('post', where, path(now.id)));
      if (what === 'cancel') void sessionRefresh().catch(() => undefined);
    } catch (wrong) {
      toastWrong(wrong);
    } finally {
      isBusy.value = false;
    }
  }
  if (hasEnded(now)) return null;
  return (
    <>
      {now.status === 'paused'
        ? <button type="button" class="button is-main" disabled={isBusy.value} onClick={() => void act('resume')}><Icon name="play" />{w('resume')}</button>
        : <button type="button" class="button" disabled={isBusy.value} onClick={() => void act('pause')}><Icon name="pause" />{w('pause')}</button>}
      <button type="button" class="button" disabled={isBusy.value} onClick={() => void act('cancel')}><Icon name="stop" />{w('stop')}</button>
    </>
  );
}

/* ---- what failed, by reason ---- */

interface Failed {
  reason: string;
  text: string;
  said: Piece['errorSaid'];
  pieces: Piece[];
}

export function failedBy(pieces: readonly Piece[]): Failed[] {
  const groups = new Map<string, Failed>();
  for (const one of pieces.filter((piece) => piece.status === 'failed')) {
    const reason = one.reason ?? 'unknown';
    const group = groups.get(reason) ?? { reason, text: one.errorMessage ?? '', said: one.errorSaid, pieces: [] };
    group.pieces.push(one);
    groups.set(reason, group);
  }
  return [...groups.values()].sort((a, b) => b.pieces.length - a.pieces.length);
}

function Why({ of }: { of: Failed }) {
  const { text, detail } = told(of.reason, of.said, of.text);
  return <>{text}{detail && <small class="detail" lang="en">{detail}</small>}</>;
}

function Failures({ of }: { of: Signal<Generation | null> }) {
  const groups = failedBy(of.value!.items);
  async function retry(group: Failed): Promise<void> {
    try {
      of.value = merged(of.value, await ask('post', '/api/apps/product-photo-studio/generations/{id}/retry', { ...path(of.value!.id), body: { reason: group.reason } }));
      toast(w('retrying', { n: group.pieces.length }));
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  return groups.length ? (
    <Notice tone="bad">
      {groups.map((group) => (
        <div class="batch-failed" key={group.reason}>
          <span><b>{w('failedCount', { n: group.pieces.length })}</b> <Why of={group} /></span>
          <button type="button" class="button" onClick={() => void retry(group)}><Icon name="redo" />{w('retry', { n: group.pieces.length })}</button>
        </div>
      ))}
      <p>{w('failedFree')}</p>
    </Notice>
  ) : null;
}

/* ---- pictures ---- */

const marks: Partial<Record<Piece['status'], Mark>> = { completed: 'ok', failed: 'bad', processing: 'run', pending: 'wait' };

function noteOf(of: Piece): string {
  if (of.status === 'failed') return told(of.reason, of.errorSaid, of.errorMessage).text || w('state.failed');
  if (of.status === 'completed') return `${of.width} × ${of.height}`;
  if (of.status === 'processing') return of.step && hasWord('batch', `step.${of.step}`) ? w(`step.${of.step}` as 'step.cutout') : w('state.processing');
  return w(`state.${of.status}`);
}

type Known = ReadonlyMap<string, Item>;
const nameOf = (item: Item | undefined): string => item?.productName || item?.originalFileName || w('picture');

function Piece({ of, item, onOpen }: { of: Piece; item: Item | undefined; onOpen: () => void }) {
  const name = nameOf(item);
  return (
    <li class="batch-piece">
      <Tile src={of.imageUrl ? near(of.imageUrl) : item?.thumbnailUrl ? near(item.thumbnailUrl) : null} alt="" title={name} note={noteOf(of)} {...(marks[of.status] ? { mark: marks[of.status]! } : {})}
        {...(of.imageUrl ? { onOpen } : {})}>
        {of.imageUrl && <a class="button is-icon batch-take" href={near(of.imageUrl)} download={fileName(name, of.imageUrl)} aria-label={t('downloadOf', { name })} title={t('download')}><Icon name="download" /></a>}
        {of.status === 'processing' && <progress class="batch-bar" max={1} value={of.progress} aria-label={w('progressOf', { name })} />}
      </Tile>
    </li>
  );
}

function Pieces({ of, known }: { of: Generation; known: Known }) {
  const open = useSignal<Piece | null>(null);
  const only = useSignal(false);
  const shown = only.value ? of.items.filter((one) => one.status === 'failed') : of.items;
  if (!of.items.length) return <Empty icon="stack" title={w('nothing')} />;
  return (
    <>
      {of.failed > 0 && <label class="check"><input type="checkbox" checked={only.value} onChange={(event) => { only.value = event.currentTarget.checked; }} />{w('onlyFailed')}</label>}
      <ul class="gallery">{shown.map((one) => <Piece key={one.variationId} of={one} item={known.get(one.itemId)} onOpen={() => { open.value = one; }} />)}</ul>
      {open.value && <Compare before={known.get(open.value.itemId)?.originalUrl ?? null} after={open.value.imageUrl!}
        title={nameOf(known.get(open.value.itemId))} onClose={() => { open.value = null; }} />}
    </>
  );
}

/* One picture is taken as it is, several as a ZIP. */
function Take({ of, known, onZip }: { of: Generation; known: Known; onZip: () => void }) {
  const one = of.total === 1 ? of.items.find((piece) => piece.imageUrl) : undefined;
  const zip = <button type="button" class={`button${hasEnded(of) && !one ? ' is-main' : ''}`} onClick={onZip}><Icon name="download" />{w('zip')}</button>;
  return one
    ? <><a class="button is-main" href={near(one.imageUrl!)} download={fileName(nameOf(known.get(one.itemId)), one.imageUrl!)}><Icon name="download" />{t('download')}</a>{zip}</>
    : zip;
}

/* What it is called by its title already is not said again. */
function leadOf(of: Generation): string {
  const type = w(`type.${of.generationType}`);
  return type === w('title') ? ago(of.createdAt) : `${type} · ${ago(of.createdAt)}`;
}

export default function Batch({ values }: PageProps) {
  const batch = useBatch(values.id!);
  const now = batch.value.value;
  const isTaking = useSignal(false);
  const projectId = now?.projectId;
  const photos = useLoad(async (signal) => (projectId
    ? (await ask('get', '/api/apps/product-photo-studio/projects/{id}/items', { path: { id: projectId }, query: { limit: 100 }, signal })).items : []), [projectId]);
  const known = new Map(photos.value.value?.map((item) => [item.id, item]));
  return (
    <>
      <Head title={w('title')} {...(now ? { lead: leadOf(now) } : {})}>{now && <>
        <Acts of={batch.value} />
        {now.completed > 0 && <Take of={now} known={known} onZip={() => { isTaking.value = true; }} />}
      </>}</Head>
      <Load of={batch}>{(of) => <>
        <Progress of={of} />
        <Failures of={batch.value} />
        <Pieces of={of} known={known} />
        {hasEnded(of) && <div class="row"><a class="button" href={`/templates?project=${of.projectId}`}><Icon name="templates" />{w('anotherLook')}</a>
          <a class="button" href={`/projects/${of.projectId}`}><Icon name="folder" />{w('toProject')}</a></div>}
      </>}</Load>
      {isTaking.value && now && <Zip projectId={now.projectId} items={now.items.filter((one) => one.imageUrl).map((one) => one.itemId)} onClose={() => { isTaking.value = false; }} />}
    </>
  );
}
