// A window over the page. The browser keeps the focus inside, closes it by Escape, and gives the focus back.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../core/i18n.ts';
import { Icon } from './Icon.tsx';

interface Props {
  title: string;
  onClose: () => void;
  size?: 'small' | 'wide';
  foot?: ComponentChildren;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, size = 'small', foot, children }: Props) {
  const id = useId();
  const window = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = window.current!;
    const before = document.activeElement;
    element.showModal();
    element.querySelector<HTMLElement>('.dialog-main :is(input, select, textarea, button):not([disabled]), .dialog-foot .is-main')?.focus();
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={window} class={`dialog is-${size}`} aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onPointerDown={(event) => { if (event.target === event.currentTarget) onClose(); }}>
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="button is-icon" aria-label={t('close')} onClick={onClose}><Icon name="x" /></button>
        </header>
        <div class="dialog-main">{children}</div>
        {foot && <footer class="dialog-foot">{foot}</footer>}
      </div>
    </dialog>
  );
}

/** A question before something that cannot be undone. */
export const Confirm = ({ title, text, act, onYes, onClose }: { title: string; text: string; act: string; onYes: () => void; onClose: () => void }) => (
  <Dialog title={title} onClose={onClose} foot={<>
    <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
    <button type="button" class="button is-danger" onClick={onYes}>{act}</button>
  </>}>
    <p>{text}</p>
  </Dialog>
);
