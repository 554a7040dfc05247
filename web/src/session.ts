// Coming in and going out.
import { ask } from './core/api.ts';
import { navigate } from './core/router.ts';
import { toastWrong } from './parts/Toasts.tsx';
import { session } from './state.ts';

export async function signOut(): Promise<void> {
  try {
    await ask('delete', '/v1/session');
    try {
      sessionStorage.clear();
    } catch {
      // storage is switched off
    }
    location.replace('/sign-in'); // anew: nothing of what was at hand is left for whoever comes next
  } catch (wrong) {
    toastWrong(wrong);
  }
}

/** The server does not know us any more: the session has ended, somewhere else or by itself. */
export function sessionLost(): void {
  if (!session.value?.signed_in) return;
  session.value = { ...session.value, signed_in: false, user: null, tenant: null, rights: [] };
  navigate(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
}
