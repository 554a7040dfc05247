// A project: its photos, what was made of them, and what is known of the products.
import { useSignal, type Signal } from '@preact/signals';
import { ask, near, refusalOf, type Answer } from '../core/api.ts';
import { t, words } from '../core/i18n.ts';
import { navigate } from '../core/router.ts';
import { toldLoad } from '../core/told.ts';
import { Compare } from '../parts/Compare.tsx';
import { Confirm, Dialog } from '../parts/Dialog.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Field } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Pager } from '../parts/Pager.tsx';
import { rangeOf, SelectBar } from '../parts/SelectBar.tsx';
import { Tile, type Mark } from '../parts/Tile.tsx';
import { toast, toastWrong } from '../parts/Toasts.tsx';
import { told } from '../parts/told.ts';
import { Zip } from '../parts/Zip.tsx';
import { nameOf, type Variation } from '../made.ts';
import { items as atHand, project as projectAtHand, shootNew, shootOpen, type Item } from '../shoot.ts';
import { may } from '../state.ts';
import type { PageProps } from '../routes.ts';
import '../styles/projects.css';

const w = words('projects');
type Of = Answer<'/api/apps/product-photo-studio/projects/{id}'>;

const marks: Record<Item['status'], Mark | undefined> = { uploaded: undefined, processing: 'run', processed: 'ok', failed: 'bad' };
const titleOf = (of: Item): string => of.productName || of.originalFileName;
const listOf = (text: string): string[] => text.split(',').map((one) => one.trim()).filter(Boolean);

/* ---- one photo ---- */

function Product({ of, onSaved }: { of: Item; onSaved: (now: Item) => void }) {
  const name = useSignal(of.productName ?? '');
  const sku = useSignal(of.productSku ?? '');
  const price = useSignal(of.productPrice ?? '');
  const tags = useSignal(of.productTags.join(', '));
  const isBusy = useSignal(false);
  async function send(event: Event): Promise<void> {
    event.preventDefault();
    isBusy.value = true;
    try {
      onSaved(await ask('put', '/api/apps/product-photo-studio/items/{id}', {
        path: { id: of.id }, body: { productName: name.value, productSku: sku.value, productPrice: price.value, productTags: listOf(tags.value) } as never }));
      toast(w('saved'));
    } catch (wrong) {
      toastWrong(wrong);
    } finally {
      isBusy.value = false;
    }
  }
  const field = (label: string, of: Signal<string>, hint?: string) => <Field label={label} hint={hint} value={of.value} onInput={(event) => { of.value = event.currentTarget.value; }} />;
  return (
    <form class="stack" onSubmit={(event) => void send(event)} aria-label={w('product')}>
      {field(w('productName'), name)}
      <div class="columns is-even">{field(w('sku'), sku)}{field(w('price'), price)}</div>
      {field(w('tags'), tags, w('tagsHint'))}
      <button type="submit" class={`button${isBusy.value ? ' is-busy' : ''}`}>{t('save')}</button>
    </form>
  );
}

function Variations({ of, onSelected }: { of: Item; onSelected: () => void }) {
  const all = useLoad((signal) => ask('get', '/api/apps/product-photo-studio/items/{id}/variations', { path: { id: of.id }, signal }), [of.id]);
  const open = useSignal<Variation | null>(null);
  async function select(one: Variation): Promise<void> {
    try {
      await ask('post', '/api/apps/product-photo-studio/items/{id}/variations/{variationId}/select', { path: { id: of.id, variationId: one.id } });
      await all.again();
      onSelected();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  return (
    <Load of={all} shapes={1}>{({ variations, originalUrl }) => <>
      <ul class="gallery is-small">{variations.map((one) => (
        <li key={one.id}>
          <Tile src={one.thumbnailUrl && near(one.thumbnailUrl)} alt="" title={nameOf(one)} note={`${one.width} × ${one.height}`} onOpen={() => { open.value = one; }} />
          {one.isSelected ? <span class="hint">{w('chosenMark')}</span>
            : <button type="button" class="button is-quiet" onClick={() => void select(one)}>{w('selectOf')}</button>}
        </li>
      ))}</ul>
      {open.value?.filePath && <Compare before={originalUrl} open={open.value.id} title={titleOf(of)} onClose={() => { open.value = null; }}
        all={variations.flatMap((one) => (one.filePath ? [{ id: one.id, title: nameOf(one), name: titleOf(of), url: one.filePath }] : []))} />}
    </>}</Load>
  );
}

const Photo = ({ of, onChange, onClose }: { of: Item; onChange: (now: Item) => void; onClose: () => void }) => (
  <Dialog title={titleOf(of)} size="wide" onClose={onClose}>
    <div class="photo-large">
      <div class="stack">
        <img src={near(of.processedUrl ?? of.originalUrl ?? '')} alt={titleOf(of)} />
        {of.variationCount > 0 && <><h3>{w('pictures')}</h3><Variations of={of} onSelected={() =>
          void ask('get', '/api/apps/product-photo-studio/items/{id}', { path: { id: of.id } }).then(onChange, toastWrong)} /></>}
      </div>
      <Product key={of.id} of={of} onSaved={onChange} />
    </div>
  </Dialog>
);

/* ---- all of them ---- */

function Photos({ of, all, chosen, onOpen, onChange }: {
  of: Of; all: readonly Item[]; chosen: Signal<ReadonlySet<string>>; onOpen: (one: Item) => void; onChange: (one: Item) => void;
}) {
  const last = useSignal<string | null>(null);
  const ids = all.map((one) => one.id);
  const choose = (id: string, is: boolean, isRange: boolean): void => {
    const meant = isRange ? rangeOf(ids, last.value, id) : [id];
    const now = new Set(chosen.value);
    for (const one of meant) is ? now.add(one) : now.delete(one);
    chosen.value = now;
    last.value = id;
  };
  const favorite = (one: Item): void =>
    void ask('put', '/api/apps/product-photo-studio/items/{id}', { path: { id: one.id }, body: { isFavorite: !one.isFavorite } as never }).then(onChange, toastWrong);
  if (!all.length) return <Empty icon="image" title={w('noItems')} text={w('noItemsText')}><a class="button is-main" href={`/upload?project=${of.id}`}>{w('add')}</a></Empty>;
  return (
    <ul class="gallery">{all.map((one) => {
      const mark = marks[one.status];
      return (
        <li key={one.id}>
          <Tile src={near(one.processedThumbnailUrl ?? one.thumbnailUrl ?? '') || null} alt="" title={titleOf(one)} onOpen={() => onOpen(one)} {...(mark ? { mark } : {})}
            note={one.variationCount ? w('variations', { n: one.variationCount }) : (one.status === 'failed' && told(one.errorCode, one.errorSaid, one.errorMessage).text) || w(`state.${one.status}`)}
            chosen={{ is: chosen.value.has(one.id), label: w('chooseOf', { name: titleOf(one) }), onChange: (is, event) => choose(one.id, is, event.shiftKey) }}>
            {may('projects:write') && <button type="button" class="button is-icon favorite" aria-pressed={one.isFavorite} aria-label={w('favoriteOf', { name: titleOf(one) })} onClick={() => favorite(one)}><Icon name="heart" /></button>}
          </Tile>
        </li>
      );
    })}</ul>
  );
}

function Import({ of, onDone }: { of: Of; onDone: () => void }) {
  async function send(file: File | undefined): Promise<void> {
    if (!file) return;
    try {
      const reply = await fetch(`/api/apps/product-photo-studio/projects/${of.id}/items/import`, {
        method: 'POST', body: await file.text(), headers: { 'Content-Type': 'text/csv', Accept: 'application/json', 'X-Requested-With': 'cyclorama' } });
      const out = (await reply.json()) as { imported?: number; failed?: number };
      if (!reply.ok) {
        await toldLoad();
        throw refusalOf(reply.status, out);
      }
      toast(w('imported', { n: out.imported ?? 0, failed: out.failed ?? 0 }), out.failed ? 'warn' : 'plain');
      onDone();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  return (
    <label class="button pick"><Icon name="list" />{w('import')}
      <input type="file" class="unseen" accept=".csv,text/csv" onChange={(event) => { void send(event.currentTarget.files?.[0]); event.currentTarget.value = ''; }} />
    </label>
  );
}

export default function Project({ values }: PageProps) {
  const id = values.id!;
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const open = useSignal<Item | null>(null);
  const asks = useSignal<'' | 'zip' | 'some' | 'all'>('');
  const project = useLoad((signal) => ask('get', '/api/apps/product-photo-studio/projects/{id}', { path: { id }, query: { limit: 100 }, signal }), [id]);
  const done = (): void => { asks.value = ''; };

  const change = (now: Item): void => {
    const of = project.value.value;
    if (of) project.value.value = { ...of, items: of.items.map((one) => (one.id === now.id ? now : one)) };
    if (open.value?.id === now.id) open.value = now;
  };
  const more = (of: Of): void =>
    void ask('get', '/api/apps/product-photo-studio/projects/{id}', { path: { id }, query: { after: of.nextCursor!, limit: 100 } }).then((page) => {
      project.value.value = { ...page, items: [...of.items, ...page.items] };
    }, toastWrong);
  const look = (of: Of): void => void shootOpen(id).then(() => {
    atHand.value = chosen.value.size ? of.items.filter((one) => chosen.value.has(one.id)) : of.items;
    navigate('/templates');
  }, toastWrong);
  async function removeSome(): Promise<void> {
    done();
    try {
      await ask('delete', '/api/apps/product-photo-studio/projects/{id}/items', { path: { id }, query: { itemIds: [...chosen.value].join(',') } as never });
      atHand.value = atHand.value.filter((one) => !chosen.value.has(one.id));
      chosen.value = new Set();
      await project.again();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  async function removeAll(name: string): Promise<void> {
    done();
    try {
      await ask('delete', '/api/apps/product-photo-studio/projects/{id}', { path: { id } });
      if (projectAtHand.value?.id === id) shootNew();
      toast(w('removed', { name }));
      navigate('/projects', { replace: true });
    } catch (wrong) {
      toastWrong(wrong);
    }
  }

  const of = project.value.value;
  return (
    <>
      <Head title={of?.name ?? w('title')} {...(of ? { lead: w('counts', { processed: of.totalProcessed, photos: of.totalPhotos }) } : {})}>
        {of && may('projects:write') && <>
          {of.items.length > 0 && <button type="button" class="button is-main" onClick={() => look(of)}>{w('look')}<Icon name="right" /></button>}
          <a class="button" href={`/upload?project=${id}`}><Icon name="plus" />{w('add')}</a>
          <Import of={of} onDone={() => void project.again()} />
          {of.totalProcessed > 0 && <button type="button" class="button" onClick={() => { asks.value = 'zip'; }}><Icon name="download" />{w('zip')}</button>}
          <button type="button" class="button is-icon" aria-label={w('remove')} onClick={() => { asks.value = 'all'; }}><Icon name="trash" /></button>
        </>}
      </Head>
      <Load of={project}>{(now) => <>
        <Photos of={now} all={now.items} chosen={chosen} onOpen={(one) => { open.value = one; }} onChange={change} />
        <Pager hasMore={!!now.nextCursor} onMore={() => more(now)} />
        <SelectBar count={chosen.value.size} of={now.items.length} onAll={() => { chosen.value = new Set(now.items.map((one) => one.id)); }} onNone={() => { chosen.value = new Set(); }}>
          <button type="button" class="button is-main" onClick={() => look(now)}>{w('look')}</button>
          <button type="button" class="button" onClick={() => { asks.value = 'zip'; }}>{w('zip')}</button>
          <button type="button" class="button is-icon" aria-label={w('deleteSome', { n: chosen.value.size })} onClick={() => { asks.value = 'some'; }}><Icon name="trash" /></button>
        </SelectBar>
        {asks.value === 'zip' && <Zip projectId={id} items={[...chosen.value]} onClose={done} />}
        {asks.value === 'some' && <Confirm title={w('deleteSome', { n: chosen.value.size })} text={w('deleteSomeText')} act={t('delete')} onYes={() => void removeSome()} onClose={done} />}
        {asks.value === 'all' && <Confirm title={w('remove')} text={w('removeText')} act={t('delete')} onYes={() => void removeAll(now.name)} onClose={done} />}
      </>}</Load>
      {open.value && <Photo of={open.value} onChange={change} onClose={() => { open.value = null; }} />}
    </>
  );
}
