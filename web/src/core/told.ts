// What the server says, in the page's language: a sentence by what it says, else by its code. What that takes is loaded when something is first told.
import { fill, hasWord, languageNow, month, number, words, wordsLoad, type Key } from './i18n.ts';

/** A sentence with {1}, {2}... in place of its values. */
export interface Said {
  sentence: string;
  values: readonly string[];
}

/** `detail`: the server's own words, where what is told says less than they do. */
export interface Told {
  text: string;
  detail: string;
}

interface Book {
  sentences: Record<string, string>;
  values: Record<string, string>;
}

const books = import.meta.glob<Book>('../said/{id,th}.json', { import: 'default' });
const empty: Book = { sentences: {}, values: {} };
const w = words('errors');
let book = empty;
let loaded = '';
const listeners = new Set<() => void>();

/** Is all there to tell in the language of now? */
export const isToldReady = (): boolean => loaded === languageNow();
/** Hear when it is. */
export function onToldReady(hear: () => void): void {
  listeners.add(hear);
}

let loading: Promise<void> | null = null;
async function load(): Promise<void> {
  const of = languageNow();
  const [found] = await Promise.all([books[`../said/${of}.json`]?.() ?? empty, wordsLoad('errors')]);
  if (of !== languageNow()) return load(); // it was changed meanwhile
  book = found;
  loaded = of;
  listeners.forEach((hear) => hear());
}

/** Have it there; when it cannot be fetched, the server's own words will do. */
export async function toldLoad(): Promise<void> {
  if (isToldReady()) return;
  loading ??= load().catch(() => undefined).finally(() => { loading = null; });
  await loading;
}

function shown(value: string): string {
  if (/^-?\d+(\.\d+)?$/.test(value)) return number(Number(value));
  if (/^\d{4}-\d\d$/.test(value)) return month(`${value}-15T12:00:00Z`);
  return book.values[value] ?? value;
}

/** SAID in the page's language; "" when it has no such sentence. */
export function saidText(said: Said): string {
  const isOwn = languageNow() === 'en' || !/\p{L}/u.test(said.sentence.replace(/\{\d+\}/g, ''));
  const sentence = book.sentences[said.sentence] ?? (isOwn ? said.sentence : '');
  return fill(sentence, Object.fromEntries(said.values.map((value, at) => [at + 1, shown(value)])));
}

const looks = import.meta.glob<Record<string, string>>('../said/{id,th}.templates.json', { import: 'default' });
let look: Record<string, string> = {};

/** The same for what is always told, such as a statement: English needs nothing for it. */
export const linesLoad = (): Promise<void> | null => (languageNow() === 'en' ? null : toldLoad());

/** Have the words of the built-in templates there. */
export async function looksLoad(): Promise<void> {
  look = (await looks[`../said/${languageNow()}.templates.json`]?.().catch(() => undefined)) ?? {};
}
/** What is said of the template ID; TEXT is that in English, or its maker's own. */
export const lookText = (id: string, text: string): string => look[id] ?? text;

/** A word or name that the server has for people, such as what a price is for. */
export const wordText = (word: string): string => book.values[word] ?? word;

/** What went wrong: the error's CODE, what was SAID of it when that says more, and MESSAGE, the same in English. */
export function toldText(code: string, said: Said | null | undefined, message: string): Told {
  const text = !said ? '' : languageNow() === 'en' ? message || saidText(said) : saidText(said);
  if (text) return { text, detail: '' };
  if (hasWord('errors', code)) return { text: w(code as Key<'errors'>), detail: said ? message : '' };
  return { text: languageNow() === 'en' && message ? message : w('unknown'), detail: languageNow() === 'en' ? '' : message };
}
