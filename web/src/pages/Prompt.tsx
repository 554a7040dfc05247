// Pictures from words: a prompt, a few choices, and the pictures of this visit.
import { batch, computed, signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ask, near, Refusal, type Answer, type Body } from '../core/api.ts';
import { copyText } from '../core/clip.ts';
import { ago, day, languageNow, t, words } from '../core/i18n.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Choice, TextField } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Seg } from '../parts/Seg.tsx';
import { refusalText, toast } from '../parts/Toasts.tsx';
import { may, sessionRefresh } from '../state.ts';
import '../styles/prompt.css';

const w = words('prompt');
type Model = Answer<'/models'>['models'][number];
type Wish = Body<'/generate'>;
type Past = Answer<'/generations'>['generations'][number];

/* ---- what outlives a change of pages: the form, what is under way, and what came ---- */

interface Made {
  id: string;
  url: string;
  thumb: string;
  name: string; // it is saved under
  wish: Wish;
  size: string;
  note: string;
  isServers: boolean; // the note's words are the server's, in English
}

const form = { prompt: signal(''), model: signal(''), size: signal('auto'), quality: signal('auto'), background: signal('auto'), n: signal(1) };
const made = signal<Made[]>([]);
const underway = signal<{ n: number; size: string; stop: AbortController } | null>(null);
const wrong = signal('');
const mostKept = 60;

const ending: Record<string, string> = { jpeg: 'jpg' };
const nameOf = (prompt: string, at: number, filetype: string): string =>
  `${prompt.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 40) || 'picture'}-${at + 1}.${ending[filetype] ?? filetype}`;

const NoteOf = ({ of }: { of: Made }) => <span lang={of.isServers ? 'en' : undefined}>{of.note}</span>;

/* "auto" is what a model would choose: it is not said. */
const said = (value: string): string | undefined => (value === 'auto' || value === '' ? undefined : value);

function wishOf(model: Model): Wish {
  const wish: Wish = { model: model.id, prompt: form.prompt.value.trim(), n: Math.min(form.n.value, model.n_most), response_format: 'url' } as Wish;
  const fits = (value: string, among: readonly string[]) => (among.includes(value) ? said(value) : undefined);
  const size = fits(form.size.value, model.sizes), quality = fits(form.quality.value, model.qualities);
  const background = fits(form.background.value, model.backgrounds);
  if (size) wish.size = size;
  if (quality) wish.quality = quality;
  if (background) wish.background = background;
  wish.format = background === 'transparent' || !model.formats.includes('jpeg') ? 'png' : 'jpeg';
  return wish;
}

/* A moderator, a budget and a limit say what to do in their own words; whatever it was, nothing was charged. */
function refused(failure: unknown): void {
  if (failure instanceof DOMException) return; // it was stopped
  const text = refusalText(failure);
  wrong.value = text;
  const isFinal = failure instanceof Refusal && failure.status < 500 && failure.status !== 0;
  toast(`${text} ${w('free')}`, isFinal ? 'warn' : 'bad');
}

async function generate(model: Model): Promise<void> {
  const wish = wishOf(model);
  if (!wish.prompt) {
    wrong.value = w('promptMissing');
    return;
  }
  const stop = new AbortController();
  batch(() => {
    wrong.value = '';
    underway.value = { n: wish.n ?? 1, size: wish.size ?? '1024x1024', stop };
  });
  try {
    const reply = await ask('post', '/generate', { body: wish, signal: stop.signal });
    const own = languageNow() !== 'en' && reply.note && model.is_stand_in ? w('standIn', { by: model.served_by }) : '';
    const fresh = reply.images.map((image, at) => ({
      id: `${reply.id}-${at}`, url: near(image.url ?? ''), thumb: near(image.thumbnail_url ?? image.url ?? ''), name: nameOf(wish.prompt, at, image.filetype), wish, size: image.size, note: own || (reply.note ?? ''), isServers: !own,
    }));
    made.value = [...fresh, ...made.value].slice(0, mostKept);
    void sessionRefresh().catch(() => undefined);
  } catch (failure) {
    refused(failure);
  } finally {
    underway.value = null;
  }
}

type Again = { prompt: string } & { [K in 'model' | 'size' | 'quality' | 'background']?: string | null | undefined };

function again(wish: Again): void {
  batch(() => {
    form.prompt.value = wish.prompt;
    if (wish.model) form.model.value = wish.model;
    form.size.value = wish.size || 'auto';
    form.quality.value = wish.quality || 'auto';
    form.background.value = wish.background || 'auto';
  });
  document.querySelector<HTMLTextAreaElement>('.prompt textarea')?.focus();
}

/* ---- the form ---- */

const withAuto = (all: readonly string[]): readonly string[] => (all.includes('auto') ? all : ['auto', ...all]);
const qualityNames = ['auto', 'low', 'medium', 'high', 'standard', 'hd'] as const;
const backgroundNames = ['auto', 'opaque', 'transparent'] as const;
const shapeOf = (size: string): 'auto' | 'square' | 'wide' | 'tall' => {
  const [width, height] = size.split('x').map(Number);
  return !width || !height ? 'auto' : width === height ? 'square' : width > height ? 'wide' : 'tall';
};
const sizeText = (size: string): string => (shapeOf(size) === 'auto' ? w('shape.auto') : `${w(`shape.${shapeOf(size)}`)} · ${size.replace('x', ' × ')}`);

function About({ model }: { model: Model }) {
  if (model.shutdown_date) return <p class="hint">{w('shutdown', { model: model.title, day: day(model.shutdown_date) })}</p>;
  return model.is_stand_in ? <p class="hint">{w('standIn', { by: model.served_by })}</p> : null;
}

function Form({ models }: { models: readonly Model[] }) {
  const model = models.find((one) => one.id === form.model.value) ?? models[0]!;
  const qualities = qualityNames.filter((one) => withAuto(model.qualities).includes(one));
  const backgrounds = backgroundNames.filter((one) => withAuto(model.backgrounds).includes(one));
  const has = (value: string, among: readonly string[]): string => (among.includes(value) ? value : 'auto');
  const n = Math.min(form.n.value, model.n_most);
  const send = (): void => {
    if (!underway.value) void generate(model);
  };
  return (
    <form class="prompt stack" onSubmit={(event) => { event.preventDefault(); send(); }} noValidate>
      <TextField label={w('prompt')} rows={4} maxLength={model.prompt_most} value={form.prompt.value} wrong={wrong.value || undefined}
        placeholder={w('promptExample')} hint={w('promptHint')}
        onInput={(event) => { form.prompt.value = event.currentTarget.value; wrong.value = ''; }}
        onKeyDown={(event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); } }} />
      <div class="prompt-choices">
        <Choice label={w('model')} value={model.id} onChoose={(to) => { form.model.value = to; }} options={models.map((one) => [one.id, one.id === 'builtin' ? w('model.builtin') : one.title])} />
        <Choice label={w('size')} value={has(form.size.value, model.sizes)} onChoose={(to) => { form.size.value = to; }}
          options={withAuto(model.sizes).map((one) => [one, sizeText(one)])} />
      </div>
      <About model={model} />
      {qualities.length > 1 && <Seg label={w('quality')} isLabelSeen value={has(form.quality.value, qualities) as (typeof qualities)[number]}
        onChoose={(to) => { form.quality.value = to; }} options={qualities.map((one) => [one, w(`quality.${one}`)])} />}
      {backgrounds.length > 1 && <Seg label={w('background')} isLabelSeen value={has(form.background.value, backgrounds) as (typeof backgrounds)[number]}
        onChoose={(to) => { form.background.value = to; }} options={backgrounds.map((one) => [one, w(`background.${one}`)])} />}
      {model.n_most > 1 && <Seg label={w('count')} isLabelSeen value={String(n)} onChoose={(to) => { form.n.value = Number(to); }}
        options={[1, 2, 3, 4].filter((one) => one <= model.n_most).map((one) => [String(one), String(one)])} />}
      <div class="prompt-act">
        {underway.value
          ? <button type="button" class="button is-big is-whole" onClick={() => underway.value?.stop.abort()}><Icon name="stop" />{w('stop')}</button>
          : <button type="submit" class="button is-main is-big is-whole"><Icon name="sparkle" />{w('generate')}</button>}
        <p class="hint">{model.credits ? w('price', { n: model.credits * n }) : w('priceNone')}</p>
      </div>
    </form>
  );
}

/* ---- the pictures ---- */

async function save(picture: Made): Promise<void> {
  try {
    const reply = await fetch(picture.url);
    if (!reply.ok) throw new Error();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await reply.blob());
    link.download = picture.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch {
    toast(w('gone'), 'warn');
  }
}

const copyAddress = (picture: Made): void =>
  void copyText(new URL(picture.url, location.href).href).then((is) => toast(is ? w('addressCopied') : t('notCopied'), is ? 'plain' : 'warn'));

const Acts = ({ of }: { of: Made }) => (
  <>
    <button type="button" class="button is-icon" aria-label={w('saveOf', { name: of.name })} title={t('download')} onClick={() => void save(of)}><Icon name="download" /></button>
    <button type="button" class="button is-icon" aria-label={w('copyOf', { name: of.name })} title={w('copyAddress')} onClick={() => copyAddress(of)}><Icon name="link" /></button>
    <button type="button" class="button is-icon" aria-label={w('againOf', { name: of.name })} title={w('useAgain')} onClick={() => again(of.wish)}><Icon name="redo" /></button>
  </>
);

function Large({ of, onClose }: { of: Made; onClose: () => void }) {
  return (
    <Dialog title={of.wish.prompt} size="wide" onClose={onClose} foot={<Acts of={of} />}>
      <img class="prompt-large" src={of.url} alt={of.wish.prompt} />
      <p class="hint">{of.size.replace('x', ' × ')}{of.note && <> · <NoteOf of={of} /></>}</p>
    </Dialog>
  );
}

const ratio = (size: string): string => (/^\d+x\d+$/.test(size) ? size.replace('x', ' / ') : '1');
const waiting = computed(() => Array.from({ length: underway.value?.n ?? 0 }, (_, at) => at));

function Gallery() {
  const open = useSignal<Made | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const isDrawing = !!underway.value;
  useEffect(() => { // below a phone's fold nobody would see that anything is done
    if (!isDrawing || !list.current || list.current.getBoundingClientRect().top < innerHeight / 2) return;
    list.current.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  }, [isDrawing]);
  if (!made.value.length && !underway.value) return <Empty icon="sparkle" title={w('none')} text={w('noneText')} />;
  return (
    <>
      <p class="unseen" role="status">{underway.value ? w('drawing', { n: underway.value.n }) : w('ready', { n: made.value.length })}</p>
      <ul class="prompt-pictures" ref={list}>
        {waiting.value.map((at) => <li key={`wait-${at}`}><div class="shape prompt-wait" style={{ aspectRatio: ratio(underway.value?.size ?? '') }}><span>{w('drawing', { n: 1 })}</span></div></li>)}
        {made.value.map((picture) => (
          <li key={picture.id} class="prompt-picture">
            <button type="button" class="prompt-open" aria-label={w('openOf', { name: picture.name })} onClick={() => { open.value = picture; }}>
              <img src={picture.thumb} alt={picture.wish.prompt} loading="lazy" decoding="async" style={{ aspectRatio: ratio(picture.size) }} />
            </button>
            <div class="prompt-acts"><Acts of={picture} /></div>
          </li>
        ))}
      </ul>
      {made.value[0]?.note && <Notice><p><NoteOf of={made.value[0]} /></p></Notice>}
      {open.value && <Large of={open.value} onClose={() => { open.value = null; }} />}
    </>
  );
}

function PastRow({ of }: { of: Past }) {
  return (
    <li>
      <div><b>{of.prompt}</b><span>{of.model} · {ago(of.created_at)} · {of.state === 'failed' ? w('failed') : w('pictures', { n: of.pictures })}</span></div>
      <button type="button" class="button is-quiet" onClick={() => again(of)} aria-label={w('againOf', { name: of.prompt })}>{w('useAgain')}</button>
    </li>
  );
}

function History() {
  const past = useLoad((stop) => ask('get', '/generations', { query: { limit: 10 }, signal: stop }), [made.value.length]);
  const words = past.value.value?.generations.filter((one) => one.kind === 'generate') ?? [];
  return words.length
    ? <details class="card prompt-past"><summary>{w('past')}</summary><ul>{words.map((one) => <PastRow key={one.id} of={one} />)}</ul></details>
    : null;
}

export default function Prompt() {
  const models = useLoad((stop) => ask('get', '/models', { signal: stop }));
  return (
    <>
      <Head title={w('title')} lead={w('lead')} />
      <div class="prompt-page">
        <section class="card is-padded" aria-label={w('wish')}>
          {may('images:write')
            ? <Load of={models}>{({ models: all }) => <Form models={all.filter((one) => one.abilities.includes('generate'))} />}</Load>
            : <Notice tone="warn"><p>{w('mayNot')}</p></Notice>}
        </section>
        <section class="stack" aria-label={w('results')}><Gallery /><History /></section>
      </div>
    </>
  );
}
