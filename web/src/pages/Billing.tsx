// Credits: what there is, what it costs, what plans give, and where it went.
import { useSignal } from '@preact/signals';
import { ask, type Answer } from '../core/api.ts';
import { day, moment, number, words } from '../core/i18n.ts';
import { linesLoad } from '../core/told.ts';
import { Empty } from '../parts/Empty.tsx';
import { Head } from '../parts/Head.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Pager } from '../parts/Pager.tsx';
import { Pill } from '../parts/Pill.tsx';
import { Table } from '../parts/Table.tsx';
import { toastWrong } from '../parts/Toasts.tsx';
import { line, word } from '../parts/told.ts';
import { isCut, rowsOf, type Entry, type Row } from '../statement.ts';
import '../styles/billing.css';

const w = words('billing');
type Credits = Answer<'/api/credits'>;
type Prices = Answer<'/api/apps/product-photo-studio/prices'>;
type Tier = Prices['tiers'][number];
type History = Answer<'/api/credits/history'>;

const rupiah = (value: number): string => number(value, { style: 'currency', currency: 'IDR', maximumFractionDigits: 0 });
const signed = (value: number): string => number(value, { signDisplay: 'exceptZero' });

/* ---- how it stands ---- */

const Standing = ({ of }: { of: Credits }) => (
  <dl class="card figures">
    <div><dt>{w('available')}</dt><dd>{number(of.available)}</dd></div>
    <div><dt>{w('held')}</dt><dd>{number(of.held)}</dd></div>
    <div><dt>{w('used')}</dt><dd>{number(of.usedThisMonth)}</dd></div>
    <div><dt>{w('plan')}</dt><dd>{word(of.tierName)}</dd><dd><small>{w('renews', { day: day(of.resetAt) })}</small></dd></div>
  </dl>
);

/* ---- prices ---- */

function PriceList({ of, credits }: { of: Prices; credits: Credits }) {
  const mine = new Map(credits.prices.map((one) => [one.feature, one.available]));
  const tierName = (id: string): string => of.tiers.find((one) => one.id === id)?.name ?? id;
  return (
    <section class="card" aria-labelledby="prices">
      <header class="card-head"><h2 id="prices">{w('prices')}</h2></header>
      <ul class="prices">{of.prices.map((row) => (
        <li key={row.feature}>
          <span>{word(row.description)}{!mine.get(row.feature) && <> <Pill tone="warn">{w('fromPlan', { plan: word(tierName(row.fromTier)) })}</Pill></>}</span>
          <b>{number(row.credits)}</b>
        </li>
      ))}</ul>
      <div class="card-main stack is-tight hint">
        <p>{w('bundle', { steps: of.bundleSteps, percent: of.bundlePercent })}</p>
        <p>{w('volume', { list: of.volumeDiscounts.filter((one) => one.percent > 0).map((one) => w('volumeOne', { from: one.from, percent: one.percent })).join(', ') })}</p>
      </div>
    </section>
  );
}

function Plan({ of, isMine }: { of: Tier; isMine: boolean }) {
  const rows: string[] = [
    of.monthlyCredits ? w('planCredits', { n: of.monthlyCredits }) : w('planNoCredits'),
    of.batchMax ? w('planBatch', { n: of.batchMax }) : w('planNoBatch'),
    of.templates === null ? w('planAllTemplates') : w('planTemplates', { n: of.templates! }),
    w('planFormats', { list: of.formats.map((one) => one.toUpperCase()).join(', ') }),
    of.watermark === 'ours' ? w('planMark') : of.watermark === 'own' ? w('planOwnMark') : w('planNoMark'),
  ];
  return (
    <li class={`card is-padded plan${isMine ? ' is-mine' : ''}`}>
      <h3>{word(of.name)} {isMine && <Pill tone="run">{w('planMine')}</Pill>}</h3>
      <p class="plan-price">{of.monthlyPrice ? w('planMonth', { price: rupiah(of.monthlyPrice) }) : of.monthlyCredits ? w('planFree') : w('planAsYouGo')}</p>
      <p class="hint">{w('planCredit', { price: rupiah(of.creditPrice) })}</p>
      <ul>{rows.map((row) => <li key={row}>{row}</li>)}</ul>
    </li>
  );
}

/* ---- where it went ---- */

const tones = { granted: 'ok', returned: 'ok', charged: 'plain', reserved: 'run', expired: 'warn', taken: 'warn' } as const;
const toneOf = (type: string) => tones[type as keyof typeof tones] ?? 'plain';

/* Where the kind is not seen, as on phones, it is told what did not change the balance. */
function What({ of: { of, count, change, type } }: { of: Row }) {
  const text = line(of.said, of.description);
  const words = change || text === of.description ? text : `${w(`kind.${type as keyof typeof tones}`)}: ${text}`;
  if (of.generationId) return <a href={`/batches/${of.generationId}`}>{words}</a>;
  return <>{words}{count > 1 && <span class="hint"> × {number(count)}</span>}</>;
}

const most = 100;
const pagesMost = 6;

/* A page, and more of it as long as a generation is cut in two: its row would say less than it cost. */
async function entriesFind(before?: string, signal?: AbortSignal): Promise<History> {
  const found = await ask('get', '/api/credits/history', { query: { ...(before ? { before } : {}), limit: most }, ...(signal ? { signal } : {}) });
  for (let pages = 1; found.nextBefore && pages < pagesMost && isCut(found.entries); pages++) {
    const more = await ask('get', '/api/credits/history', { query: { before: found.nextBefore, limit: most }, ...(signal ? { signal } : {}) });
    found.entries = [...found.entries, ...more.entries];
    found.nextBefore = more.nextBefore;
  }
  return found;
}

/* Balances are told without the OVERDRAFT of credits that may be overdrawn; what there is to spend is with it. */
function Statement({ overdraft }: { overdraft: number }) {
  const first = useLoad(async (signal) => (await Promise.all([entriesFind(undefined, signal), linesLoad()]))[0]);
  const older = useSignal<Entry[]>([]);
  const next = useSignal<string | null | undefined>(undefined);
  const isBusy = useSignal(false);

  async function more(before: string): Promise<void> {
    isBusy.value = true;
    try {
      const page = await entriesFind(before);
      older.value = [...older.value, ...page.entries];
      next.value = page.nextBefore;
    } catch (wrong) {
      toastWrong(wrong);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <section class="card" aria-labelledby="statement">
      <header class="card-head"><h2 id="statement">{w('statement')}</h2></header>
      <Load of={first}>{(page) => {
        const before = next.value === undefined ? page.nextBefore : next.value;
        const rows = rowsOf([...page.entries, ...older.value]);
        return rows.length ? <>
          <Table label={w('statement')} rows={rows} id={(row) => row.of.id} columns={[
            { title: w('what'), cell: (row) => <What of={row} /> },
            { title: w('kind'), isMinor: true, cell: (row) => <Pill tone={toneOf(row.type)}>{w(`kind.${row.type as keyof typeof tones}`)}</Pill> },
            { title: w('when'), isMinor: true, cell: (row) => moment(row.of.createdAt) },
            { title: w('change'), isNumber: true, cell: (row) => (row.change ? signed(row.change) : <span class="hint">({number(row.held || row.of.credits)})</span>) },
            { title: w('balance'), isNumber: true, isMinor: true, cell: (row) => number(row.of.balance + overdraft) },
          ]} />
          <Pager hasMore={!!before} isBusy={isBusy.value} onMore={() => void more(before!)} />
        </> : <div class="card-main"><Empty icon="card" title={w('none')} text={w('noneText')} /></div>;
      }}</Load>
    </section>
  );
}

export default function Billing() {
  const both = useLoad(async (signal) => {
    const [credits, prices] = await Promise.all([ask('get', '/api/credits', { signal }), ask('get', '/api/apps/product-photo-studio/prices', { signal }), linesLoad()]);
    return { credits, prices };
  });
  return (
    <>
      <Head title={w('title')} lead={w('lead')} />
      <Load of={both}>{({ credits, prices }) => <>
        <Standing of={credits} />
        {credits.volumeDiscountPercent > 0 && <p class="hint">{w('discount', { percent: credits.volumeDiscountPercent })}</p>}
        <Statement overdraft={credits.available + credits.held - credits.balance} />
        <PriceList of={prices} credits={credits} />
        <section class="stack" aria-labelledby="plans">
          <h2 id="plans">{w('plans')}</h2>
          <ul class="plans">{prices.tiers.map((tier) => <Plan key={tier.id} of={tier} isMine={tier.id === credits.tier} />)}</ul>
          <p class="hint">{w('planHow')}</p>
        </section>
      </>}</Load>
    </>
  );
}
