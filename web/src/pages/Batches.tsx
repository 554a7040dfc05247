// What was begun, newest first.
import { useSignal } from '@preact/signals';
import { ask, type Answer } from '../core/api.ts';
import { ago, number, words } from '../core/i18n.ts';
import { Empty } from '../parts/Empty.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Pager } from '../parts/Pager.tsx';
import { Table } from '../parts/Table.tsx';
import { toastWrong } from '../parts/Toasts.tsx';
import { looksOf, StateOf } from './Batch.tsx';

const w = words('batch');
type Page = Answer<'/api/apps/product-photo-studio/generations'>;
type Row = Page['generations'][number];

export default function Batches() {
  const first = useLoad(async (signal) => {
    const [page, { templates }] = await Promise.all([
      ask('get', '/api/apps/product-photo-studio/generations', { query: { limit: 30, previews: false }, signal }),
      ask('get', '/api/apps/product-photo-studio/templates', { query: { limit: 100 }, signal })]);
    return { ...page, names: new Map(templates.map((one) => [one.id, one.name])) };
  });
  const older = useSignal<Row[]>([]);
  const next = useSignal<string | null | undefined>(undefined);
  const more = (before: string): void =>
    void ask('get', '/api/apps/product-photo-studio/generations', { query: { before, limit: 60, previews: false } }).then((page) => {
      older.value = [...older.value, ...page.generations];
      next.value = page.nextBefore;
    }, toastWrong);
  return (
    <>
      <Head title={w('list')} lead={w('listLead')}><a class="button is-main" href="/upload"><Icon name="plus" />{w('begin')}</a></Head>
      <Load of={first}>{(page) => {
        const before = next.value === undefined ? page.nextBefore : next.value;
        const rows = [...page.generations, ...older.value];
        return rows.length ? (
          <section class="card" aria-label={w('list')}>
            <Table label={w('list')} rows={rows} id={(row) => row.id} columns={[
              { title: w('what'), cell: (row) => <a href={`/batches/${row.id}`}>{looksOf(row) > 1 ? w('looks', { n: looksOf(row) }) : page.names.get(row.templateId ?? '') ?? w(`type.${row.generationType}`)}</a> },
              { title: w('state'), cell: (row) => <StateOf of={row.status} /> },
              { title: w('pictures'), isNumber: true, cell: (row) => `${number(row.completed)} / ${number(row.total)}` },
              { title: w('credits'), isNumber: true, isMinor: true, cell: (row) => number(row.creditCharged) },
              { title: w('when'), isMinor: true, cell: (row) => ago(row.createdAt) },
            ]} />
            <Pager hasMore={!!before} onMore={() => more(before!)} />
          </section>
        ) : <Empty icon="stack" title={w('none')} text={w('noneText')} />;
      }}</Load>
    </>
  );
}
