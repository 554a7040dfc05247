// Signing in with an address and a password.
import { useSignal } from '@preact/signals';
import { ask, Refusal } from '../core/api.ts';
import { words } from '../core/i18n.ts';
import { navigate } from '../core/router.ts';
import { Field } from '../parts/Field.tsx';
import { Notice } from '../parts/Notice.tsx';
import { Showcase } from '../parts/Showcase.tsx';
import { refusalText } from '../parts/Toasts.tsx';
import { session } from '../state.ts';

const w = words('entry');

function reason(wrong: unknown): string {
  if (wrong instanceof Refusal && wrong.status === 401) return w('wrong');
  if (wrong instanceof Refusal && wrong.status === 429) return w('tooOften');
  return refusalText(wrong);
}

export default function SignIn() {
  const email = useSignal('');
  const password = useSignal('');
  const wrong = useSignal('');
  const isBusy = useSignal(false);

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    wrong.value = '';
    try {
      session.value = await ask('post', '/v1/session', { body: { email: email.value, password: password.value } });
      navigate('/sign-in' + location.search, { replace: true }); // leads on to where it was meant to go
    } catch (failure) {
      wrong.value = reason(failure);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <div class="lone">
      <form class="stack card is-padded entry" onSubmit={(event) => void send(event)}>
        <h1 tabIndex={-1}>{w('signIn')}</h1>
        {wrong.value && <Notice tone="bad">{wrong.value}</Notice>}
        <Field label={w('email')} type="email" name="email" autoComplete="username" required value={email.value}
          onInput={(event) => { email.value = event.currentTarget.value; }} />
        <Field label={w('password')} type="password" name="password" autoComplete="current-password" required value={password.value}
          onInput={(event) => { password.value = event.currentTarget.value; }} />
        <button type="submit" class={`button is-main is-big${isBusy.value ? ' is-busy' : ''}`}>{w('signIn')}</button>
        <p class="hint">{w('forgotten')}</p>
      </form>
      <Showcase />
    </div>
  );
}
