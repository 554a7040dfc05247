// Who did what: newest first, of one's own account or, for whoever runs the studio, of all.
import { useSignal } from '@preact/signals';
import { ask, type Answer } from '../core/api.ts';
import { hasWord, moment, words, type Key } from '../core/i18n.ts';
import { Choice } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Pager } from '../parts/Pager.tsx';
import { Table } from '../parts/Table.tsx';
import { toastWrong } from '../parts/Toasts.tsx';
import { may } from '../state.ts';
import '../styles/audit.css';

const w = words('audit');
type Deed = Answer<'/v1/audit'>['entries'][number];
const most = 50;

function deedText(action: string): string {
  const key = `deed.${action}`;
  return hasWord('audit', key) ? w(key as Key<'audit'>) : action;
}

/* What is nothing, or a name for programs alone, tells nobody anything. */
const detailText = (of: Deed): string => Object.entries(of.detail ?? {}).filter(([name, value]) => name !== 'key' && value !== null && value !== '').map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', ');

function Deeds({ whose, isOfAll }: { whose: string; isOfAll: boolean }) {
  const look = (before?: string, signal?: AbortSignal) => ask('get', '/v1/audit', {
    query: { limit: most, ...(whose ? { tenant_id: whose } : {}), ...(before ? { before } : {}) }, ...(signal ? { signal } : {}) });
  const first = useLoad((signal) => look(undefined, signal), [whose]);
  const older = useSignal<Deed[]>([]);
  const isEnd = useSignal(false);
  const isBusy = useSignal(false);
  async function more(before: string): Promise<void> {
    isBusy.value = true;
    try {
      const { entries } = await look(before);
      older.value = [...older.value, ...entries];
      isEnd.value = entries.length < most;
    } catch (wrong) {
      toastWrong(wrong);
    } finally {
      isBusy.value = false;
    }
  }
  return (
    <section class="card" aria-label={w('title')}>
      <Load of={first}>{({ entries }) => {
        const all = [...entries, ...older.value];
        return all.length ? <>
          <Table label={w('title')} rows={all} id={(one) => one.id} columns={[
            { title: w('deed'), cell: (one) => <>{deedText(one.action)}<div class="hint deed-more">{detailText(one)}</div></> },
            { title: w('to'), cell: (one) => <>{one.subject_name ?? one.subject}{isOfAll && one.tenant_name && one.tenant_name !== one.subject_name && <div class="hint">{one.tenant_name}</div>}</> },
            { title: w('by'), cell: (one) => <>{one.actor === 'house' ? w('house') : one.actor_name ?? one.actor}{one.address && <div class="hint">{one.address}</div>}</> },
            { title: w('when'), isNumber: true, cell: (one) => moment(one.at) },
          ]} />
          <Pager hasMore={entries.length === most && !isEnd.value} isBusy={isBusy.value} onMore={() => void more(all[all.length - 1]!.id)} />
        </> : <p class="card-main hint">{w('none')}</p>;
      }}</Load>
    </section>
  );
}

function OfAll() {
  const asked = new URLSearchParams(location.search).get('account');
  const whose = useSignal(asked ?? 'all');
  const accounts = useLoad((signal) => ask('get', '/v1/tenants', { query: { limit: 1000 }, signal }));
  return <>
    <Load of={accounts} shapes={1}>{(all) => (
      <Choice label={w('whose')} value={whose.value} onChoose={(to) => { whose.value = to; }} options={[['all', w('all')], ...all.map((one) => [one.tenant_id, one.name] as const)]} />)}</Load>
    <Deeds key={whose.value} whose={whose.value} isOfAll={whose.value === 'all'} />
  </>;
}

export default function Audit() {
  return (
    <>
      <Head title={w('title')} lead={w('lead')} />
      {may('tenants:admin') ? <OfAll /> : <Deeds whose="" isOfAll={false} />}
    </>
  );
}
