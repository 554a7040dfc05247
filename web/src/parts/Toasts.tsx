// Short news that go by themselves; what went wrong stays until it was read.
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Refusal } from '../core/api.ts';
import { hasWord, t, type Key } from '../core/i18n.ts';
import { Icon } from './Icon.tsx';

type Tone = 'plain' | 'warn' | 'bad';
interface Toast {
  id: number;
  text: string;
  tone: Tone;
}

const toasts = signal<Toast[]>([]);
const most = 3;
const plainMs = 6000;
let next = 1;

const drop = (id: number): void => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
};

export function toast(text: string, tone: Tone = 'plain'): void {
  const id = next++;
  toasts.value = [...toasts.value.filter((one) => one.text !== text), { id, text, tone }].slice(-most);
  if (tone === 'plain') setTimeout(() => drop(id), plainMs);
}

/** What a refusal says to people: the server's own sentence, or ours when it could not be reached. */
export function refusalText(wrong: unknown): string {
  if (!(wrong instanceof Refusal)) return t('error.unknown');
  const key = `error.${wrong.code}`;
  return hasWord('house', key) ? t(key as Key<'house'>) : wrong.message || t('error.unknown');
}

/** Tell what went wrong. */
export const toastWrong = (wrong: unknown): void => toast(refusalText(wrong), 'bad');

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
          <span>{one.text}</span>
          <button type="button" class="button is-icon" aria-label={t('close')} onClick={() => drop(one.id)}><Icon name="x" /></button>
        </div>
      ))}
    </div>
  );
}
