// One account, for whoever runs the studio: what it may, what it has, who belongs to it, and its end and beginning.
import { useSignal } from '@preact/signals';
import { ask, type Answer, type Body } from '../core/api.ts';
import { day, dayShort, moment, number, t, words } from '../core/i18n.ts';
import { linesLoad } from '../core/told.ts';
import { Asking, faults } from '../parts/Asking.tsx';
import { Bars } from '../parts/Bars.tsx';
import { Confirm } from '../parts/Dialog.tsx';
import { Choice, Field } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { KeysOf } from '../parts/KeysOf.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Notice } from '../parts/Notice.tsx';
import { People } from '../parts/People.tsx';
import { Seg } from '../parts/Seg.tsx';
import { Table } from '../parts/Table.tsx';
import { line } from '../parts/told.ts';
import { toast, toastWrong } from '../parts/Toasts.tsx';
import type { PageProps } from '../routes.ts';
import { monthDays, monthSum } from '../usage.ts';

const w = words('admin');
type Account = Answer<'/v1/tenants/{id}'>;
type Credits = Answer<'/v1/tenants/{id}/credits'>;
type Again = () => Promise<void>;
const plans = ['free', 'pro', 'enterprise'] as const;
type Plan = (typeof plans)[number];
const tiers = ['plan', 'free', 'standard', 'professional', 'premium'] as const;
type Tier = (typeof tiers)[number];
const house = 'tenant_studio';

/* ---- what it may ---- */

function Facts({ of, again }: { of: Account; again: Again }) {
  const name = useSignal(of.name);
  const email = useSignal(of.email ?? '');
  const plan = useSignal(of.plan as Plan);
  const tier = useSignal<Tier>(of.tier_of_plan ? 'plan' : (of.tier as Tier));
  const isLimited = useSignal(of.monthly_quota !== null);
  const quota = useSignal(String(of.monthly_quota ?? 500));
  const rate = useSignal(of.requests_per_minute === null ? '' : String(of.requests_per_minute));
  const days = useSignal(String(of.retention_days));
  const wrong = useSignal<Record<string, string>>({});
  const isBusy = useSignal(false);

  /* A plan that is chosen brings its own quota with it, unless that is changed, too. */
  function planChoose(to: Plan): void {
    plan.value = to;
    isLimited.value = to !== 'enterprise';
    quota.value = to === 'free' ? '10' : '500';
  }
  /* What is another now: the trail of deeds tells just that. */
  function changes(): Body<'/v1/tenants/{id}', 'patch'> {
    const images = isLimited.value ? Number(quota.value) : -1;
    return {
      ...(name.value.trim() === of.name ? {} : { name: name.value.trim() }),
      ...(email.value.trim() === (of.email ?? '') ? {} : { email: email.value.trim() }),
      ...(plan.value === of.plan ? {} : { plan: plan.value }),
      ...(tier.value === (of.tier_of_plan ? 'plan' : of.tier) ? {} : { tier: tier.value }),
      ...(plan.value === of.plan && images === (of.monthly_quota ?? -1) ? {} : { monthly_quota: images }),
      ...(Number(rate.value) === (of.requests_per_minute ?? 0) ? {} : { requests_per_minute: Number(rate.value) }),
      ...(Number(days.value) === of.retention_days ? {} : { retention_days: Number(days.value) }),
    };
  }
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    wrong.value = {};
    try {
      await ask('patch', '/v1/tenants/{id}', { path: { id: of.tenant_id }, body: changes() });
      toast(w('changed'));
      await again();
    } catch (failure) {
      wrong.value = faults(failure);
    } finally {
      isBusy.value = false;
    }
  }
  return (
    <section class="card" aria-labelledby="facts">
      <header class="card-head"><h2 id="facts">{w('facts')}</h2></header>
      <form class="card-main fields" noValidate onSubmit={(event) => void save(event)}>
        {wrong.value[''] && <div class="is-whole"><Notice tone="bad">{wrong.value['']}</Notice></div>}
        <Field label={w('accountName')} value={name.value} wrong={wrong.value.name} maxLength={200} onInput={(event) => { name.value = event.currentTarget.value; }} />
        <Field label={w('email')} type="email" autoComplete="off" value={email.value} wrong={wrong.value.email} onInput={(event) => { email.value = event.currentTarget.value; }} />
        <Seg label={w('plan')} isLabelSeen value={plan.value} options={plans.map((one) => [one, w(`plan.${one}`)])} onChoose={planChoose} />
        <Choice label={w('tier')} hint={w('tierText')} value={tier.value} onChoose={(to) => { tier.value = to as Tier; }} options={tiers.map((one) => [one, w(`tier.${one}`)])} />
        <Seg label={w('quota')} isLabelSeen value={isLimited.value ? 'some' : 'any'} onChoose={(to) => { isLimited.value = to === 'some'; }}
          options={[['some', w('quotaSome')], ['any', w('quotaAny')]]} />
        {isLimited.value && <Field label={w('quotaNumber')} type="number" inputMode="numeric" min={0} max={100000000} value={quota.value}
          wrong={wrong.value.monthly_quota} onInput={(event) => { quota.value = event.currentTarget.value; }} />}
        <Field label={w('rate')} hint={w('rateText')} type="number" inputMode="numeric" min={0} max={1000000} value={rate.value}
          wrong={wrong.value.requests_per_minute} onInput={(event) => { rate.value = event.currentTarget.value; }} />
        <Field label={w('retention')} hint={w('retentionText')} type="number" inputMode="numeric" min={1} max={3650} value={days.value}
          wrong={wrong.value.retention_days} onInput={(event) => { days.value = event.currentTarget.value; }} />
        <div class="is-whole"><button type="submit" class={`button is-main${isBusy.value ? ' is-busy' : ''}`}>{t('save')}</button></div>
      </form>
    </section>
  );
}

/* ---- credits ---- */

function CreditsMove({ of, onDone, onClose }: { of: Account; onDone: () => void; onClose: () => void }) {
  const way = useSignal<'give' | 'take'>('give');
  const credits = useSignal('');
  const reason = useSignal('');
  const key = useSignal(crypto.randomUUID()); /* so that a request that is sent again moves them once */
  async function send(): Promise<void> {
    await ask('post', '/v1/tenants/{id}/credits', { path: { id: of.tenant_id }, headers: { 'Idempotency-Key': key.value },
      body: { credits: Number(credits.value) * (way.value === 'give' ? 1 : -1), reason: reason.value.trim() } });
    onDone();
  }
  return (
    <Asking title={w('creditsOf', { name: of.name })} act={w(way.value)} send={send} onClose={onClose}>{(wrong) => <>
      <Seg label={w('way')} value={way.value} onChoose={(to) => { way.value = to; key.value = crypto.randomUUID(); }} options={[['give', w('give')], ['take', w('take')]]} />
      <Field label={w('creditsNumber')} hint={w('creditsHint')} type="number" inputMode="numeric" min={1} max={1000000000} value={credits.value} wrong={wrong.credits}
        onInput={(event) => { credits.value = event.currentTarget.value; key.value = crypto.randomUUID(); }} />
      <Field label={w('reason')} hint={w('reasonText')} maxLength={200} value={reason.value} wrong={wrong.reason}
        onInput={(event) => { reason.value = event.currentTarget.value; key.value = crypto.randomUUID(); }} />
    </>}</Asking>
  );
}

const signs = { grant: 1, expire: -1, take: -1, hold: 0, capture: -1, release: 0 } as const;
type Kind = keyof typeof signs;
const movesMost = 6;

/* What came and went, newest first; charges for the same work beside each other are one. What is set aside has its own figure. */
function movesOf(entries: Credits['entries']): { of: Credits['entries'][number]; count: number; change: number }[] {
  const moves: ReturnType<typeof movesOf> = [];
  for (const one of entries) {
    const change = (signs[one.kind as Kind] ?? 0) * one.credits;
    const last = moves.at(-1);
    if (!change) continue;
    if (last && last.of.kind === 'capture' && one.kind === 'capture' && last.of.reason === one.reason) {
      last.count++;
      last.change += change;
    } else moves.push({ of: one, count: 1, change });
  }
  return moves;
}

function CreditsOf({ of }: { of: Account }) {
  const credits = useLoad(async (signal) => (await Promise.all([
    ask('get', '/v1/tenants/{id}/credits', { path: { id: of.tenant_id }, query: { limit: 200 }, signal }), linesLoad()]))[0], [of.tenant_id]);
  const isMoving = useSignal(false);
  return (
    <section class="card" aria-labelledby="credits">
      <header class="card-head">
        <h2 id="credits">{w('credits')}</h2>
        <button type="button" class="button" onClick={() => { isMoving.value = true; }}>{w('creditsMove')}</button>
      </header>
      <Load of={credits} shapes={1}>{(now) => <>
        <dl class="figures is-two">
          <div><dt>{w('available')}</dt><dd>{number(now.available)}</dd></div>
          <div><dt>{w('held')}</dt><dd>{number(now.held)}</dd></div>
        </dl>
        {movesOf(now.entries).length > 0 && <Table label={w('credits')} rows={movesOf(now.entries).slice(0, movesMost)} id={(row) => row.of.id} columns={[
          { title: w('what'), cell: ({ of: one, count }) => <>{line(one.said, one.reason)}{count > 1 && <span class="hint"> × {number(count)}</span>}
            <div class="hint">{w(`move.${one.kind as Kind}`)} · {moment(one.at)}</div></> },
          { title: w('creditsNumber'), isNumber: true, cell: (row) => number(row.change, { signDisplay: 'exceptZero' }) },
        ]} />}
      </>}</Load>
      {isMoving.value && <CreditsMove of={of} onClose={() => { isMoving.value = false; }}
        onDone={() => { isMoving.value = false; toast(w('creditsMoved')); void credits.again(); }} />}
    </section>
  );
}

/* ---- usage ---- */

function Usage({ of }: { of: Account }) {
  const usage = useLoad((signal) => ask('get', '/v1/usage', { query: { tenant_id: of.tenant_id, days: monthDays }, signal }), [of.tenant_id]);
  return (
    <section class="card" aria-label={w('usage')}>
      <div class="card-main stack">
        <Load of={usage} shapes={1}>{({ days }) => <>
          <Bars label={w('usage')} of={w('day')} unit={w('made')} bars={days.slice(-30).map((one) => ({ name: day(one.date), axis: dayShort(one.date), value: one.images }))} />
          <p class="hint">{w('usageMonth', { n: monthSum(days), day: of.quota_reset_date ? day(of.quota_reset_date) : '' })}</p>
        </>}</Load>
      </div>
    </section>
  );
}

/* ---- kept out, taken up again ---- */

function Standing({ of, again }: { of: Account; again: Again }) {
  const isAsked = useSignal(false);
  async function turn(): Promise<void> {
    isAsked.value = false;
    const where = { path: { id: of.tenant_id } };
    try {
      await (of.suspended ? ask('post', '/v1/tenants/{id}/resume', where) : ask('post', '/v1/tenants/{id}/suspend', where));
      toast(w(of.suspended ? 'resumedNow' : 'suspendedNow', { name: of.name }));
      await again();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  if (of.tenant_id === house) return null;
  return <>
    {of.suspended
      ? <button type="button" class="button is-main" onClick={() => void turn()}>{w('resume')}</button>
      : <button type="button" class="button is-danger" onClick={() => { isAsked.value = true; }}>{w('suspend')}</button>}
    {isAsked.value && <Confirm title={w('suspendOf', { name: of.name })} text={w('suspendText')} act={w('suspend')} onYes={() => void turn()} onClose={() => { isAsked.value = false; }} />}
  </>;
}

export default function AccountPage({ values }: PageProps) {
  const account = useLoad((signal) => ask('get', '/v1/tenants/{id}', { path: { id: values.id! }, signal }), [values.id]);
  const of = account.value.value;
  return (
    <>
      <Head title={of?.name ?? w('account')} lead={of ? w('accountLead', { id: of.tenant_id, day: day(of.created_at) }) : w('lead')}>
        <a class="button" href="/admin">{w('allAccounts')}</a>
        <a class="button" href={`/audit?account=${values.id!}`}>{w('trail')}</a>
        {of && <Standing of={of} again={account.again} />}
      </Head>
      <Load of={account}>{(now) => <>
        {now.suspended && <Notice tone="warn">{w('isSuspended')}</Notice>}
        <Facts key={`${now.plan} ${now.monthly_quota} ${now.tier}`} of={now} again={account.again} />
        <div class="columns is-even"><CreditsOf of={now} /><Usage of={now} /></div>
        <People owner={now.tenant_id} />
        <KeysOf owner={now.tenant_id} />
      </>}</Load>
    </>
  );
}
