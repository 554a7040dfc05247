// What programs had made by the API: followed as it happens, looked into, stopped, taken away.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, near } from '../core/api.ts';
import { watch } from '../core/events.ts';
import { ago, number, words } from '../core/i18n.ts';
import { fileName } from '../core/names.ts';
import { queryGet, querySet } from '../core/router.ts';
import { toldLoad, toldText } from '../core/told.ts';
import { hasEnded, kinds, merged, states, workCancel, workFind, workGet, workZip, type Item, type Kind, type Work } from '../jobs.ts';
import { Confirm } from '../parts/Dialog.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Choice } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Pager } from '../parts/Pager.tsx';
import { Pill } from '../parts/Pill.tsx';
import { Seg } from '../parts/Seg.tsx';
import { Tile, type Mark } from '../parts/Tile.tsx';
import { toast, toastWrong } from '../parts/Toasts.tsx';
import { told } from '../parts/told.ts';
import { may, sessionRefresh } from '../state.ts';
import '../styles/jobs.css';

const w = words('jobs');
const pageSize = 20;
const itemsMost = 48;
const watchedMost = 20; // topics of one stream
const gatherMs = 400;
const slowMs = 3000;

const tones = { waiting: 'plain', processing: 'run', completed: 'ok', failed: 'bad', cancelled: 'plain' } as const;
const titleOf = (of: Work): string => of.name || w(of.kind === 'jobs' ? 'job' : 'batch');

/* ---- the list ---- */

interface List {
  all: Work[];
  more: { [K in Kind]: boolean };
}

async function listFind(signal: AbortSignal): Promise<List> {
  const [jobs, batches] = await Promise.all([
    workFind('jobs', pageSize, undefined, signal), may('batches:read') ? workFind('batches', pageSize, undefined, signal) : []]);
  return { all: [...jobs, ...batches], more: { jobs: jobs.length === pageSize, batches: batches.length === pageSize } };
}

/* Older ones of the lists that go on. */
async function listMore(of: List): Promise<List> {
  const next = { all: of.all, more: { ...of.more } };
  for (const kind of ['jobs', 'batches'] as const) {
    if (!of.more[kind]) continue;
    const older = await workFind(kind, pageSize, of.all.filter((one) => one.kind === kind).at(-1)!.id);
    next.all = [...next.all, ...older];
    next.more[kind] = older.length === pageSize;
  }
  return next;
}

function put(into: Signal<List | null>, work: Work): void {
  if (into.value) into.value = { ...into.value, all: into.value.all.map((one) => (one.id === work.id ? work : one)) };
}

/* Those that have not ended are asked for when something happens to them. */
function useLive(list: Signal<List | null>): void {
  const busy = (list.value?.all ?? []).filter((one) => !hasEnded(one)).slice(0, watchedMost);
  useEffect(() => {
    const due = new Map<string, ReturnType<typeof setTimeout>>();
    const look = async (work: Work): Promise<void> => {
      due.delete(work.id);
      try {
        const now = (await workGet(work, 0)).work;
        put(list, now);
        if (hasEnded(now)) void sessionRefresh().catch(() => undefined);
      } catch {
        // the next event asks again
      }
    };
    const unwatch = busy.map((work) => watch(work.id, () => {
      if (!due.has(work.id)) due.set(work.id, setTimeout(() => void look(work), gatherMs));
    }));
    return () => {
      unwatch.forEach((end) => end());
      due.forEach(clearTimeout);
    };
  }, [busy.map((one) => one.id).join()]);
}

/* ---- one ---- */

const marks: Partial<Record<string, Mark>> = { completed: 'ok', failed: 'bad', processing: 'run', uploaded: 'wait', created: 'wait' };
const itemState: Record<string, (typeof states)[number]> = { created: 'waiting', uploaded: 'processing' };

function ItemTile({ of }: { of: Item }) {
  const note = (of.status === 'failed' && told(of.error_code, of.error_said, of.error_message).text) || (of.status === 'completed' ? `${of.width} × ${of.height}` : w(`state.${itemState[of.status] ?? (of.status as 'failed')}`));
  return (
    <li>
      <Tile src={of.thumbnail_url ? near(of.thumbnail_url) : null} alt="" title={of.filename || of.source_url || of.item_id} note={note}
        {...(marks[of.status] ? { mark: marks[of.status]! } : {})} />
    </li>
  );
}

/* Asked for anew when one more has ended. */
function Items({ of }: { of: Work }) {
  const items = useLoad(async (signal) => (await workGet(of, itemsMost, signal)).items, [of.id, of.completed + of.failed + of.cancelled, of.state]);
  return (
    <div class="job-items">
      <Load of={items} shapes={1}>{(all) => (all.length
        ? <><ul class="gallery is-small" aria-label={w('items', { name: titleOf(of) })}>{all.map((one) => <ItemTile key={one.item_id} of={one} />)}</ul>
          {of.total > all.length && <p class="hint">{w('shown', { n: all.length })}</p>}</>
        : <p class="hint">{w('noItems')}</p>)}</Load>
    </div>
  );
}

/* Packed by the server; followed until it is ready, then it is a link. */
function ZipOf({ of }: { of: Work }) {
  const url = useSignal('');
  const wanted = useSignal('');
  useEffect(() => {
    if (!wanted.value) return undefined;
    const timer = setInterval(() => void ask('get', '/v1/exports/{export_id}', { path: { export_id: wanted.value } }).then((now) => {
      if (now.status === 'queued') return;
      wanted.value = '';
      if (now.download_url) url.value = near(now.download_url);
      else void toldLoad().then(() => toast(toldText('unknown', now.error_said, now.error_message ?? '').text, 'bad'));
    }, () => undefined), slowMs);
    return () => clearInterval(timer);
  }, [wanted.value]);
  async function begin(): Promise<void> {
    try {
      const made = await workZip(of);
      if (made.download_url) url.value = near(made.download_url);
      else wanted.value = made.export_id;
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  if (url.value) return <a class="button is-main" href={url.value} download={fileName(titleOf(of), url.value)} aria-label={w('zipReadyOf', { name: titleOf(of) })}><Icon name="download" />{w('zipReady')}</a>;
  return (
    <button type="button" class={`button${wanted.value ? ' is-busy' : ''}`} disabled={!!wanted.value} onClick={() => void begin()}
      aria-label={wanted.value ? w('zipping') : w('zipOf', { name: titleOf(of) })}><Icon name="download" />{w('zip')}</button>
  );
}

function Row({ of, isOpen, onOpen, onStop }: { of: Work; isOpen: boolean; onOpen: () => void; onStop: () => void }) {
  const name = titleOf(of);
  const mayStop = may(of.kind === 'jobs' ? 'jobs:write' : 'batches:write') && !hasEnded(of);
  return (
    <li>
      <div class="job">
        <div class="job-words">
          <b>{name}</b>
          <span class="hint">{of.name && `${w(of.kind === 'jobs' ? 'job' : 'batch')} · `}{w('counts', { done: number(of.completed), all: number(of.total) })} · {ago(of.at)}</span>
          {!hasEnded(of) && <progress max={Math.max(1, of.total)} value={of.completed + of.failed + of.cancelled} aria-label={w('counts', { done: number(of.completed), all: number(of.total) })} />}
        </div>
        <span class="row job-state">
          <Pill tone={tones[of.state]}>{w(`state.${of.state}`)}</Pill>
          {of.failed > 0 && of.completed > 0 && <Pill tone="bad">{w('failedCount', { n: of.failed })}</Pill>}
        </span>
        <span class="row job-acts">
          <button type="button" class="button" aria-expanded={isOpen} aria-label={`${w(isOpen ? 'hide' : 'show')}: ${name}`} onClick={onOpen}><Icon name="image" />{w(isOpen ? 'hide' : 'show')}</button>
          {of.completed > 0 && hasEnded(of) && <ZipOf of={of} />}
          {mayStop && <button type="button" class="button is-quiet" aria-label={w('cancelOf', { name })} onClick={onStop}><Icon name="stop" />{w('cancel')}</button>}
        </span>
      </div>
      {isOpen && <Items of={of} />}
    </li>
  );
}

/* ---- the page ---- */

/* A part of the address: what it said when the page was opened, and says from now on. */
function useQuery(name: string): Signal<string> {
  const value = useSignal(queryGet(name));
  useEffect(() => querySet(name, value.value), [value.value]);
  return value;
}

const stateOptions = ['all', ...states] as const;
const chosen = <T extends string>(of: readonly T[], value: string): T => of.find((one) => one === value) ?? of[0]!;

export default function Jobs() {
  const list = useLoad(listFind);
  const kind = useQuery('kind');
  const state = useQuery('state');
  const open = useQuery('open');
  const stopped = useSignal<Work | null>(null);
  const isMore = useSignal(false);
  useLive(list.value);
  const isKind = chosen(kinds, kind.value);
  const isState = chosen(stateOptions, state.value);
  const fits = (one: Work): boolean => (isKind === 'all' || one.kind === isKind) && (isState === 'all' || one.state === isState);

  async function more(): Promise<void> {
    isMore.value = true;
    try {
      list.value.value = await listMore(list.value.value!);
    } catch (wrong) {
      toastWrong(wrong);
    } finally {
      isMore.value = false;
    }
  }
  async function stop(work: Work): Promise<void> {
    stopped.value = null;
    try {
      put(list.value, await workCancel(work));
      toast(w('cancelled'));
      void sessionRefresh().catch(() => undefined);
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  return (
    <>
      <Head title={w('title')} lead={w('lead')} />
      <div class="job-filters">
        <Seg label={w('kind')} isLabelSeen value={isKind} onChoose={(to) => { kind.value = to === 'all' ? '' : to; }} options={kinds.map((one) => [one, w(`kind.${one}`)])} />
        <Choice label={w('state')} value={isState} onChoose={(to) => { state.value = to === 'all' ? '' : to; }} options={stateOptions.map((one) => [one, w(`state.${one}`)])} />
      </div>
      <Load of={list}>{(now) => {
        const rows = merged(now.all, now.more).filter(fits);
        return <>
          {rows.length
            ? <section class="card" aria-label={w('title')}><ul class="jobs">{rows.map((one) => (
              <Row key={one.id} of={one} isOpen={open.value === one.id} onOpen={() => { open.value = open.value === one.id ? '' : one.id; }} onStop={() => { stopped.value = one; }} />
            ))}</ul></section>
            : now.all.length ? <Empty icon="list" title={w('noneSuch')} text={w('noneSuchText')} />
              : <Empty icon="list" title={w('none')} text={w('noneText')}><a class="button" href="/settings"><Icon name="key" />{w('toKeys')}</a></Empty>}
          <Pager hasMore={now.more.jobs || now.more.batches} isBusy={isMore.value} onMore={() => void more()} />
        </>;
      }}</Load>
      {stopped.value && <Confirm title={w('cancelTitle')} text={w('cancelText')} act={w('cancel')} onClose={() => { stopped.value = null; }} onYes={() => void stop(stopped.value!)} />}
    </>
  );
}
