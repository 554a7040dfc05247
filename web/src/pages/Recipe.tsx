// A look of one's own: background, light, shadow and file, with a preview that follows.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, near, Refusal } from '../core/api.ts';
import '../core/compare.ts';
import { t, words } from '../core/i18n.ts';
import { navigate, queryGet } from '../core/router.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Choice, Field, TextField } from '../parts/Field.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { useLoad } from '../parts/Load.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Palette } from '../parts/Palette.tsx';
import { Pill } from '../parts/Pill.tsx';
import { Seg } from '../parts/Seg.tsx';
import { Slider } from '../parts/Slider.tsx';
import { refusalText, toast, toastWrong } from '../parts/Toasts.tsx';
import { backgrounds, choices, choose, isDrawing, isReady, lightings, nearFilter, presets, previewSoon, previewStop, previewWrong, shadows, shown, usual, workflow, type Choices } from '../recipe.ts';
import { items, shootOpen } from '../shoot.ts';
import { sessionRefresh } from '../state.ts';
import '../styles/recipe.css';

const w = words('recipe');
const named = <T extends string>(all: readonly T[], of: string): [T, string][] => all.map((one) => [one, w(`${of}.${one}` as 'background.solid')]);
const amount = (name: keyof Choices, label: string, min: number, max: number, unit = '') => (
  <Slider label={label} value={choices.value[name] as number} min={min} max={max} unit={unit} preset={usual[name] as number} onMove={(to) => choose({ [name]: to })} />
);

/* ---- the choices ---- */

function Background() {
  const now = choices.value;
  const templates = useLoad((signal) => ask('get', '/api/apps/product-photo-studio/templates', { query: { limit: 100 }, signal }));
  return (
    <section class="card is-padded stack" aria-labelledby="background">
      <h2 id="background">{w('background')}</h2>
      <Choice label={w('kind')} value={now.background} onChoose={(to) => choose({ background: to as Choices['background'] })} options={named(backgrounds, 'background')} />
      {now.background === 'solid' && <Palette label={w('colour')} most={1} colours={[now.color]} onChange={([color]) => choose({ color: color ?? usual.color })} />}
      {now.background === 'gradient' && <>
        <Palette label={w('colours')} most={5} colours={now.colors} onChange={(colors) => choose({ colors: colors.length > 1 ? colors : now.colors })} />
        <Seg label={w('gradient')} value={now.gradient} onChoose={(to) => choose({ gradient: to })} options={[['linear', w('gradient.linear')], ['radial', w('gradient.radial')]]} />
        {now.gradient === 'linear' && amount('angle', w('angle'), 0, 360, '°')}
      </>}
      {now.background === 'template' && <Choice label={w('set')} value={now.template} onChoose={(to) => choose({ template: to })}
        options={(templates.value.value?.templates ?? []).map((one) => [one.id, one.name])} />}
      {now.background === 'ai' && <>
        <TextField label={w('prompt')} hint={w('promptHint')} rows={3} maxLength={400} value={now.prompt} onInput={(event) => choose({ prompt: event.currentTarget.value })} />
        <Seg label={w('complexity')} value={now.isComplex ? 'complex' : 'simple'} onChoose={(to) => choose({ isComplex: to === 'complex' })} options={[['simple', w('simple')], ['complex', w('complex')]]} />
      </>}
    </section>
  );
}

function Lighting() {
  const now = choices.value;
  return (
    <section class="card is-padded stack" aria-labelledby="lighting">
      <h2 id="lighting">{w('lighting')}</h2>
      <Seg label={w('lighting')} value={now.lighting} onChoose={(to) => choose({ lighting: to })} options={named(lightings, 'lighting')} />
      {now.lighting === 'preset' && <Choice label={w('preset')} value={now.preset} onChoose={(to) => choose({ preset: to as Choices['preset'] })} options={named(presets, 'preset')} />}
      {now.lighting === 'manual' && <>{amount('brightness', w('brightness'), -100, 100)}{amount('contrast', w('contrast'), -100, 100)}{amount('warmth', w('warmth'), -100, 100)}</>}
    </section>
  );
}

function Shadow() {
  const now = choices.value;
  if (now.background === 'remove') return null;
  return (
    <section class="card is-padded stack" aria-labelledby="shadow">
      <h2 id="shadow">{w('shadow')}</h2>
      <Seg label={w('shadow')} value={now.shadow} onChoose={(to) => choose({ shadow: to })} options={named(shadows, 'shadow')} />
      {now.shadow !== 'none' && <>{amount('opacity', w('opacity'), 0, 100, '%')}{amount('blur', w('blur'), 0, 100, '%')}</>}
      {now.shadow === 'drop' && <>{amount('shadowAngle', w('angle'), 0, 360, '°')}{amount('distance', w('distance'), 0, 100, ' px')}</>}
    </section>
  );
}

const sizes = ['original', '1080x1080', '1200x1200', '2400x2400'] as const;
const Output = () => (
  <section class="card is-padded stack" aria-labelledby="output">
    <h2 id="output">{w('output')}</h2>
    <Seg label={w('format')} isLabelSeen value={choices.value.format} onChoose={(to) => choose({ format: to })} options={[['jpeg', 'JPEG'], ['png', 'PNG'], ['webp', 'WebP']]} />
    <Choice label={w('size')} value={choices.value.size} onChoose={(to) => choose({ size: to })} options={sizes.map((one) => [one, one === 'original' ? w('original') : one.replace('x', ' × ')])} />
  </section>
);

/* ---- the picture ---- */

function Preview() {
  const item = items.value[0];
  const now = shown.value;
  if (!item) return <Empty icon="sliders" title={w('none')} text={w('noneText')}><a class="button is-main" href="/upload">{w('add')}</a></Empty>;
  return (
    <div class="recipe-preview">
      {now && item.originalUrl
        ? <div class="recipe-shown" style={{ filter: nearFilter(now, choices.value) }}>
          <compare-view src-before={near(item.originalUrl)} src-after={near(now.url)} label={t('compare')} label-before={t('before')} label-after={t('after')}
            label-zoom-in={t('zoomIn')} label-zoom-out={t('zoomOut')} label-fit={t('zoomFit')} />
        </div>
        : <img class="recipe-original" src={near(item.originalUrl ?? item.thumbnailUrl ?? '')} alt={item.productName || item.originalFileName} />}
      <p class="hint" role="status">{isDrawing.value ? w('drawing') : now ? w('drawn') : w('first')}</p>
      {previewWrong.value !== null && <Notice tone="warn"><p>{refusalText(previewWrong.value)}</p></Notice>}
    </div>
  );
}

function Save({ onClose }: { onClose: () => void }) {
  const name = useSignal('');
  const wrong = useSignal('');
  async function send(event: Event): Promise<void> {
    event.preventDefault();
    try {
      await ask('post', '/api/apps/product-photo-studio/templates', { body: { name: name.value.trim(), category: 'studio', templateConfig: workflow.value } as never });
      toast(w('saved', { name: name.value.trim() }));
      onClose();
    } catch (failure) {
      wrong.value = refusalText(failure);
    }
  }
  return (
    <Dialog title={w('save')} onClose={onClose} foot={<>
      <button type="button" class="button" onClick={onClose}>{t('cancel')}</button><button type="submit" form="look-save" class="button is-main">{t('save')}</button></>}>
      <form id="look-save" onSubmit={(event) => void send(event)}>
        <Field label={w('name')} value={name.value} wrong={wrong.value || undefined} required maxLength={100} onInput={(event) => { name.value = event.currentTarget.value; wrong.value = ''; }} />
      </form>
    </Dialog>
  );
}

function Dock() {
  const all = items.value;
  const isBusy = useSignal(false);
  const isSaving = useSignal(false);
  const quote = useLoad((signal) => ask('post', '/api/apps/product-photo-studio/quote', { body: { workflow: workflow.value, itemCount: Math.max(1, all.length) } as never, signal }), [workflow.value, all.length]);
  async function run(): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true; // and stays so until the batch is shown: a second click would begin a second one
    try {
      const body = { workflow: workflow.value } as never;
      const begun = all.length === 1
        ? await ask('post', '/api/apps/product-photo-studio/items/{id}/process', { path: { id: all[0]!.id }, body })
        : await ask('post', '/api/apps/product-photo-studio/projects/{id}/batch-process', { path: { id: all[0]!.projectId }, body: { workflow: workflow.value, itemIds: all.map((one) => one.id) } as never });
      void sessionRefresh().catch(() => undefined);
      navigate(`/batches/${begun.generationId}`);
    } catch (wrong) {
      isBusy.value = false;
      toastWrong(wrong);
    }
  }
  const refused = quote.wrong.value instanceof Refusal ? refusalText(quote.wrong.value) : '';
  return (
    <div class="dock card">
      <div class="dock-words">
        {refused ? <span class="wrong"><Icon name="warn" />{refused}</span> : quote.value.value && <>
          <b>{t('credits', { n: quote.value.value.total })}</b>
          {quote.value.value.saves > 0 && <Pill tone="ok">{w('saves', { n: quote.value.value.saves })}</Pill>}</>}
      </div>
      <button type="button" class="button" onClick={() => { isSaving.value = true; }}>{w('save')}</button>
      {all.length > 0 && <button type="button" class={`button is-main is-big${isBusy.value ? ' is-busy' : ''}`} disabled={!isReady.value || !!refused || isBusy.value} onClick={() => void run()}>{w('run', { n: all.length })}</button>}
      {isSaving.value && <Save onClose={() => { isSaving.value = false; }} />}
    </div>
  );
}

export default function Recipe() {
  const item = items.value[0];
  useEffect(() => {
    void shootOpen(queryGet('project') || undefined).catch(toastWrong);
    return previewStop;
  }, []);
  useEffect(() => {
    if (item && isReady.value) previewSoon(item.projectId, item.id);
  }, [item?.id, workflow.value]);
  return (
    <>
      <Head title={w('title')} lead={items.value.length ? w('leadFor', { n: items.value.length }) : w('lead')}>
        <a class="button" href="/templates"><Icon name="templates" />{w('templates')}</a>
      </Head>
      <div class="recipe">
        <Preview />
        <div class="stack"><Background /><Lighting /><Shadow /><Output /></div>
      </div>
      <Dock />
    </>
  );
}
