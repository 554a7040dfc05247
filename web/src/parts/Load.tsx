// What comes from the server: grey shapes until it is there, a sentence and a way to try again when it does not come.
import { useSignal, type Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../core/i18n.ts';
import { Notice } from './Notice.tsx';
import { refusalText } from './Toasts.tsx';

export interface Loading<T> {
  value: Signal<T | null>;
  wrong: Signal<unknown>;
  again: () => Promise<void>;
}

/** Load by FETCH when the page opens, and again when one of WHEN is another. What is there stays on the page while it is loaded anew. */
export function useLoad<T>(fetch: (signal: AbortSignal) => Promise<T>, when: readonly unknown[] = []): Loading<T> {
  const value = useSignal<T | null>(null);
  const wrong = useSignal<unknown>(null);
  const run = async (signal: AbortSignal) => {
    wrong.value = null;
    try {
      const fresh = await fetch(signal);
      if (!signal.aborted) value.value = fresh;
    } catch (failure) {
      if (!signal.aborted) wrong.value = failure;
    }
  };
  useEffect(() => {
    const stop = new AbortController();
    void run(stop.signal);
    return () => stop.abort();
  }, when);
  return { value, wrong, again: () => run(new AbortController().signal) };
}

export function Load<T>({ of, shapes = 3, children }: { of: Loading<T>; shapes?: number; children: (value: T) => ComponentChildren }) {
  if (of.value.value !== null) return <>{children(of.value.value)}</>;
  if (of.wrong.value)
    return (
      <Notice tone="bad">
        <p>{refusalText(of.wrong.value)}</p>
        <button type="button" class="button" onClick={() => void of.again()}>{t('again')}</button>
      </Notice>
    );
  return (
    <div class="stack" role="status" aria-label={t('loading')}>
      {Array.from({ length: shapes }, (_, at) => <div class="shape" key={at} />)}
    </div>
  );
}
