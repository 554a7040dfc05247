// Who belongs to an account, or to the studio itself: people are added, given a role or a password, kept out, signed out.
import { useSignal } from '@preact/signals';
import { ask, type Answer } from '../core/api.ts';
import { ago, t, words } from '../core/i18n.ts';
import { user } from '../state.ts';
import { Asking } from './Asking.tsx';
import { Field } from './Field.tsx';
import { Icon } from './Icon.tsx';
import { Load, useLoad } from './Load.tsx';
import { Notice } from './Notice.tsx';
import { Pill } from './Pill.tsx';
import { Seg } from './Seg.tsx';
import { Table } from './Table.tsx';
import { toast, toastWrong } from './Toasts.tsx';

const w = words('admin');
type Person = Answer<'/v1/users'>['users'][number];
const roles = ['viewer', 'editor', 'owner'] as const;
type Role = (typeof roles)[number];
/** The studio's own people and keys, as the API calls them. */
export const studio = 'studio';

function PersonMake({ owner, onDone, onClose }: { owner: string; onDone: () => void; onClose: () => void }) {
  const name = useSignal('');
  const email = useSignal('');
  const password = useSignal('');
  const role = useSignal<Role>('editor');
  const isOfStudio = owner === studio;
  async function send(): Promise<void> {
    await ask('post', '/v1/users', { body: {
      tenant_id: owner, name: name.value.trim(), email: email.value, password: password.value, role: isOfStudio ? 'admin' : role.value } });
    onDone();
  }
  return (
    <Asking title={w('personNew')} act={w('personAct')} send={send} onClose={onClose}>{(wrong) => <>
      <Field label={w('personName')} value={name.value} wrong={wrong.name} onInput={(event) => { name.value = event.currentTarget.value; }} />
      <Field label={w('email')} type="email" autoComplete="off" value={email.value} wrong={wrong.email} onInput={(event) => { email.value = event.currentTarget.value; }} />
      <Field label={w('password')} hint={w('passwordHint')} type="password" autoComplete="new-password" value={password.value} wrong={wrong.password}
        onInput={(event) => { password.value = event.currentTarget.value; }} />
      {isOfStudio
        ? <Notice>{w('adminText')}</Notice>
        : <Seg label={w('role')} isLabelSeen value={role.value} options={roles.map((one) => [one, t(`role.${one}`)])} onChoose={(to) => { role.value = to; }} />}
    </>}</Asking>
  );
}

function PasswordSet({ of, owner, onDone, onClose }: { of: Person; owner: string; onDone: () => void; onClose: () => void }) {
  const password = useSignal('');
  async function send(): Promise<void> {
    await ask('put', '/v1/users/{id}', { path: { id: of.id }, body: { tenant_id: owner, disabled: of.disabled, password: password.value } });
    onDone();
  }
  return (
    <Asking title={w('passwordOf', { name: of.name || of.email })} act={t('save')} send={send} onClose={onClose}>{(wrong) => (
      <Field label={w('password')} hint={w('passwordEnds')} type="password" autoComplete="new-password" value={password.value} wrong={wrong.password}
        onInput={(event) => { password.value = event.currentTarget.value; }} />
    )}</Asking>
  );
}

const nameOf = (of: Person): string => of.name || of.email;

/* Name and role of one of an account, and what ends at once. */
function PersonChange({ of, owner, onDone, onClose }: { of: Person; owner: string; onDone: () => void; onClose: () => void }) {
  const name = useSignal(of.name);
  const role = useSignal(of.role as Role);
  const isSelf = of.id === user.value?.id;
  async function send(): Promise<void> {
    await ask('put', '/v1/users/{id}', { path: { id: of.id }, body: {
      tenant_id: owner, disabled: of.disabled, name: name.value.trim(), ...(owner === studio || isSelf ? {} : { role: role.value }) } });
    onDone();
  }
  async function signOut(): Promise<void> {
    try {
      await ask('delete', '/v1/users/{id}/sessions', { path: { id: of.id }, query: { tenant_id: owner } });
      toast(w('signedOut', { name: nameOf(of) }));
      onClose();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  return (
    <Asking title={nameOf(of)} act={t('save')} send={send} onClose={onClose}>{(wrong) => <>
      <Field label={w('personName')} value={name.value} wrong={wrong.name} maxLength={200} onInput={(event) => { name.value = event.currentTarget.value; }} />
      {owner !== studio && !isSelf &&
        <Seg label={w('role')} isLabelSeen value={role.value} options={roles.map((one) => [one, t(`role.${one}`)])} onChoose={(to) => { role.value = to; }} />}
      {!isSelf && <div class="stack is-tight">
        <button type="button" class="button" onClick={() => void signOut()}>{w('signOut')}</button>
        <p class="hint">{w('signOutText')}</p>
      </div>}
    </>}</Asking>
  );
}

export function People({ owner }: { owner: string }) {
  const people = useLoad((signal) => ask('get', '/v1/users', { query: { tenant_id: owner }, signal }), [owner]);
  const isMaking = useSignal(false);
  const changed = useSignal<Person | null>(null);
  const keyed = useSignal<Person | null>(null);
  const again = () => void people.again();

  async function turn(person: Person): Promise<void> {
    try {
      await ask('put', '/v1/users/{id}', { path: { id: person.id }, body: { tenant_id: owner, disabled: !person.disabled } });
      toast(w(person.disabled ? 'letIn' : 'keptOut', { name: nameOf(person) }));
      await people.again();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }

  return (
    <section class="card" aria-labelledby="people">
      <header class="card-head">
        <h2 id="people">{w(owner === studio ? 'studioPeople' : 'people')}</h2>
        <button type="button" class="button" onClick={() => { isMaking.value = true; }}><Icon name="plus" />{w('personNew')}</button>
      </header>
      <Load of={people} shapes={2}>{({ users }) => (users.length
        ? <Table label={w('people')} rows={users} id={(one) => one.id} columns={[
          { title: w('personName'), cell: (one) => <>{nameOf(one)}{one.name && <div class="hint">{one.email}</div>}</> },
          { title: w('role'), isMinor: true, cell: (one) => t(`role.${one.role}`) },
          { title: w('seen'), isMinor: true, cell: (one) => (one.seen_at ? ago(one.seen_at) : t('never')) },
          { title: w('state'), isMinor: true, cell: (one) => (one.disabled ? <Pill tone="bad">{w('out')}</Pill> : <Pill tone="ok">{w('in')}</Pill>) },
          { title: w('acts'), isTitleUnseen: true, isNumber: true, cell: (one) => <>
            <button type="button" class="button is-quiet" aria-label={w('changeOf', { name: nameOf(one) })} onClick={() => { changed.value = one; }}>{w('change')}</button>
            <button type="button" class="button is-quiet" aria-label={w('passwordOf', { name: nameOf(one) })} onClick={() => { keyed.value = one; }}>{w('password')}</button>
            {one.id !== user.value?.id && (
              <button type="button" class="button is-quiet" onClick={() => void turn(one)}
                aria-label={w(one.disabled ? 'letInOf' : 'keepOutOf', { name: nameOf(one) })}>{w(one.disabled ? 'letInAct' : 'keepOutAct')}</button>
            )}
          </> },
        ]} />
        : <p class="card-main hint">{w('nobody')}</p>)}</Load>
      {isMaking.value && <PersonMake owner={owner} onClose={() => { isMaking.value = false; }}
        onDone={() => { isMaking.value = false; toast(w('personMade')); again(); }} />}
      {changed.value && <PersonChange of={changed.value} owner={owner} onClose={() => { changed.value = null; }}
        onDone={() => { changed.value = null; toast(w('changed')); again(); }} />}
      {keyed.value && <PasswordSet of={keyed.value} owner={owner} onClose={() => { keyed.value = null; }}
        onDone={() => { keyed.value = null; toast(w('passwordChanged')); again(); }} />}
    </section>
  );
}
