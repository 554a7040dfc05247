// For whoever runs the studio: accounts, each with a page of its own, and the studio's own people and keys.
import { useSignal } from '@preact/signals';
import { ask, type Answer } from '../core/api.ts';
import { day, number, words } from '../core/i18n.ts';
import { Asking } from '../parts/Asking.tsx';
import { Field } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { KeysOf } from '../parts/KeysOf.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { People, studio } from '../parts/People.tsx';
import { Pill } from '../parts/Pill.tsx';
import { SecretShown } from '../parts/SecretShown.tsx';
import { Seg } from '../parts/Seg.tsx';
import { Table } from '../parts/Table.tsx';

const w = words('admin');
type Account = Answer<'/v1/tenants'>[number];
const plans = ['free', 'pro', 'enterprise'] as const;
type Plan = (typeof plans)[number];

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

const Used = ({ of }: { of: Account }) => <>{number(of.images_this_month)} {of.monthly_quota === null ? '' : w('ofQuota', { n: of.monthly_quota })}</>;

function Accounts({ all, again }: { all: readonly Account[]; again: () => void }) {
  const isMaking = useSignal(false);
  const key = useSignal('');
  return (
    <section class="card" aria-labelledby="accounts">
      <header class="card-head">
        <h2 id="accounts">{w('accounts')}</h2>
        <button type="button" class="button" onClick={() => { isMaking.value = true; }}><Icon name="plus" />{w('accountNew')}</button>
      </header>
      <Table label={w('accounts')} rows={all} id={(one) => one.tenant_id} columns={[
        { title: w('accountName'), cell: (one) => <a href={`/admin/accounts/${one.tenant_id}`}>{one.name}</a> },
        { title: w('plan'), isMinor: true, cell: (one) => w(`plan.${one.plan as Plan}`) },
        { title: w('used'), isNumber: true, cell: (one) => <Used of={one} /> },
        { title: w('since'), isMinor: true, cell: (one) => day(one.created_at) },
        { title: w('state'), cell: (one) => (one.suspended ? <Pill tone="bad">{w('suspended')}</Pill> : <Pill tone="ok">{w('active')}</Pill>) },
      ]} />
      {isMaking.value && <AccountMake onClose={() => { isMaking.value = false; }} onMade={(made) => { isMaking.value = false; key.value = made; again(); }} />}
      {key.value && <SecretShown title={w('accountKey')} text={w('accountKeyText')} secret={key.value} onClose={() => { key.value = ''; }} />}
    </section>
  );
}

export default function Admin() {
  const accounts = useLoad((signal) => ask('get', '/v1/tenants', { query: { limit: 1000 }, signal }));
  return (
    <>
      <Head title={w('title')} lead={w('lead')} />
      <Load of={accounts}>{(all) => <Accounts all={all} again={() => void accounts.again()} />}</Load>
      <People owner={studio} />
      <KeysOf owner={studio} />
    </>
  );
}
