// Where a day begins: how the account stands, what was made, and the latest work.
import { ask, near, type Answer } from '../core/api.ts';
import { ago, day, dayShort, number, words } from '../core/i18n.ts';
import { navigate } from '../core/router.ts';
import { Bars } from '../parts/Bars.tsx';
import { Drop } from '../parts/Drop.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Pill } from '../parts/Pill.tsx';
import { Showcase } from '../parts/Showcase.tsx';
import { routes } from '../routes.ts';
import { photosAdd } from '../shoot.ts';
import { may, session, sessionRefresh, user } from '../state.ts';
import { monthDays, monthSum } from '../usage.ts';
import '../styles/dashboard.css';

const w = words('dashboard');
const generationsPath = '/api/apps/product-photo-studio/generations';
const most = 6;
const thumbsMost = 6;

/* ---- how it stands ---- */

type Quota = Answer<'/v1/quota'>;
type Stats = Answer<'/api/apps/product-photo-studio/stats'>;

function Standing({ quota, stats, month }: { quota: Quota; stats: Stats; month: number }) {
  const done = stats.completed + stats.failed;
  return (
    <dl class="card figures">
      <div><dt>{w('credits')}</dt><dd>{number(session.value?.tenant?.credits ?? 0)}</dd></div>
      <div>
        <dt>{w('thisMonth')}</dt>
        <dd>{quota.quota ? <>{number(quota.used)} <small>{w('ofQuota', { n: quota.quota })}</small></> : number(month)}</dd>
        {quota.quota ? <progress max={quota.quota} value={quota.used} aria-label={w('thisMonth')} /> : null}
      </div>
      <div><dt>{w('all')}</dt><dd>{number(stats.totalProcessed)}</dd></div>
      <div><dt>{w('success')}</dt><dd>{done ? number(stats.completed / done, { style: 'percent' }) : '–'}</dd></div>
    </dl>
  );
}

/* ---- the latest work ---- */

interface Work {
  id: string;
  href: string | null;
  title: string;
  state: State;
  done: number;
  failed: number;
  total: number;
  at: string;
  thumbs: string[]; // of its pictures, where they are shown
}

const tones = { queued: 'run', processing: 'run', completed: 'ok', failed: 'bad', paused: 'warn', cancelled: 'plain' } as const;
type State = keyof typeof tones;
const others: Record<string, State> = { running: 'processing', started: 'processing', done: 'completed', partial: 'completed' };
const stateOf = (said: string): State => (said in tones ? (said as State) : others[said] ?? 'queued');

const hasPage = (path: string): boolean => routes.some((route) => route.path === path);

async function workFind(signal: AbortSignal): Promise<Work[]> {
  const [{ generations }, { jobs }] = await Promise.all([
    ask('get', generationsPath, { query: { limit: most, previews: false }, signal }),
    ask('get', '/v1/jobs', { query: { limit: most }, signal }),
  ]);
  const shown = generations.find((one) => one.completed > 0); // its pictures are seen: of a hundred more than those nobody looks at
  const pieces = shown ? (await ask('get', `${generationsPath}/{id}`, { path: { id: shown.id }, signal })).items : [];
  const thumbs = pieces.flatMap((one) => one.thumbnailUrl ?? []).slice(0, thumbsMost);
  const all: Work[] = [
    ...generations.map((one): Work => ({
      id: one.id, href: hasPage('/batches/:id') ? `/batches/${one.id}` : null, title: w('pictures', { n: one.total }), state: stateOf(one.status),
      done: one.completed, failed: one.failed, total: one.total, at: one.createdAt, thumbs: one === shown ? thumbs : [],
    })),
    ...jobs.map((one): Work => ({
      id: one.job_id, href: null, title: one.name || w('byKey'), state: stateOf(one.status),
      done: one.completed_items, failed: one.failed_items, total: one.total_items, at: one.created_at, thumbs: [],
    })),
  ];
  return all.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, most);
}

const WorkWords = ({ of }: { of: Work }) => (
  <>
    <span class="work-words">
      <b>{of.title}</b>
      <span class="hint">{w('progress', { done: of.done, total: of.total })} · {ago(of.at)}</span>
    </span>
    <Pill tone={tones[of.state]}>{w(`state.${of.state}`)}</Pill>
    {of.thumbs.length > 0 && <span class="work-thumbs">{of.thumbs.map((url) => <img key={url} src={near(url)} alt="" width="96" height="96" decoding="async" />)}</span>}
  </>
);

const WorkList = ({ of }: { of: readonly Work[] }) => (
  <ul class="works">
    {of.map((one) => (
      <li key={one.id}>{one.href ? <a class="work" href={one.href}><WorkWords of={one} /></a> : <div class="work"><WorkWords of={one} /></div>}</li>
    ))}
  </ul>
);

/* ---- nothing was made yet ---- */

const steps = ['step.photo', 'step.look', 'step.file'] as const;
const Welcome = () => (
  <section class="card is-padded welcome" aria-labelledby="welcome">
    <div class="stack">
      <h2 id="welcome">{w('welcome')}</h2>
      <ol class="steps">{steps.map((step) => <li key={step}>{w(step)}</li>)}</ol>
    </div>
    <Showcase />
  </section>
);

/* ---- the page ---- */

function begin(files: File[]): void {
  photosAdd(files);
  navigate('/upload');
}

export default function Dashboard() {
  const standing = useLoad(async (signal) => {
    const [quota, stats, { days }] = await Promise.all([
      ask('get', '/v1/quota', { signal }), ask('get', '/api/apps/product-photo-studio/stats', { signal }),
      ask('get', '/v1/usage', { query: { days: monthDays }, signal }), sessionRefresh()]);
    return { quota, stats, days };
  });
  const work = useLoad(workFind);
  const name = user.value?.name;
  const isNew = work.value.value?.length === 0 && may('projects:write');

  return (
    <>
      <Head title={name ? w('hello', { name: name.split(' ')[0]! }) : w('title')} lead={w('lead')}>
        {!isNew && <a class="button is-main is-big" href="/upload"><Icon name="upload" />{w('start')}</a>}
        <a class="button is-big" href="/generate"><Icon name="sparkle" />{w('fromWords')}</a>
      </Head>
      {isNew && <><Drop onFiles={begin} /><Welcome /></>}
      <Load of={standing} shapes={1}>{(now) => <Standing {...now} month={monthSum(now.days)} />}</Load>
      {!isNew && <div class="columns">
        <section class="card" aria-labelledby="work">
          <header class="card-head"><h2 id="work">{w('latest')}</h2>{hasPage('/jobs') && <a class="button is-quiet" href="/jobs">{w('allWork')}</a>}</header>
          <Load of={work} shapes={3}>{(now) => (now.length
            ? <WorkList of={now} />
            : <div class="card-main"><Empty icon="image" title={w('none')} text={w('noneText')} /></div>)}</Load>
        </section>
        <section class="card is-padded" aria-label={w('usage')}>
          <Load of={standing} shapes={3}>{(now) => (
            <Bars label={w('usage')} of={w('day')} unit={w('made')}
              bars={now.days.slice(-30).map((one) => ({ name: day(`${one.date}T12:00:00Z`), axis: dayShort(`${one.date}T12:00:00Z`), value: one.images }))} />
          )}</Load>
        </section>
      </div>}
    </>
  );
}
