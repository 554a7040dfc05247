// Brands: how a shop's pictures look when nothing else is said.
import { useSignal } from '@preact/signals';
import { ask, type Answer } from '../core/api.ts';
import { words, t } from '../core/i18n.ts';
import { Confirm, Dialog } from '../parts/Dialog.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Field, TextField } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Palette } from '../parts/Palette.tsx';
import { refusalText, toast, toastWrong } from '../parts/Toasts.tsx';
import { may } from '../state.ts';
import '../styles/brands.css';

const w = words('brands');
type Brand = Answer<'/v1/brand-profiles/{id}'>;

const listOf = (text: string): string[] => text.split(',').map((one) => one.trim()).filter(Boolean);

function Edit({ of, onSaved, onClose }: { of: Brand | null; onSaved: () => void; onClose: () => void }) {
  const name = useSignal(of?.name ?? '');
  const prompt = useSignal(of?.default_scene_prompt ?? '');
  const style = useSignal(of?.style_keywords.join(', ') ?? '');
  const mood = useSignal(of?.mood ?? '');
  const colours = useSignal<string[]>(of?.color_palette.filter((one) => /^#[0-9a-f]{6}$/i.test(one)) ?? []);
  const wrong = useSignal('');
  const isBusy = useSignal(false);

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    if (!name.value.trim()) {
      wrong.value = w('nameMissing');
      return;
    }
    const body = { name: name.value.trim(), default_scene_prompt: prompt.value.trim(), style_keywords: listOf(style.value), color_palette: colours.value, mood: mood.value.trim() };
    isBusy.value = true;
    try {
      if (of) await ask('put', '/v1/brand-profiles/{id}', { path: { id: of.brand_profile_id }, body });
      else await ask('post', '/v1/brand-profiles', { body });
      toast(w('saved', { name: body.name }));
      onSaved();
    } catch (failure) {
      wrong.value = refusalText(failure);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <Dialog title={of ? w('change') : w('new')} onClose={onClose} foot={<>
      <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
      <button type="submit" form="brand" class={`button is-main${isBusy.value ? ' is-busy' : ''}`}>{t('save')}</button>
    </>}>
      <form id="brand" class="stack" onSubmit={(event) => void send(event)} noValidate>
        <Field label={w('name')} value={name.value} wrong={wrong.value || undefined} maxLength={200} onInput={(event) => { name.value = event.currentTarget.value; wrong.value = ''; }} />
        <TextField label={w('prompt')} hint={w('promptHint')} rows={3} maxLength={400} value={prompt.value} onInput={(event) => { prompt.value = event.currentTarget.value; }} />
        <Field label={w('style')} hint={w('styleHint')} value={style.value} onInput={(event) => { style.value = event.currentTarget.value; }} />
        <Field label={w('mood')} hint={w('moodHint')} maxLength={60} value={mood.value} onInput={(event) => { mood.value = event.currentTarget.value; }} />
        <Palette label={w('colours')} hint={w('coloursHint')} most={10} colours={colours.value} onChange={(to) => { colours.value = to; }} />
      </form>
    </Dialog>
  );
}

const Swatch = ({ colour }: { colour: string }) => <span class="swatch" title={colour} style={{ background: colour }} />;

function Card({ of, onChange, onDelete }: { of: Brand; onChange: () => void; onDelete: () => void }) {
  return (
    <li class="card is-padded brand-card">
      <h2>{of.name}</h2>
      {of.color_palette.length > 0 && <div class="row" role="img" aria-label={of.color_palette.join(', ')}>{of.color_palette.map((one) => <Swatch key={one} colour={one} />)}</div>}
      <p>{of.default_scene_prompt || <span class="hint">{w('promptNone')}</span>}</p>
      {(of.style_keywords.length > 0 || of.mood) && <p class="hint">{[...of.style_keywords, of.mood].filter(Boolean).join(' · ')}</p>}
      {may('brands:write') && (
        <div class="row">
          <button type="button" class="button" onClick={onChange} aria-label={w('changeOf', { name: of.name })}><Icon name="edit" />{w('change')}</button>
          <button type="button" class="button is-icon" onClick={onDelete} aria-label={w('deleteOf', { name: of.name })}><Icon name="trash" /></button>
        </div>
      )}
    </li>
  );
}

export default function Brands() {
  const brands = useLoad((signal) => ask('get', '/v1/brand-profiles', { signal }));
  const edited = useSignal<Brand | 'new' | null>(null);
  const deleted = useSignal<Brand | null>(null);
  const begin = may('brands:write')
    ? <button type="button" class="button is-main" onClick={() => { edited.value = 'new'; }}><Icon name="plus" />{w('new')}</button> : null;

  async function remove(of: Brand): Promise<void> {
    deleted.value = null;
    try {
      await ask('delete', '/v1/brand-profiles/{id}', { path: { id: of.brand_profile_id } });
      toast(w('deleted', { name: of.name }));
      await brands.again();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }

  return (
    <>
      <Head title={w('title')} lead={w('lead')}>{begin}</Head>
      <Load of={brands}>{(all) => (all.length
        ? <ul class="brands">{all.map((one) => <Card key={one.brand_profile_id} of={one} onChange={() => { edited.value = one; }} onDelete={() => { deleted.value = one; }} />)}</ul>
        : <Empty icon="tag" title={w('none')} text={w('noneText')} />)}</Load>
      {edited.value && <Edit of={edited.value === 'new' ? null : edited.value} onClose={() => { edited.value = null; }}
        onSaved={() => { edited.value = null; void brands.again(); }} />}
      {deleted.value && <Confirm title={w('deleteOf', { name: deleted.value.name })} text={w('deleteText')} act={t('delete')}
        onYes={() => void remove(deleted.value!)} onClose={() => { deleted.value = null; }} />}
    </>
  );
}
