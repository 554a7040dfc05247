// A batch as it goes: pictures come in while one looks; pause, stop, try again what failed, take away.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, near, type Answer } from '../core/api.ts';
import { onLine, watch } from '../core/events.ts';
import { hasWord, moment, number, t, words } from '../core/i18n.ts';
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
import { may, sessionRefresh } from '../state.ts';
import type { PageProps } from '../routes.ts';
import '../styles/batch.css';

const w = words('batch');
type Piece = Generation['items'][number];
type Item = Answer<'/api/apps/product-photo-studio/items/{id}'>;
const gatherMs = 400; // at least; the more pictures there are, the more is asked for
const gatherPieceMs = 5;
const path = (id: string) => ({ path: { id } });

const tones = { pending: 'plain', processing: 'run', paused: 'warn', completed: 'ok', failed: 'bad', cancelled: 'plain' } as const;
export const StateOf = ({ of }: { of: Generation['status'] }) => <Pill tone={tones[of]}>{w(`state.${of}`)}</Pill>;

/* An address is signed anew each time: that a picture was shown by stays, or it would be fetched again. */
function merged(before: Generation | null, now: Generation): Generation {
  const known = new Map(before?.items.map((one) => [one.variationId, one]));
  return { ...now, items: now.items.map((one) => {
    const was = known.get(one.variationId);
    return one.imageUrl && was?.imageUrl ? { ...one, imageUrl: was.imageUrl, thumbnailUrl: was.thumbnailUrl } : one;
  }) };
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
    const soon = (): void => { due ??= setTimeout(() => void look(), gatherMs + gatherPieceMs * (batch.value.value?.total ?? 0)); };
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
      <progress max={100} value={Math.max(of.progress, (100 * done) / Math.max(1, of.total)) || (of.status === 'processing' ? undefined : 0)} aria-label={w('progress')} />
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
const photoName = (item: Item | undefined): string => item?.productName || item?.originalFileName || w('picture');

/* A picture's name apart from the page: its photo's, and its TITLE among several of that. */
const nameApart = (item: Item | undefined, title: string): string => (title === photoName(item) ? title : `${photoName(item).replace(/\.\w{3,4}$/, '')} ${title}`);

function Piece({ of, item, title, onOpen }: { of: Piece; item: Item | undefined; title: string; onOpen: () => void }) {
  const src = of.thumbnailUrl ?? item?.thumbnailUrl;
  const name = nameApart(item, title);
  return (
    <li class="batch-piece">
      <Tile src={src ? near(src) : null} alt="" title={title} note={noteOf(of)} {...(marks[of.status] ? { mark: marks[of.status]! } : {})}
        {...(of.imageUrl ? { onOpen } : {})}>
        {of.imageUrl && <a class="button is-icon batch-take" href={near(of.imageUrl)} download={fileName(name, of.imageUrl)} aria-label={t('downloadOf', { name })} title={t('download')}><Icon name="download" /></a>}
        {of.status === 'processing' && <progress class="batch-bar" max={1} value={of.progress || undefined} aria-label={w('progressOf', { name })} />}
      </Tile>
    </li>
  );
}

/* How many looks each photo is made in: their pictures stand beside each other. */
export const looksOf = (of: { workflow?: unknown }): number => ((of.workflow as { templateIds?: string[] } | null)?.templateIds ?? []).length || 1;

function Photo({ item, pieces, onOpen }: { item: Item | undefined; pieces: readonly Piece[]; onOpen: (one: Piece) => void }) {
  const name = photoName(item);
  return (
    <section class="batch-photo" aria-label={name}>
      <h2>{item?.thumbnailUrl && <img src={near(item.thumbnailUrl)} alt="" width="40" height="40" loading="lazy" decoding="async" />}{name}</h2>
      <ul class="gallery">{pieces.map((one) => <Piece key={one.variationId} of={one} item={item} title={one.title ?? name} onOpen={() => onOpen(one)} />)}</ul>
    </section>
  );
}

function Large({ of, among, item, onClose }: { of: Piece; among: readonly Piece[]; item: Item | undefined; onClose: () => void }) {
  const titleOf = (one: Piece): string => (among.length > 1 && one.title ? one.title : photoName(item));
  const all = among.flatMap((one) => (one.imageUrl ? [{ id: one.variationId, title: titleOf(one), name: nameApart(item, titleOf(one)), url: one.imageUrl }] : []));
  const select = (id: string, title: string): void =>
    void ask('post', '/api/apps/product-photo-studio/items/{id}/variations/{variationId}/select', { path: { id: of.itemId, variationId: id } })
      .then(() => toast(w('stands', { title })), toastWrong);
  return <Compare before={item?.originalUrl ?? null} all={all} open={of.variationId} title={photoName(item)} onClose={onClose}
    {...(all.length > 1 && may('projects:write') ? { acts: (shown) => <button type="button" class="button" onClick={() => select(shown.id, shown.title)}>{w('standFor')}</button> } : {})} />;
}

function Pieces({ of, known }: { of: Generation; known: Known }) {
  const open = useSignal<Piece | null>(null);
  const only = useSignal(false);
  const shown = only.value ? of.items.filter((one) => one.status === 'failed') : of.items;
  const show = (one: Piece): void => { open.value = one; };
  if (!of.items.length) return <Empty icon="stack" title={w('nothing')} />;
  return (
    <>
      {of.failed > 0 && <label class="check"><input type="checkbox" checked={only.value} onChange={(event) => { only.value = event.currentTarget.checked; }} />{w('onlyFailed')}</label>}
      {looksOf(of) > 1
        ? of.itemIds.map((id) => ({ id, pieces: shown.filter((one) => one.itemId === id) })).filter(({ pieces }) => pieces.length)
          .map(({ id, pieces }) => <Photo key={id} item={known.get(id)} pieces={pieces} onOpen={show} />)
        : <ul class="gallery">{shown.map((one) => <Piece key={one.variationId} of={one} item={known.get(one.itemId)} title={photoName(known.get(one.itemId))} onOpen={() => show(one)} />)}</ul>}
      {open.value && <Large of={open.value} among={of.items.filter((one) => one.itemId === open.value!.itemId)} item={known.get(open.value.itemId)} onClose={() => { open.value = null; }} />}
    </>
  );
}

/* One picture is taken as it is, several as a ZIP; its button is there before there is one, so that nothing jumps when it comes. */
function Take({ of, known, onZip }: { of: Generation; known: Known; onZip: () => void }) {
  const one = of.total === 1 ? of.items.find((piece) => piece.imageUrl) : undefined;
  const zip = <button type="button" class={`button${hasEnded(of) && !one ? ' is-main' : ''}`} disabled={!of.completed} onClick={onZip}><Icon name="download" />{w('zip')}</button>;
  return one
    ? <><a class="button is-main" href={near(one.imageUrl!)} download={fileName(photoName(known.get(one.itemId)), one.imageUrl!)}><Icon name="download" />{t('download')}</a>{zip}</>
    : zip;
}

/* The look it is made in, by its name; what it is called by its title already is not said again. */
function leadOf(of: Generation): string {
  const look = of.templateId ? of.items[0]?.title : null;
  const type = looksOf(of) > 1 ? w('looks', { n: looksOf(of) }) : look ?? w(`type.${of.generationType}`);
  return type === w('title') ? moment(of.createdAt) : `${type} · ${moment(of.createdAt)}`;
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
        {(now.completed > 0 || !hasEnded(now)) && <Take of={now} known={known} onZip={() => { isTaking.value = true; }} />}
      </>}</Head>
      <Load of={batch}>{(of) => <>
        <Progress of={of} />
        <Failures of={batch.value} />
        <Pieces of={of} known={known} />
        {hasEnded(of) && <div class="row"><a class="button" href={`/templates?project=${of.projectId}`}><Icon name="templates" />{w('anotherLook')}</a>
          <a class="button" href={`/projects/${of.projectId}`}><Icon name="folder" />{w('toProject')}</a></div>}
      </>}</Load>
      {isTaking.value && now && <Zip projectId={now.projectId} pictures={now.items.filter((one) => one.imageUrl).map((one) => one.variationId)} onClose={() => { isTaking.value = false; }} />}
    </>
  );
}
