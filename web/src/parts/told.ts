// What the server says, in parts and pages: drawn anew when the words for it have come.
import { signal } from '@preact/signals';
import { languageNow } from '../core/i18n.ts';
import { isToldReady, onToldReady, saidText, toldLoad, toldText, wordText, type Said, type Told } from '../core/told.ts';

const times = signal(0);
onToldReady(() => { times.value++; });

function ready(): boolean {
  void times.value; // whoever asks is drawn anew
  if (isToldReady()) return true;
  void toldLoad();
  return false;
}

/** Why something failed, of which CODE, SAID and MESSAGE are kept; empty until the words for it are there. */
export function told(code: string | null | undefined, said: Said | undefined, message: string | null | undefined): Told {
  return ready() ? toldText(code ?? '', said, message ?? '') : { text: '', detail: '' };
}

/** A line of the server, such as one of a statement: its own words where we have none. */
export const line = (said: Said | null | undefined, message: string): string => (said && (languageNow() === 'en' || ready()) && saidText(said)) || message;

/** A word of the server, such as the name of a plan. */
export const word = (of: string): string => (languageNow() !== 'en' && ready() ? wordText(of) : of);
