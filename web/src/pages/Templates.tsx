// Looks to choose from: on a product of the house's, or on one's own photo.
import { computed, signal, useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ask, near, Refusal, type Answer } from '../core/api.ts';
import '../core/compare.ts';
import { number, t, words } from '../core/i18n.ts';
import { navigate, queryGet, querySet } from '../core/router.ts';
import { looksLoad, lookText } from '../core/told.ts';
import { drawn, drawnStop, drawnWish } from '../drawn.ts';
import { lookDrop, lookKey, looks, looksStop, lookWish } from '../looks.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Choice, Field } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Pill } from '../parts/Pill.tsx';
import { Seg } from '../parts/Seg.tsx';
import { SelectBar } from '../parts/SelectBar.tsx';
import { Tile } from '../parts/Tile.tsx';
import { isSpent, refusalText, toastWrong } from '../parts/Toasts.tsx';
import { items, project, shootOpen } from '../shoot.ts';
import { sessionRefresh } from '../state.ts';
import '../styles/templates.css';

const w = words('templates');
type Template = Answer<'/api/apps/product-photo-studio/templates'>['templates'][number];
const categories = ['', 'studio', 'lifestyle', 'ecommerce', 'seasonal'] as const;

const category = signal(queryGet('category'));
const platform = signal(queryGet('platform'));
const aspect = signal(queryGet('aspect'));
const search = signal('');
const isOnMine = signal(false);
const first = computed(() => items.value[0] ?? null);

const looksMost = 8;
type Chosen = Signal<readonly string[]>; // ids, in the order in which they were
const choose = (of: Chosen, id: string, is: boolean): void => {
  of.value = is ? [...of.value, id].slice(0, looksMost) : of.value.filter((one) => one !== id);
};

const fits = (of: Template): boolean => {
  const said = search.value.trim().toLowerCase();
  return (!category.value || of.category === category.value) && (!platform.value || of.platform === platform.value) &&
    (!aspect.value || of.aspectRatio === aspect.value) && (!said || `${of.name} ${of.description} ${lookText(of.id, '')} ${of.tags.join(' ')}`.toLowerCase().includes(said));
};
const some = (all: readonly Template[], of: (one: Template) => string | null | undefined): string[] =>
  [...new Set(all.map(of).filter((one): one is string => !!one))].sort();
const titles: Record<string, string> = { ebay: 'eBay', tiktok_shop: 'TikTok Shop' };
const titled = (name: string): string => titles[name] ?? name.replace(/_/g, ' ').replace(/^\w/, (letter) => letter.toUpperCase());

/* ---- filters ---- */

function Filters({ all }: { all: readonly Template[] }) {
  const choose = (of: typeof category, name: string) => (to: string): void => {
    of.value = to;
    querySet(name, to);
  };
  return (
    <div class="filters">
      <div class="chips" role="group" aria-label={w('category')}>
        {categories.map((one) => (
          <button type="button" key={one} class="chip" aria-pressed={category.value === one} onClick={() => choose(category, 'category')(one)}>{w(`category.${one || 'all'}`)}</button>
        ))}
      </div>
      <div class="filters-row">
        <Field label={w('search')} type="search" value={search.value} onInput={(event) => { search.value = event.currentTarget.value; }} />
        <Choice label={w('platform')} value={platform.value} onChoose={choose(platform, 'platform')}
          options={[['', w('any')], ...some(all, (one) => one.platform).map((one) => [one, titled(one)] as const)]} />
        <Choice label={w('aspect')} value={aspect.value} onChoose={choose(aspect, 'aspect')}
          options={[['', w('any')], ...some(all, (one) => one.aspectRatio).map((one) => [one, one] as const)]} />
        {first.value && <Seg label={w('shownOn')} isLabelSeen value={isOnMine.value ? 'mine' : 'sample'} onChoose={(to) => { isOnMine.value = to === 'mine'; }}
          options={[['sample', w('sample')], ['mine', w('mine')]]} />}
      </div>
    </div>
  );
}

/* How far the looks in view have got; it keeps its line when there is nothing to wait for, so that nothing jumps. */
function Drawing() {
  const states = [...looks.value.values()].map((one) => one.state);
  const n = states.filter((state) => state === 'waiting' || state === 'drawing').length;
  return <p class="hint drawing-line" role="status">{n > 0 ? <><span class="drawing-turn" />{w('drawingLeft', { n })}</> : states.includes('ready') ? w('drawingDone') : ''}</p>;
}

/* ---- a template ---- */

/* What is drawn on one's own photo, or for a template of one's own, is asked for when it is seen; until then the sample stands there. */
function One({ of, place, chosen, onOpen }: { of: Template; place: number; chosen: Chosen; onOpen: () => void }) {
  const frame = useRef<HTMLLIElement>(null);
  const item = isOnMine.value ? first.value : null;
  const look = item && looks.value.get(lookKey(item.id, of.id));
  const thumb = near(of.thumbnailUrl);
  const isThere = of.isBuiltIn || drawn.value.has(thumb);
  useEffect(() => {
    if (!frame.current) return undefined;
    const seen = new IntersectionObserver((entries) => {
      if (!entries.at(-1)!.isIntersecting) {
        if (item) lookDrop(item.id, of.id);
        return;
      }
      if (item) lookWish(item.projectId, item.id, of.id, place);
      if (!of.isBuiltIn) drawnWish(thumb);
    });
    seen.observe(frame.current);
    return () => seen.disconnect();
  }, [item?.id, of.id, place]);
  const isChosen = chosen.value.includes(of.id);
  const isDrawing = item ? look?.state === 'drawing' : !isThere;
  return (
    <li ref={frame} class={isDrawing || look?.state === 'waiting' ? 'is-drawing' : ''}>
      <Tile src={look?.state === 'ready' ? near(look.url) : isThere ? thumb : null} alt="" title={of.name} onOpen={onOpen}
        {...(first.value ? { chosen: { is: isChosen, isOff: !isChosen && chosen.value.length >= looksMost, label: w('chooseOf', { name: of.name }), onChange: (is) => choose(chosen, of.id, is) } } : {})}
        note={<>{of.aspectRatio}{of.isPremium && <> · {w('premium')}</>}{of.usageCount > 0 && <> · {w('used', { n: of.usageCount })}</>}</>} />
      {isDrawing && <span class="drawing" role="img" aria-label={w('drawing')} />}
    </li>
  );
}

function Price({ of }: { of: Template }) {
  const count = items.value.length;
  const quote = useLoad((stop) => ask('post', '/api/apps/product-photo-studio/quote', { body: { templateId: of.id, itemCount: Math.max(1, count) }, signal: stop }), [count]);
  if (quote.wrong.value instanceof Refusal) return <Notice tone="warn"><p>{refusalText(quote.wrong.value)}</p></Notice>;
  const now = quote.value.value;
  return now && <p class="price"><b>{t('credits', { n: now.total })}</b>{now.saves > 0 && <Pill tone="ok">{w('saves', { n: number(now.saves) })}</Pill>}</p>;
}

async function run(of: Template): Promise<void> {
  const all = items.value;
  const one = all[0]!;
  const begun = all.length === 1
    ? await ask('post', '/api/apps/product-photo-studio/items/{id}/apply-template', { path: { id: one.id }, body: { templateId: of.id } })
    : await ask('post', '/api/apps/product-photo-studio/projects/{id}/apply-template', { path: { id: one.projectId }, body: { templateId: of.id, itemIds: all.map((item) => item.id) } });
  void sessionRefresh().catch(() => undefined);
  navigate(`/batches/${begun.generationId}`);
}

/* Several at once: what they are and cost together, and off they go. */
function Several({ chosen }: { chosen: Chosen }) {
  const isBusy = useSignal(false);
  const all = items.value;
  const names = chosen.value;
  const quote = useLoad(async (stop) => (names.length
    ? ask('post', '/api/apps/product-photo-studio/quote', { body: { templateIds: [...names], itemCount: all.length }, signal: stop }) : null), [names.join(), all.length]);
  const refused = quote.wrong.value instanceof Refusal ? refusalText(quote.wrong.value) : '';
  const n = names.length * all.length;
  async function make(): Promise<void> {
    isBusy.value = true;
    try {
      const begun = await ask('post', '/api/apps/product-photo-studio/projects/{id}/batch-process', {
        path: { id: all[0]!.projectId }, body: { templateIds: [...names], itemIds: all.map((item) => item.id) } });
      void sessionRefresh().catch(() => undefined);
      navigate(`/batches/${begun.generationId}`);
    } catch (wrong) {
      toastWrong(wrong);
    } finally {
      isBusy.value = false;
    }
  }
  return (
    <SelectBar count={names.length} of={looksMost} onNone={() => { chosen.value = []; }}>
      {refused ? <span class="wrong"><Icon name="warn" />{refused}</span>
        : names.length >= looksMost ? <span class="hint">{w('most', { n: looksMost })}</span> : null}
      {!refused && quote.value.value && <span class="looks-price">{w('pictures', { n })} · <b>{t('credits', { n: quote.value.value.total })}</b></span>}
      <button type="button" class={`button is-main${isBusy.value ? ' is-busy' : ''}`} disabled={!!refused || isBusy.value} onClick={() => void make()}>{w('make', { n })}</button>
    </SelectBar>
  );
}

function Large({ of, chosen, onClose }: { of: Template; chosen: Chosen; onClose: () => void }) {
  const isBusy = useSignal(false);
  const refused = useSignal<unknown>(null);
  const item = first.value;
  const isChosen = chosen.value.includes(of.id);
  const look = item && looks.value.get(lookKey(item.id, of.id));
  const preview = near(of.previewImageUrl);
  useEffect(() => {
    if (item) lookWish(item.projectId, item.id, of.id);
    else drawnWish(preview);
  }, [item?.id]);
  const use = (): void => {
    if (isBusy.value) return;
    isBusy.value = true; // and stays so until the batch is shown: a second click would begin a second one
    refused.value = null;
    run(of).catch((wrong: unknown) => {
      isBusy.value = false;
      refused.value = wrong;
    });
  };
  return (
    <Dialog title={of.name} size="wide" onClose={onClose} foot={item
      ? <>{refused.value !== null && <Notice tone="bad"><p>{refusalText(refused.value)}</p>{isSpent(refused.value) && <a href="/billing">{t('nav.billing')}</a>}</Notice>}
        <Price of={of} />
        <button type="button" class="button" aria-pressed={isChosen} disabled={!isChosen && chosen.value.length >= looksMost}
          onClick={() => choose(chosen, of.id, !isChosen)}>{isChosen && <Icon name="check" />}{w(isChosen ? 'isChosen' : 'choose')}</button>
        <button type="button" class={`button is-main is-big${isBusy.value ? ' is-busy' : ''}`} disabled={isBusy.value} onClick={use}>{w('use', { n: items.value.length })}</button></>
      : <a class="button is-main is-big" href="/upload"><Icon name="upload" />{w('addPhotos')}</a>}>
      <div class="template-large">
        {look?.state === 'ready' && item?.originalUrl
          ? <compare-view src-before={near(item.originalUrl)} src-after={near(look.url)} label={t('compare')} label-before={t('before')} label-after={t('after')}
            label-zoom-in={t('zoomIn')} label-zoom-out={t('zoomOut')} label-fit={t('zoomFit')} />
          : <div class="template-sample"><img src={drawn.value.has(preview) ? preview : near(of.thumbnailUrl)} alt={w('sampleOf', { name: of.name })} />
            {item && look?.state !== 'failed' && <p class="drawing-words" role="status">{w('drawingMine')}</p>}</div>}
        <div class="stack">
          <p>{lookText(of.id, of.description)}</p>
          <dl class="facts">
            <div><dt>{w('category')}</dt><dd>{w(`category.${(categories as readonly string[]).includes(of.category) ? of.category as 'studio' : 'all'}`)}</dd></div>
            <div><dt>{w('aspect')}</dt><dd>{of.aspectRatio}</dd></div>
            {of.recommendedWidth > 0 && <div><dt>{w('size')}</dt><dd>{of.recommendedWidth} × {of.recommendedHeight}</dd></div>}
            {of.platform && <div><dt>{w('platform')}</dt><dd>{titled(of.platform)}</dd></div>}
            {of.ratingCount > 0 && <div><dt>{w('rating')}</dt><dd>{number(of.rating, { maximumFractionDigits: 1 })} ({number(of.ratingCount)})</dd></div>}
          </dl>
          {look?.state === 'failed' && <Notice tone="warn"><p>{w('lookFailed')}</p></Notice>}
        </div>
      </div>
    </Dialog>
  );
}

export default function Templates() {
  const all = useLoad(async (stop) => {
    const [found] = await Promise.all([ask('get', '/api/apps/product-photo-studio/templates', { query: { limit: 100 }, signal: stop }), looksLoad()]);
    return found;
  });
  const open = useSignal<Template | null>(null);
  const chosen = useSignal<readonly string[]>([]);
  useEffect(() => {
    void shootOpen(queryGet('project') || undefined).then(() => { if (first.value) isOnMine.value = true; }, toastWrong);
    return () => {
      looksStop();
      drawnStop();
    };
  }, []);
  return (
    <>
      <Head title={w('title')} lead={items.value.length ? `${w('leadFor', { n: items.value.length, project: project.value?.name ?? '' })} ${w('several')}` : w('lead')}>
        {!items.value.length && <a class="button is-main" href="/upload"><Icon name="upload" />{w('addPhotos')}</a>}
      </Head>
      <Load of={all}>{({ templates }) => {
        const shown = templates.filter(fits);
        return <>
          <Filters all={templates} />
          <p class="unseen" role="status">{w('found', { n: shown.length })}</p>
          {first.value && isOnMine.value && shown.length > 0 && <Drawing />}
          {shown.length
            ? <ul class="gallery">{shown.map((one, place) => <One key={one.id} of={one} place={place} chosen={chosen} onOpen={() => { open.value = one; }} />)}</ul>
            : <Empty icon="templates" title={w('none')} text={w('noneText')} />}
        </>;
      }}</Load>
      {items.value.length > 0 && <Several chosen={chosen} />}
      {open.value && <Large of={open.value} chosen={chosen} onClose={() => { open.value = null; }} />}
    </>
  );
}
