// The studio has nobody yet: its first account is made here, an administrator's.
import { useSignal } from '@preact/signals';
import { ask, Refusal } from '../core/api.ts';
import { words } from '../core/i18n.ts';
import { navigate } from '../core/router.ts';
import { Field } from '../parts/Field.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Showcase } from '../parts/Showcase.tsx';
import { refusalFields, refusalText } from '../parts/Toasts.tsx';
import { start } from '../routes.ts';
import { session } from '../state.ts';

const w = words('entry');
const least = 8;

export default function FirstRun() {
  const name = useSignal('');
  const email = useSignal('');
  const password = useSignal('');
  const key = useSignal('');
  const wrong = useSignal<Record<string, string>>({});
  const isBusy = useSignal(false);
  const asksKey = !session.value?.first_run_here;

  function explain(failure: unknown): Record<string, string> {
    if (!(failure instanceof Refusal)) return { all: refusalText(failure) };
    if (failure.status === 401 || failure.status === 403) return asksKey ? { key: w('keyWrong') } : { all: refusalText(failure) };
    return Object.keys(failure.fields).length ? refusalFields(failure) : { all: refusalText(failure) };
  }

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    if (isBusy.value) return;
    wrong.value = password.value.length < least ? { password: w('passwordShort', { n: least }) } : {};
    if (wrong.value.password) return;
    isBusy.value = true;
    try {
      session.value = await ask('post', '/v1/first-run', {
        body: { email: email.value, password: password.value, name: name.value },
        headers: key.value ? { Authorization: `Bearer ${key.value.trim()}` } : {},
      });
      navigate(start, { replace: true });
    } catch (failure) {
      wrong.value = explain(failure);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <div class="lone">
      <form class="stack card is-padded entry" onSubmit={(event) => void send(event)} noValidate>
        <div class="stack is-tight">
          <h1 tabIndex={-1}>{w('firstRun')}</h1>
          <p>{w('firstRunText')}</p>
        </div>
        {wrong.value.all && <Notice tone="bad">{wrong.value.all}</Notice>}
        {asksKey && (
          <Field label={w('key')} hint={w('keyHint')} name="key" type="password" autoComplete="off" required value={key.value} wrong={wrong.value.key}
            onInput={(event) => { key.value = event.currentTarget.value; }} />
        )}
        <Field label={w('name')} name="name" autoComplete="name" value={name.value} wrong={wrong.value.name}
          onInput={(event) => { name.value = event.currentTarget.value; }} />
        <Field label={w('email')} type="email" name="email" autoComplete="username" required value={email.value} wrong={wrong.value.email}
          onInput={(event) => { email.value = event.currentTarget.value; }} />
        <Field label={w('password')} hint={w('passwordHint', { n: least })} type="password" name="password" autoComplete="new-password" required
          value={password.value} wrong={wrong.value.password} onInput={(event) => { password.value = event.currentTarget.value; }} />
        <button type="submit" class={`button is-main is-big${isBusy.value ? ' is-busy' : ''}`}>{w('firstRunAct')}</button>
      </form>
      <Showcase />
    </div>
  );
}
