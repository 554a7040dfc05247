// Pictures taken away together: in which forms, for which shops, and the ZIP when it is there.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ask, near, type Answer } from '../core/api.ts';
import { watch } from '../core/events.ts';
import { bytes, day, t, words } from '../core/i18n.ts';
import { fileName } from '../core/names.ts';
import { linesLoad } from '../core/told.ts';
import { Dialog } from './Dialog.tsx';
import { Choice } from './Field.tsx';
import { Icon } from './Icon.tsx';
import { Load, useLoad } from './Load.tsx';
import { Notice } from './Notice.tsx';
import { refusalText } from './Toasts.tsx';
import { line, told } from './told.ts';

const w = words('zip');
type Made = Answer<'/api/apps/product-photo-studio/exports/{id}'>;
type Platforms = Answer<'/api/apps/product-photo-studio/platforms'>;
type Prices = Answer<'/api/apps/product-photo-studio/prices'>;
const slowMs = 3000;

function Several({ label, options, chosen }: { label: string; options: readonly (readonly [string, string])[]; chosen: Signal<readonly string[]> }) {
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="chips is-many">
        {options.map(([one, text]) => {
          const is = chosen.value.includes(one);
          return <button type="button" key={one} class="chip" aria-pressed={is}
            onClick={() => { chosen.value = is ? chosen.value.filter((other) => other !== one) : [...chosen.value, one]; }}>{text}</button>;
        })}
      </div>
    </fieldset>
  );
}

const folders = ['format', 'platform', 'date', 'flat'] as const;

function Wish({ offer, onWish }: { offer: { platforms: Platforms; prices: Prices }; onWish: (wish: object) => Promise<void> }) {
  const formats = useSignal<readonly string[]>([]);
  const shops = useSignal<readonly string[]>([]);
  const size = useSignal('original');
  const folder = useSignal<string>('format');
  const wrong = useSignal('');
  const isBusy = useSignal(false);
  const price = (feature: string): number => offer.prices.prices.find((one) => one.feature === feature)?.credits ?? 0;

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    isBusy.value = true;
    wrong.value = '';
    try {
      await onWish({ formats: formats.value, platforms: shops.value, size: size.value, folders: shops.value.length && folder.value === 'format' ? 'platform' : folder.value });
    } catch (failure) {
      wrong.value = refusalText(failure);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <form id="zip" class="stack" onSubmit={(event) => void send(event)}>
      {wrong.value && <Notice tone="bad"><p>{wrong.value} {w('free')}</p></Notice>}
      <Several label={w('formats')} chosen={formats} options={offer.platforms.formats.map((one) => [one, one.toUpperCase()])} />
      <Several label={w('shops')} chosen={shops} options={offer.platforms.platforms.map((one) => [one.name, one.title])} />
      <div class="columns is-even">
        <Choice label={w('size')} value={size.value} onChoose={(to) => { size.value = to; }}
          options={offer.platforms.sizes.map((one) => [one, one === 'original' ? w('original') : one.replace('x', ' × ')])} />
        <Choice label={w('folders')} value={folder.value} onChoose={(to) => { folder.value = to; }} options={folders.map((one) => [one, w(`folders.${one}`)])} />
      </div>
      <p class="hint">{w('prices', { zip: price('export_zip'), formats: price('export_formats'), shops: price('export_platforms') })}</p>
      <button type="submit" class={`button is-main is-whole${isBusy.value ? ' is-busy' : ''}`} disabled={isBusy.value}>{w('make')}</button>
    </form>
  );
}

function Making({ of }: { of: Signal<Made | null> }) {
  const now = of.value!;
  const isOver = now.status !== 'pending' && now.status !== 'processing';
  useEffect(() => {
    if (isOver) return undefined;
    const look = (): void =>
      void ask('get', '/api/apps/product-photo-studio/exports/{id}', { path: { id: now.exportId } }).then((fresh) => { of.value = fresh; }, () => undefined);
    const unwatch = watch(now.projectId, look);
    const timer = setInterval(look, slowMs);
    return () => {
      unwatch();
      clearInterval(timer);
    };
  }, [now.exportId, isOver]);
  const link = useRef<HTMLAnchorElement>(null);
  const isThere = !!now.downloadUrl;
  useEffect(() => {
    if (isThere) link.current?.click(); // what was asked for; the link stays for browsers that hold it back
  }, [isThere]);
  if (now.status === 'failed' || now.status === 'expired') return <Notice tone="bad"><p>{(now.status === 'failed' && told(now.error, now.errorSaid, now.errorMessage).text) || w('gone')} {w('free')}</p></Notice>;
  return (
    <div class="stack" role="status">
      <progress max={100} value={now.progress} aria-label={w('making')} />
      <p>{isOver ? w('ready', { files: now.files - now.failed, size: bytes(now.fileSize) }) : w('makingOf', { done: now.done, all: now.files })}</p>
      {now.failed > 0 && <p class="hint">{w('some', { n: now.failed })}</p>}
      {now.warnings.map((one) => <Notice key={one.message} tone="warn"><p>{line(one.said, one.message)}</p></Notice>)}
      {now.downloadUrl && <a ref={link} class="button is-main is-big" href={near(now.downloadUrl)} download={fileName(`cyclorama ${day(now.createdAt)}`, now.downloadUrl)}><Icon name="download" />{t('download')}</a>}
      {now.expiresAt && <p class="hint">{w('until', { day: day(now.expiresAt) })}</p>}
    </div>
  );
}

/** A ZIP of the pictures that stand for the project's photos, only of ITEMS when there are any; or of these PICTURES. */
export function Zip({ projectId, items = [], pictures = [], onClose }: { projectId: string; items?: readonly string[]; pictures?: readonly string[]; onClose: () => void }) {
  const offer = useLoad(async (signal) => {
    const [platforms, prices] = await Promise.all([
      ask('get', '/api/apps/product-photo-studio/platforms', { signal }), ask('get', '/api/apps/product-photo-studio/prices', { signal }), linesLoad()]);
    return { platforms, prices };
  });
  const made = useSignal<Made | null>(null);
  const begin = async (wish: object): Promise<void> => {
    made.value = await ask('post', '/api/apps/product-photo-studio/projects/{id}/export-zip', { path: { id: projectId }, body: { ...wish, ...(items.length ? { itemIds: [...items] } : {}), ...(pictures.length ? { variationIds: [...pictures] } : {}) } as never });
  };
  return (
    <Dialog title={w('title')} onClose={onClose}>
      {made.value ? <Making of={made} /> : <Load of={offer}>{(now) => <Wish offer={now} onWish={begin} />}</Load>}
    </Dialog>
  );
}
