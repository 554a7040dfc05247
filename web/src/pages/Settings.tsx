// Keys for programs, one's own password, language and looks.
import { useSignal } from '@preact/signals';
import { ask, Refusal, type Answer } from '../core/api.ts';
import { ago, day, languages, t, words, type Language } from '../core/i18n.ts';
import { Confirm, Dialog } from '../parts/Dialog.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Choice, Field } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad, type Loading } from '../parts/Load.tsx';
import { Pill } from '../parts/Pill.tsx';
import { SecretShown } from '../parts/SecretShown.tsx';
import { Seg } from '../parts/Seg.tsx';
import { Table } from '../parts/Table.tsx';
import { refusalText, toast, toastWrong } from '../parts/Toasts.tsx';
import { language, languageChange, may, session, theme, themes, user } from '../state.ts';

const w = words('settings');
type Key = Answer<'/v1/keys'>['keys'][number];
const keyRoles = ['viewer', 'editor', 'owner'] as const;
type KeyRole = (typeof keyRoles)[number];
const lives = ['0', '30', '90', '365'] as const;

/* ---- keys ---- */

const isOver = (key: Key): boolean => !!key.expires_at && Date.parse(key.expires_at) < Date.now();
const KeyState = ({ of }: { of: Key }) => (of.revoked_at
  ? <Pill tone="bad">{w('revoked')}</Pill>
  : isOver(of) ? <Pill tone="warn">{w('over')}</Pill> : <Pill tone="ok">{w('valid')}</Pill>);

function KeyMake({ onMade, onClose }: { onMade: (secret: string) => void; onClose: () => void }) {
  const name = useSignal('');
  const role = useSignal<KeyRole>('editor');
  const life = useSignal<string>('0');
  const wrong = useSignal('');
  const isBusy = useSignal(false);

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    if (!name.value.trim()) {
      wrong.value = w('nameMissing');
      return;
    }
    isBusy.value = true;
    try {
      const made = await ask('post', '/v1/keys', { body: { name: name.value.trim(), role: role.value, expires_in_days: Number(life.value) } });
      onMade(made.secret ?? '');
    } catch (failure) {
      wrong.value = refusalText(failure);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <Dialog title={w('keyNew')} onClose={onClose} foot={<>
      <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
      <button type="submit" form="key-make" class={`button is-main${isBusy.value ? ' is-busy' : ''}`}>{w('keyAct')}</button>
    </>}>
      <form id="key-make" class="stack" onSubmit={(event) => void send(event)} noValidate>
        <Field label={w('keyName')} hint={w('keyNameHint')} value={name.value} wrong={wrong.value || undefined} maxLength={100}
          onInput={(event) => { name.value = event.currentTarget.value; }} />
        <Seg label={w('keyRole')} isLabelSeen value={role.value} onChoose={(to) => { role.value = to; }}
          options={keyRoles.map((one) => [one, t(`role.${one}`)])} />
        <p class="hint">{w(`roleText.${role.value}`)}</p>
        <Choice label={w('keyLife')} value={life.value} onChoose={(to) => { life.value = to; }}
          options={lives.map((days) => [days, days === '0' ? w('keyForever') : w('keyDays', { n: Number(days) })])} />
      </form>
    </Dialog>
  );
}

function KeyTable({ keys, onRevoke }: { keys: readonly Key[]; onRevoke: (key: Key) => void }) {
  return (
    <Table label={w('keys')} rows={keys} id={(key) => key.id} columns={[
      { title: w('keyName'), cell: (key) => key.name },
      { title: w('keyHint'), isMinor: true, cell: (key) => <code>{key.hint}…</code> },
      { title: w('keyRole'), isMinor: true, cell: (key) => t(`role.${key.role}`) },
      { title: w('keyUsed'), isMinor: true, cell: (key) => (key.used_at ? ago(key.used_at) : t('never')) },
      { title: w('keyEnds'), isMinor: true, cell: (key) => (key.expires_at ? day(key.expires_at) : t('never')) },
      { title: w('keyState'), cell: (key) => <KeyState of={key} /> },
      { title: w('keyActs'), isTitleUnseen: true, isNumber: true, cell: (key) => (!key.revoked_at && !isOver(key)
        ? <button type="button" class="button is-quiet" onClick={() => onRevoke(key)} aria-label={w('revokeOf', { name: key.name })}>{w('revoke')}</button>
        : null) },
    ]} />
  );
}

function Keys() {
  const keys = useLoad((signal) => ask('get', '/v1/keys', { signal }));
  const isMaking = useSignal(false);
  const made = useSignal('');
  const revoked = useSignal<Key | null>(null);

  async function revoke(key: Key, of: Loading<unknown>): Promise<void> {
    revoked.value = null;
    try {
      await ask('delete', '/v1/keys/{id}', { path: { id: key.id } });
      toast(w('revokedNow', { name: key.name }));
      await of.again();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }

  return (
    <section class="card" aria-labelledby="keys">
      <header class="card-head">
        <h2 id="keys">{w('keys')}</h2>
        <button type="button" class="button" onClick={() => { isMaking.value = true; }}><Icon name="plus" />{w('keyNew')}</button>
      </header>
      <Load of={keys}>{({ keys: all }) => (all.length
        ? <KeyTable keys={[...all].reverse()} onRevoke={(key) => { revoked.value = key; }} />
        : <div class="card-main"><Empty icon="key" title={w('keysNone')} text={w('keysNoneText')} /></div>)}</Load>
      {isMaking.value && <KeyMake onClose={() => { isMaking.value = false; }}
        onMade={(secret) => { isMaking.value = false; made.value = secret; void keys.again(); }} />}
      {made.value && <SecretShown title={w('keyMade')} text={w('keyOnce')} secret={made.value} onClose={() => { made.value = ''; }} />}
      {revoked.value && <Confirm title={w('revokeOf', { name: revoked.value.name })} text={w('revokeText')} act={w('revoke')}
        onYes={() => void revoke(revoked.value!, keys)} onClose={() => { revoked.value = null; }} />}
    </section>
  );
}

/* ---- account ---- */

function Password() {
  const old = useSignal('');
  const fresh = useSignal('');
  const wrong = useSignal<{ old?: string; fresh?: string }>({});
  const isBusy = useSignal(false);

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    wrong.value = fresh.value.length < 8 ? { fresh: w('passwordShort', { n: 8 }) } : {};
    if (wrong.value.fresh || isBusy.value) return;
    isBusy.value = true;
    try {
      session.value = await ask('put', '/v1/session/password', { body: { old_password: old.value, new_password: fresh.value } });
      old.value = fresh.value = '';
      toast(w('passwordChanged'));
    } catch (failure) {
      wrong.value = failure instanceof Refusal && failure.code === 'forbidden' ? { old: w('passwordWrong') } : { old: refusalText(failure) };
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <form class="stack" onSubmit={(event) => void send(event)} noValidate>
      <input type="text" name="username" autoComplete="username" value={user.value?.email ?? ''} readOnly hidden />
      <Field label={w('passwordOld')} type="password" autoComplete="current-password" required value={old.value} wrong={wrong.value.old}
        onInput={(event) => { old.value = event.currentTarget.value; }} />
      <Field label={w('passwordNew')} type="password" autoComplete="new-password" required value={fresh.value} wrong={wrong.value.fresh}
        hint={w('passwordHint')} onInput={(event) => { fresh.value = event.currentTarget.value; }} />
      <div class="row"><button type="submit" class={`button${isBusy.value ? ' is-busy' : ''}`}>{w('passwordAct')}</button></div>
    </form>
  );
}

const Account = () => (
  <section class="card" aria-labelledby="account">
    <header class="card-head"><h2 id="account">{w('account')}</h2></header>
    <div class="card-main stack">
      <div>
        <b>{user.value?.name || user.value?.email}</b>
        <p class="hint">{user.value?.email} · {t(`role.${user.value?.role ?? 'viewer'}`)}</p>
      </div>
      <Password />
    </div>
  </section>
);

const Looks = () => (
  <section class="card" aria-labelledby="looks">
    <header class="card-head"><h2 id="looks">{w('looks')}</h2></header>
    <div class="card-main stack">
      <Choice label={t('language')} options={Object.entries(languages)} value={language.value} onChoose={(to) => void languageChange(to as Language)} />
      <Seg label={t('theme')} isLabelSeen value={theme.value} onChoose={(to) => { theme.value = to; }} options={themes.map((one) => [one, t(`theme.${one}`)])} />
    </div>
  </section>
);

export default function Settings() {
  return (
    <>
      <Head title={w('title')} lead={w('lead')} />
      <div class="columns is-even"><Account /><Looks /></div>
      {may('keys:read') && <Keys />}
    </>
  );
}
