// Words in three languages, by namespace: a page loads its own, parts use `house` alone. Keys are typed from the English files.
import type { Messages } from '../i18n/messages.ts';

export const languages = { en: 'English', id: 'Bahasa Indonesia', th: 'ไทย' } as const;
export type Language = keyof typeof languages;
export type Namespace = keyof Messages;
/** Keys of a namespace; those of a plural (`photos_one`, `photos_other`) are asked for without their ending. */
export type Key<N extends Namespace> = Stem<keyof Messages[N] & string>;
type Stem<K extends string> = K extends `${infer S}_${'zero' | 'one' | 'two' | 'few' | 'many' | 'other'}` ? S : K;
export type Values = Record<string, string | number>;

const files = import.meta.glob<Record<string, string>>('../i18n/*/*.json', { import: 'default' });
let language: Language = 'en';
let loaded = new Map<string, Record<string, string>>();
let plural = new Intl.PluralRules('en');

function saved(): string {
  try {
    return localStorage.getItem('language') ?? '';
  } catch {
    return ''; // storage is switched off
  }
}

export function languageWished(): Language {
  const wishes = [saved(), ...navigator.languages].map((name) => name.slice(0, 2));
  return (wishes.find((name) => name in languages) as Language | undefined) ?? 'en';
}

export const languageNow = (): Language => language;

let tellRead: () => void = () => {};
/** Call HEAR whenever words are read: who shows them can be told when they are others. */
export function onRead(hear: () => void): void {
  tellRead = hear;
}

const load = async (of: Language, name: Namespace): Promise<[string, Record<string, string>]> => [name, await files[`../i18n/${of}/${name}.json`]!()];

/** Load what is not there yet. */
export async function wordsLoad(...names: Namespace[]): Promise<void> {
  const into = loaded;
  for (const [name, words] of await Promise.all(names.filter((name) => !into.has(name)).map((name) => load(language, name)))) into.set(name, words);
  if (into !== loaded) await wordsLoad(...names); // the language was changed meanwhile
}

/** Change the language of everything that was loaded. */
export async function languageSet(to: Language): Promise<void> {
  loaded = new Map(await Promise.all((['house', ...loaded.keys()] as Namespace[]).map((name) => load(to, name))));
  language = to;
  plural = new Intl.PluralRules(to);
  document.documentElement.lang = to;
  try {
    localStorage.setItem('language', to);
  } catch {
    // it holds as long as the page
  }
}

export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? number(value) : (value ?? '');
  });
}

function find(namespace: string, key: string, values?: Values): string {
  tellRead();
  const words = loaded.get(namespace);
  const many = values && typeof values.n === 'number' ? words?.[`${key}_${plural.select(values.n)}`] ?? words?.[`${key}_other`] : undefined;
  const text = many ?? words?.[key] ?? `${namespace}.${key}`;
  return values ? fill(text, values) : text;
}

/** The words of a namespace: `const w = words('settings'); w('title')`, `w('photos', { n: 3 })`. */
export const words = <N extends Namespace>(namespace: N) =>
  (key: Key<N>, values?: Values): string => find(namespace, key, values);

/** Words that every page has. */
export const t = words('house');

/** Is KEY one of NAMESPACE? For keys that are made of what a server says. */
export function hasWord(namespace: Namespace, key: string): boolean {
  return loaded.get(namespace)?.[key] !== undefined;
}

/* ---- numbers and times, as people of the language write them ---- */

function languageRead(): Language {
  tellRead();
  return language;
}

export const number = (value: number, how?: Intl.NumberFormatOptions): string => new Intl.NumberFormat(languageRead(), how).format(value);
export const day = (at: string | number | Date): string =>
  new Intl.DateTimeFormat(languageRead(), { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(at));
export const dayShort = (at: string | number | Date): string =>
  new Intl.DateTimeFormat(languageRead(), { day: 'numeric', month: 'short' }).format(new Date(at));
export const moment = (at: string | number | Date): string =>
  new Intl.DateTimeFormat(languageRead(), { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(new Date(at));

export const month = (at: string | number | Date): string => new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric' }).format(new Date(at));

/** "3 minutes ago", "in 2 days". */
export function ago(at: string | number | Date, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86400], ['hour', 3600], ['minute', 60]];
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(languageRead(), { numeric: 'auto' }).format(Math.round(seconds / size), unit);
}

export function bytes(size: number): string {
  const [unit, by, digits] = size >= 1e6 ? (['megabyte', 1e6, 1] as const) : (['kilobyte', 1e3, 0] as const);
  return number(size / by, { style: 'unit', unit, maximumFractionDigits: digits });
}
