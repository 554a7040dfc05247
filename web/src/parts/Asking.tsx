// A dialog that asks, sends, and says what was wrong with it.
import { useSignal } from '@preact/signals';
import { Refusal } from '../core/api.ts';
import { t } from '../core/i18n.ts';
import { Dialog } from './Dialog.tsx';
import { Notice } from './Notice.tsx';
import { refusalFields, refusalText } from './Toasts.tsx';

/* What is wrong with which field; what belongs to none stands under ''. */
export function faults(wrong: unknown): Record<string, string> {
  if (wrong instanceof Refusal && Object.keys(wrong.fields).length) return refusalFields(wrong);
  return { '': refusalText(wrong) };
}

interface Asks {
  title: string;
  act: string;
  send: () => Promise<void>;
  onClose: () => void;
  children: (wrong: Record<string, string>) => preact.ComponentChildren;
}

export function Asking({ title, act, send, onClose, children }: Asks) {
  const wrong = useSignal<Record<string, string>>({});
  const isBusy = useSignal(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      await send();
    } catch (failure) {
      wrong.value = faults(failure);
    } finally {
      isBusy.value = false;
    }
  }
  return (
    <Dialog title={title} onClose={onClose} foot={<>
      <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
      <button type="submit" form="asking" class={`button is-main${isBusy.value ? ' is-busy' : ''}`}>{act}</button>
    </>}>
      <form id="asking" class="stack" noValidate onSubmit={(event) => void submit(event)}>
        {wrong.value[''] && <Notice tone="bad">{wrong.value['']}</Notice>}
        {children(wrong.value)}
      </form>
    </Dialog>
  );
}
