// What outlives a change of pages: who is signed in, the language, light or dark.
import { computed, signal } from '@preact/signals';
import { ask, type Answer } from './core/api.ts';
import { languageNow, languageSet, onRead, type Language } from './core/i18n.ts';

export type Session = Answer<'/v1/session'>;
export const session = signal<Session | null>(null);
export const user = computed(() => session.value?.user ?? null);
export const credits = computed(() => session.value?.tenant?.credits ?? 0);

/** May whoever is signed in do that? SCOPE as of the API: "keys:write". */
export const may = (scope: string): boolean => session.value?.rights?.includes(scope) ?? false;

/** Ask anew who is signed in, and how many credits there are. */
export async function sessionRefresh(): Promise<Session> {
  return (session.value = await ask('get', '/v1/session'));
}

export const language = signal<Language>('en');
onRead(() => void language.value); // so whatever shows words is drawn anew in another language, and stays where it is
export async function languageChange(to: Language): Promise<void> {
  await languageSet(to);
  language.value = languageNow();
}

export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

function themeSaved(): Theme {
  try {
    const saved = localStorage.getItem('theme') as Theme;
    return themes.includes(saved) ? saved : 'auto';
  } catch {
    return 'auto'; // storage is switched off
  }
}

export const theme = signal<Theme>(themeSaved());
theme.subscribe((now) => {
  document.documentElement.dataset.theme = now;
  try {
    localStorage.setItem('theme', now);
  } catch {
    // it holds as long as the page
  }
});
