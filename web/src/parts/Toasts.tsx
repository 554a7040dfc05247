// Short news that go by themselves; what went wrong stays until it was read.
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Refusal } from '../core/api.ts';
import { t } from '../core/i18n.ts';
import { toldText, type Told } from '../core/told.ts';
import { Icon } from './Icon.tsx';

type Tone = 'plain' | 'warn' | 'bad';
interface Toast {
  id: number;
  text: string;
  tone: Tone;
  detail: string;
}

const toasts = signal<Toast[]>([]);
const most = 3;
const plainMs = 6000;
let next = 1;

const drop = (id: number): void => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
};

export function toast(text: string, tone: Tone = 'plain', detail = ''): void {
  const id = next++;
  toasts.value = [...toasts.value.filter((one) => one.text !== text), { id, text, tone, detail }].slice(-most);
  if (tone === 'plain') setTimeout(() => drop(id), plainMs);
}

function refusalTold(wrong: unknown): Told {
  if (!(wrong instanceof Refusal)) return { text: t('error.unknown'), detail: '' };
  return wrong.status === 0 ? { text: t('error.offline'), detail: '' } : toldText(wrong.code, wrong.said, wrong.message);
}

/** What a refusal says to people, in the page's language. */
export const refusalText = (wrong: unknown): string => refusalTold(wrong).text;

/** The same at the fields that it means. */
export const refusalFields = (wrong: Refusal): Record<string, string> =>
  Object.fromEntries(Object.keys(wrong.fields).map((field) => [field, refusalText(wrong)]));

/** Tell what went wrong, with the server's own words where they say more. */
export function toastWrong(wrong: unknown): void {
  const { text, detail } = refusalTold(wrong);
  toast(text, 'bad', detail);
}

/** Are there too few credits for it? */
export const isSpent = (wrong: unknown): boolean => wrong instanceof Refusal && wrong.code === 'credits_spent';

/* In the top layer, and put there again with each news: else a dialog would lie over it. */
export function Toasts() {
  const frame = useRef<HTMLDivElement>(null);
  const now = toasts.value;
  useLayoutEffect(() => {
    frame.current!.hidePopover();
    if (now.length) frame.current!.showPopover();
  }, [now]);
  return (
    <div ref={frame} class="toasts" popover="manual" role="status" aria-live="polite">
      {now.map((one) => (
        <div class={`toast is-${one.tone}`} key={one.id}>
          <span>{one.text}{one.detail && <small class="detail" lang="en">{one.detail}</small>}</span>
          <button type="button" class="button is-icon" aria-label={t('close')} onClick={() => drop(one.id)}><Icon name="x" /></button>
        </div>
      ))}
    </div>
  );
}
