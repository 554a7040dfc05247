// For whoever runs the studio: accounts with their plans and quotas, and the people who sign in.
import { useSignal } from '@preact/signals';
import { ask, Refusal, type Answer } from '../core/api.ts';
import { ago, day, number, t, words } from '../core/i18n.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Choice, Field } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Pill } from '../parts/Pill.tsx';
import { SecretShown } from '../parts/SecretShown.tsx';
import { Seg } from '../parts/Seg.tsx';
import { Table } from '../parts/Table.tsx';
import { refusalFields, refusalText, toast, toastWrong } from '../parts/Toasts.tsx';
import { user } from '../state.ts';

const w = words('admin');
type Account = Answer<'/v1/tenants'>[number];
type Person = Answer<'/v1/users'>['users'][number];
const plans = ['free', 'pro', 'enterprise'] as const;
type Plan = (typeof plans)[number];
const roles = ['viewer', 'editor', 'owner'] as const;
const studio = 'studio'; // the studio's own people, as the API calls them

/* What is wrong with which field; what belongs to none stands under ''. */
function faults(wrong: unknown): Record<string, string> {
  if (wrong instanceof Refusal && Object.keys(wrong.fields).length) return refusalFields(wrong);
  return { '': refusalText(wrong) };
}

interface Asks {
  title: string;
  act: string;
  send: () => Promise<void>;
  onClose: () => void;
  children: (wrong: Record<string, string>) => preact.ComponentChildren;
}

/* A dialog that asks, sends, and says what was wrong with it. */
function Asking({ title, act, send, onClose, children }: Asks) {
  const wrong = useSignal<Record<string, string>>({});
  const isBusy = useSignal(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      await send();
    } catch (failure) {
      wrong.value = faults(failure);
    } finally {
      isBusy.value = false;
    }
  }
  return (
    <Dialog title={title} onClose={onClose} foot={<>
      <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
      <button type="submit" form="asking" class={`button is-main${isBusy.value ? ' is-busy' : ''}`}>{act}</button>
    </>}>
      <form id="asking" class="stack" noValidate onSubmit={(event) => void submit(event)}>
        {wrong.value[''] && <Notice tone="bad">{wrong.value['']}</Notice>}
        {children(wrong.value)}
      </form>
    </Dialog>
  );
}

/* ---- accounts ---- */

function AccountMake({ onMade, onClose }: { onMade: (key: string) => void; onClose: () => void }) {
  const name = useSignal('');
  const email = useSignal('');
  const plan = useSignal<Plan>('pro');
  async function send(): Promise<void> {
    const made = await ask('post', '/v1/tenants', {
      body: { name: name.value.trim(), plan: plan.value, ...(email.value ? { email: email.value } : {}) } });
    onMade(made.api_key ?? '');
  }
  return (
    <Asking title={w('accountNew')} act={w('accountAct')} send={send} onClose={onClose}>{(wrong) => <>
      <Field label={w('accountName')} value={name.value} wrong={wrong.name} maxLength={200} onInput={(event) => { name.value = event.currentTarget.value; }} />
      <Field label={w('email')} type="email" value={email.value} wrong={wrong.email} onInput={(event) => { email.value = event.currentTarget.value; }} />
      <Seg label={w('plan')} isLabelSeen value={plan.value} options={plans.map((one) => [one, w(`plan.${one}`)])} onChoose={(to) => { plan.value = to; }} />
      <p class="hint">{w(`planText.${plan.value}`)}</p>
    </>}</Asking>
  );
}

function QuotaChange({ of, onDone, onClose }: { of: Account; onDone: () => void; onClose: () => void }) {
  const isLimited = useSignal(of.monthly_quota !== null);
  const quota = useSignal(String(of.monthly_quota ?? 500));
  async function send(): Promise<void> {
    await ask('put', '/v1/tenants/{id}/quota', {
      path: { id: of.tenant_id }, body: { monthly_quota: isLimited.value ? Number(quota.value) : -1 } });
    onDone();
  }
  return (
    <Asking title={w('quotaOf', { name: of.name })} act={t('save')} send={send} onClose={onClose}>{(wrong) => <>
      <Seg label={w('quota')} value={isLimited.value ? 'some' : 'any'} onChoose={(to) => { isLimited.value = to === 'some'; }}
        options={[['some', w('quotaSome')], ['any', w('quotaAny')]]} />
      {isLimited.value && <Field label={w('quotaNumber')} type="number" inputMode="numeric" min={0} max={100000000} value={quota.value}
        wrong={wrong.monthly_quota} onInput={(event) => { quota.value = event.currentTarget.value; }} />}
    </>}</Asking>
  );
}

const Used = ({ of }: { of: Account }) => <>{number(of.images_this_month)} {of.monthly_quota === null ? '' : w('ofQuota', { n: of.monthly_quota })}</>;

function Accounts({ all, again }: { all: readonly Account[]; again: () => void }) {
  const isMaking = useSignal(false);
  const key = useSignal('');
  const changed = useSignal<Account | null>(null);
  return (
    <section class="card" aria-labelledby="accounts">
      <header class="card-head">
        <h2 id="accounts">{w('accounts')}</h2>
        <button type="button" class="button" onClick={() => { isMaking.value = true; }}><Icon name="plus" />{w('accountNew')}</button>
      </header>
      <Table label={w('accounts')} rows={all} id={(one) => one.tenant_id} columns={[
        { title: w('accountName'), cell: (one) => one.name },
        { title: w('plan'), isMinor: true, cell: (one) => w(`plan.${one.plan as Plan}`) },
        { title: w('used'), isNumber: true, cell: (one) => <Used of={one} /> },
        { title: w('since'), isMinor: true, cell: (one) => day(one.created_at) },
        { title: w('state'), isMinor: true, cell: (one) => (one.suspended ? <Pill tone="bad">{w('suspended')}</Pill> : <Pill tone="ok">{w('active')}</Pill>) },
        { title: w('acts'), isTitleUnseen: true, isNumber: true, cell: (one) => (
          <button type="button" class="button is-quiet" aria-label={w('quotaOf', { name: one.name })} onClick={() => { changed.value = one; }}>{w('quota')}</button>) },
      ]} />
      {isMaking.value && <AccountMake onClose={() => { isMaking.value = false; }} onMade={(made) => { isMaking.value = false; key.value = made; again(); }} />}
      {key.value && <SecretShown title={w('accountKey')} text={w('accountKeyText')} secret={key.value} onClose={() => { key.value = ''; }} />}
      {changed.value && <QuotaChange of={changed.value} onClose={() => { changed.value = null; }}
        onDone={() => { changed.value = null; toast(w('quotaChanged')); again(); }} />}
    </section>
  );
}

/* ---- people ---- */

function PersonMake({ owner, onDone, onClose }: { owner: string; onDone: () => void; onClose: () => void }) {
  const name = useSignal('');
  const email = useSignal('');
  const password = useSignal('');
  const role = useSignal<(typeof roles)[number]>('editor');
  const isOfStudio = owner === studio;
  async function send(): Promise<void> {
    await ask('post', '/v1/users', { body: {
      tenant_id: owner, name: name.value.trim(), email: email.value, password: password.value, role: isOfStudio ? 'admin' : role.value } });
    onDone();
  }
  return (
    <Asking title={w('personNew')} act={w('personAct')} send={send} onClose={onClose}>{(wrong) => <>
      <Field label={w('personName')} value={name.value} wrong={wrong.name} onInput={(event) => { name.value = event.currentTarget.value; }} />
      <Field label={w('email')} type="email" autoComplete="off" value={email.value} wrong={wrong.email} onInput={(event) => { email.value = event.currentTarget.value; }} />
      <Field label={w('password')} hint={w('passwordHint')} type="password" autoComplete="new-password" value={password.value} wrong={wrong.password}
        onInput={(event) => { password.value = event.currentTarget.value; }} />
      {isOfStudio
        ? <Notice>{w('adminText')}</Notice>
        : <Seg label={w('role')} isLabelSeen value={role.value} options={roles.map((one) => [one, t(`role.${one}`)])} onChoose={(to) => { role.value = to; }} />}
    </>}</Asking>
  );
}

function PasswordSet({ of, owner, onDone, onClose }: { of: Person; owner: string; onDone: () => void; onClose: () => void }) {
  const password = useSignal('');
  async function send(): Promise<void> {
    await ask('put', '/v1/users/{id}', { path: { id: of.id }, body: { tenant_id: owner, disabled: of.disabled, password: password.value } });
    onDone();
  }
  return (
    <Asking title={w('passwordOf', { name: of.name || of.email })} act={t('save')} send={send} onClose={onClose}>{(wrong) => (
      <Field label={w('password')} hint={w('passwordEnds')} type="password" autoComplete="new-password" value={password.value} wrong={wrong.password}
        onInput={(event) => { password.value = event.currentTarget.value; }} />
    )}</Asking>
  );
}

function People({ accounts }: { accounts: readonly Account[] }) {
  const owner = useSignal(studio);
  const people = useLoad((signal) => ask('get', '/v1/users', { query: { tenant_id: owner.value }, signal }), [owner.value]);
  const isMaking = useSignal(false);
  const changed = useSignal<Person | null>(null);
  const again = () => void people.again();

  async function turn(person: Person): Promise<void> {
    try {
      await ask('put', '/v1/users/{id}', { path: { id: person.id }, body: { tenant_id: owner.value, disabled: !person.disabled } });
      toast(w(person.disabled ? 'letIn' : 'keptOut', { name: person.name || person.email }));
      await people.again();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }

  return (
    <section class="card" aria-labelledby="people">
      <header class="card-head">
        <h2 id="people">{w('people')}</h2>
        <button type="button" class="button" onClick={() => { isMaking.value = true; }}><Icon name="plus" />{w('personNew')}</button>
      </header>
      <div class="card-main">
        <Choice label={w('peopleOf')} value={owner.value} onChoose={(to) => { owner.value = to; }}
          options={[[studio, w('studioPeople')], ...accounts.map((one) => [one.tenant_id, one.name] as const)]} />
      </div>
      <Load of={people} shapes={2}>{({ users }) => (users.length
        ? <Table label={w('people')} rows={users} id={(one) => one.id} columns={[
          { title: w('personName'), cell: (one) => <>{one.name || one.email}{one.name && <div class="hint">{one.email}</div>}</> },
          { title: w('role'), isMinor: true, cell: (one) => t(`role.${one.role}`) },
          { title: w('seen'), isMinor: true, cell: (one) => (one.seen_at ? ago(one.seen_at) : t('never')) },
          { title: w('state'), isMinor: true, cell: (one) => (one.disabled ? <Pill tone="bad">{w('out')}</Pill> : <Pill tone="ok">{w('in')}</Pill>) },
          { title: w('acts'), isTitleUnseen: true, isNumber: true, cell: (one) => <>
            <button type="button" class="button is-quiet" aria-label={w('passwordOf', { name: one.name || one.email })} onClick={() => { changed.value = one; }}>{w('password')}</button>
            {one.id !== user.value?.id && (
              <button type="button" class="button is-quiet" onClick={() => void turn(one)}
                aria-label={w(one.disabled ? 'letInOf' : 'keepOutOf', { name: one.name || one.email })}>{w(one.disabled ? 'letInAct' : 'keepOutAct')}</button>
            )}
          </> },
        ]} />
        : <p class="card-main hint">{w('nobody')}</p>)}</Load>
      {isMaking.value && <PersonMake owner={owner.value} onClose={() => { isMaking.value = false; }}
        onDone={() => { isMaking.value = false; toast(w('personMade')); again(); }} />}
      {changed.value && <PasswordSet of={changed.value} owner={owner.value} onClose={() => { changed.value = null; }}
        onDone={() => { changed.value = null; toast(w('passwordChanged')); again(); }} />}
    </section>
  );
}

export default function Admin() {
  const accounts = useLoad((signal) => ask('get', '/v1/tenants', { query: { limit: 1000 }, signal }));
  return (
    <>
      <Head title={w('title')} lead={w('lead')} />
      <Load of={accounts}>{(all) => <>
        <Accounts all={all} again={() => void accounts.again()} />
        <People accounts={all} />
      </>}</Load>
    </>
  );
}
