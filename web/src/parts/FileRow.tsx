// A file on its way: its small picture, how much of it was sent, and what can be done with it.
import { bytes, t, type Key } from '../core/i18n.ts';
import type { SendState } from '../core/upload.ts';
import { Icon } from './Icon.tsx';

interface Props {
  name: string;
  size: number;
  thumb: string | null;
  state: SendState | 'unfit';
  sentBytes: number;
  reason?: string;
  onRetry?: () => void;
  onDrop?: () => void;
}

export function FileRow({ name, size, thumb, state, sentBytes, reason, onRetry, onDrop }: Props) {
  const isBad = state === 'failed' || state === 'unfit';
  return (
    <li class={`file is-${state}`}>
      {thumb ? <img class="file-thumb" src={thumb} alt="" width="48" height="48" /> : <span class="file-thumb"><Icon name="image" /></span>}
      <div class="file-words">
        <span class="file-name">{name}</span>
        <span class={isBad ? 'wrong' : 'hint'}>{reason || `${bytes(size)} · ${t(`send.${state}` as Key<'house'>)}`}</span>
        {state === 'sending' && <progress max={size} value={sentBytes} aria-label={t('sendingOf', { name })} />}
      </div>
      {onRetry && (state === 'failed' || state === 'cancelled') && (
        <button type="button" class="button is-icon" aria-label={t('retryOf', { name })} onClick={onRetry}><Icon name="redo" /></button>
      )}
      {onDrop && <button type="button" class="button is-icon" aria-label={t('removeOf', { name })} onClick={onDrop}><Icon name="x" /></button>}
    </li>
  );
}
