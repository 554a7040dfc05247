// How the queues are, for whoever runs the studio: what needs a look first, what failed by its reason, then the queues.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, type Answer } from '../core/api.ts';
import { ago, hasWord, number, words, type Key } from '../core/i18n.ts';
import { rowsKept, type Kept } from '../keep.ts';
import { useAgain } from '../parts/again.ts';
import { Confirm } from '../parts/Dialog.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Pill } from '../parts/Pill.tsx';
import { Table } from '../parts/Table.tsx';
import { refusalText, toast, toastWrong } from '../parts/Toasts.tsx';
import '../styles/queues.css';

const w = words('queues');
type Queue = Answer<'/admin/queues'>['queues'][number];
type View = Answer<'/admin/queues/{queue}'>;
type Reason = View['reasons'][number];
type Dead = View['dead'][number];
type Again = () => Promise<void>;

const everyMs = 8000;
const percent = (share: number): string => number(share, { style: 'percent', maximumFractionDigits: 0 });
const reasonId = (one: Reason): string => `${one.queue}/${one.reason}`;

/* How long, in the unit that says it shortest. */
function span(ms: number): string {
  const [unit, size] = ms >= 3_600_000 ? (['hour', 3_600_000] as const) : ms >= 60_000 ? (['minute', 60_000] as const) : (['second', 1000] as const);
  return number(ms / size, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: ms < 10_000 ? 1 : 0 });
}

function reasonText(reason: string): string {
  const key = `reason.${reason}`;
  return hasWord('queues', key) ? w(key as Key<'queues'>) : reason;
}

/* A queue in words people understand; what programs call it stands beside it. */
function nameOf(queue: string): string {
  const key = `name.${queue}`;
  return hasWord('queues', key) ? w(key as Key<'queues'>) : queue;
}

/* ---- what needs a look ---- */

/* What died is one that nobody works on any more, however few there are: it is told before all else. */
function Alerts({ of, reasons }: { of: readonly Kept<Queue>[]; reasons: readonly Kept<Reason>[] }) {
  const queues = of.map((one) => one.now);
  const dead = queues.reduce((sum, one) => sum + one.failed, 0);
  const oldest = Math.min(...reasons.filter((one) => !one.isGone).map((one) => one.now.oldest_ms));
  if (!dead && !queues.some((one) => one.is_backed_up || one.is_failing || one.is_paused)) return <Notice tone="ok">{w('calm')}</Notice>;
  return (
    <div class="stack">
      {dead > 0 && <Notice tone="bad">{w('dead', { n: dead, when: Number.isFinite(oldest) ? ago(oldest) : '' })}</Notice>}
      {queues.map((one) => [
        one.is_failing && <Notice key={`${one.queue}-failing`} tone="bad">{w('failing', { queue: nameOf(one.queue), share: percent(one.failure_rate) })}</Notice>,
        one.is_backed_up && <Notice key={`${one.queue}-backed`} tone="warn">{w('backedUp', { queue: nameOf(one.queue), n: one.waiting, time: span(one.oldest_ms) })}</Notice>,
        one.is_paused && <Notice key={`${one.queue}-paused`} tone="warn">{w('heldBack', { queue: nameOf(one.queue) })}</Notice>,
      ])}
    </div>
  );
}

/* ---- what failed ---- */

/* The jobs of one reason; what was dealt with stays in its place, so that the next is where it was. */
function DeadList({ of, again, tick }: { of: Reason; again: Again; tick: number }) {
  const rows = useSignal<Kept<Dead>[]>([]);
  const dropped = useSignal<Dead | null>(null);
  const load = useLoad(async (signal) => {
    const view = await ask('get', '/admin/queues/{queue}', { path: { queue: of.queue }, query: { reason: of.reason }, signal });
    return view.dead;
  }, [of.queue, of.reason, tick]);
  useEffect(() => {
    if (load.value.value) rows.value = rowsKept(rows.value, load.value.value, (one) => one.id);
  }, [load.value.value]);

  async function act(what: () => Promise<unknown>, said: string): Promise<void> {
    dropped.value = null;
    try {
      const done = await what() as { is_begun?: boolean };
      toast(done.is_begun === false ? w('forgotten', { n: 1 }) : said);
      await Promise.all([load.again(), again()]);
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  const path = (one: Dead) => ({ path: { job_id: one.id } });
  return (
    <Load of={load} shapes={1}>{() => <>
      <ul class="dead">
        {rows.value.map(({ id, now, isGone }) => (
          <li key={id} class={isGone ? 'is-gone' : ''}>
            <span class="dead-words">
              <code>{now.subject ?? id}</code>
              <span class="hint">{now.reason ?? reasonText(of.reason)} · {w('tries', { n: now.attempts })} · {ago(now.died_ms)}</span>
            </span>
            {isGone ? <span class="hint">{w('gone')}</span> : <span class="row">
              <button type="button" class="button" aria-label={w('retryOf', { name: now.subject ?? id })}
                onClick={() => void act(() => ask('post', '/admin/jobs/{job_id}/retry', path(now)), w('retried', { n: 1 }))}><Icon name="redo" />{w('retry')}</button>
              <button type="button" class="button is-quiet" aria-label={w('dropOf', { name: now.subject ?? id })}
                onClick={() => { dropped.value = now; }}>{w('drop')}</button>
            </span>}
          </li>
        ))}
      </ul>
      {dropped.value && <Confirm title={w('dropTitle')} text={w('dropText')} act={w('drop')} onClose={() => { dropped.value = null; }}
        onYes={() => { const one = dropped.value!; void act(() => ask('delete', '/admin/jobs/{job_id}', path(one)), w('dropped')); }} />}
    </>}</Load>
  );
}

function Failure({ of: { now, isGone }, again, tick }: { of: Kept<Reason>; again: Again; tick: number }) {
  const isOpen = useSignal(false);
  const isBusy = useSignal(false);
  async function retry(): Promise<void> {
    isBusy.value = true;
    try {
      const { retried, forgotten, left, why } = await ask('post', '/admin/queues/{queue}/retry', { path: { queue: now.queue }, body: { reason: now.reason } });
      const said = [retried > 0 && w('retried', { n: retried }), forgotten > 0 && w('forgotten', { n: forgotten }), left > 0 && `${w('left', { n: left })} ${why ?? ''}`];
      toast(said.filter(Boolean).join(' ') || w('noneLeft'), left ? 'warn' : 'plain');
      await again();
    } catch (wrong) {
      toastWrong(wrong);
    } finally {
      isBusy.value = false;
    }
  }
  return (
    <li class={isGone ? 'is-gone' : ''}>
      <div class="failure">
        <div class="failure-words">
          <h3>{reasonText(now.reason)}</h3>
          <p class="hint">{nameOf(now.queue)} <code>{now.queue}</code> · {w('oldest', { when: ago(now.oldest_ms) })} · {w('newest', { when: ago(now.newest_ms) })}</p>
          {now.example && <p class="hint" lang="en"><code>{now.example}</code></p>}
        </div>
        {isGone ? <Pill tone="ok">{w('noneLeft')}</Pill> : <Pill tone="bad">{w('jobs', { n: now.count })}</Pill>}
        <div class="row">
          <button type="button" class="button" disabled={isGone || isBusy.value} onClick={() => void retry()}><Icon name="redo" />{w('retryThese')}</button>
          <button type="button" class="button is-quiet" aria-expanded={isOpen.value} onClick={() => { isOpen.value = !isOpen.value; }}>{w(isOpen.value ? 'hide' : 'show')}</button>
        </div>
      </div>
      {isOpen.value && <DeadList of={now} again={again} tick={tick} />}
    </li>
  );
}

const Failures = ({ of, again, tick }: { of: readonly Kept<Reason>[]; again: Again; tick: number }) => (
  <section class="card" aria-labelledby="failures">
    <header class="card-head"><h2 id="failures">{w('failures')}</h2></header>
    {of.length
      ? <ul class="failures">{of.map((one) => <Failure key={one.id} of={one} again={again} tick={tick} />)}</ul>
      : <p class="card-main hint">{w('noFailures')}</p>}
  </section>
);

/* ---- queues ---- */

function Queues({ of, again }: { of: readonly Kept<Queue>[]; again: Again }) {
  async function turn(one: Queue): Promise<void> {
    const where = { path: { queue: one.queue } };
    try {
      await (one.is_paused ? ask('post', '/admin/queues/{queue}/resume', where) : ask('post', '/admin/queues/{queue}/pause', where));
      toast(w(one.is_paused ? 'resumed' : 'paused', { queue: nameOf(one.queue) }));
      await again();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  if (!of.length) return <Empty icon="chart" title={w('none')} text={w('noneText')} />;
  return (
    <section class="card" aria-labelledby="queues">
      <header class="card-head"><h2 id="queues">{w('queues')}</h2></header>
      <Table label={w('queues')} rows={of.map((one) => one.now)} id={(one) => one.queue} columns={[
        { title: w('queue'), cell: (one) => <>{nameOf(one.queue)}<div class="hint"><code>{one.queue}</code></div></> },
        { title: w('state'), isMinor: true, cell: (one) => (one.is_paused ? <Pill tone="warn">{w('isPaused')}</Pill> : <Pill tone="ok">{w('isOpen')}</Pill>) },
        { title: w('waiting'), isNumber: true, cell: (one) => number(one.waiting) },
        { title: w('active'), isNumber: true, isMinor: true, cell: (one) => number(one.active) },
        { title: w('delayed'), isNumber: true, isMinor: true, cell: (one) => number(one.delayed) },
        { title: w('failed'), isNumber: true, cell: (one) => number(one.failed) },
        { title: w('done'), isNumber: true, isMinor: true, cell: (one) => number(one.completed_hour) },
        { title: w('rate'), isNumber: true, isMinor: true, cell: (one) => percent(one.failure_rate) },
        { title: w('mean'), isNumber: true, isMinor: true, cell: (one) => (one.mean_ms ? span(one.mean_ms) : '–') },
        { title: w('acts'), isTitleUnseen: true, isNumber: true, cell: (one) => (
          <button type="button" class="button is-quiet" aria-label={w(one.is_paused ? 'resumeOf' : 'pauseOf', { queue: nameOf(one.queue) })} onClick={() => void turn(one)}>
            <Icon name={one.is_paused ? 'play' : 'pause'} /><span class="queue-act">{w(one.is_paused ? 'resume' : 'pause')}</span>
          </button>) },
      ]} />
    </section>
  );
}

/* ---- the page ---- */

interface Seen {
  queues: Kept<Queue>[];
  reasons: Kept<Reason>[];
  tick: number;
}

async function look(before: Seen | null, signal: AbortSignal): Promise<Seen> {
  const { queues } = await ask('get', '/admin/queues', { signal });
  const views = await Promise.all(queues.filter((one) => one.failed > 0).map((one) => ask('get', '/admin/queues/{queue}', { path: { queue: one.queue }, signal })));
  return {
    queues: rowsKept(before?.queues ?? [], queues, (one) => one.queue),
    reasons: rowsKept(before?.reasons ?? [], views.flatMap((view) => view.reasons), reasonId),
    tick: (before?.tick ?? 0) + 1,
  };
}

export default function QueuesPage() {
  const before: Signal<Seen | null> = useSignal(null);
  const seen = useLoad(async (signal) => (before.value = await look(before.peek(), signal)));
  useAgain(seen.again, everyMs);
  return (
    <>
      <Head title={w('title')} lead={w('lead')} />
      <Load of={seen}>{(now) => <>
        {!!seen.wrong.value && <Notice tone="warn">{refusalText(seen.wrong.value)} {w('old')}</Notice>}
        <Alerts of={now.queues} reasons={now.reasons} />
        <Failures of={now.reasons} again={seen.again} tick={now.tick} />
        <Queues of={now.queues} again={seen.again} />
      </>}</Load>
    </>
  );
}
