// What can be done with those that were chosen: stays in sight while there are any.
import type { ComponentChildren } from 'preact';
import { t } from '../core/i18n.ts';

interface Props {
  count: number;
  of: number;
  onAll?: () => void;
  onNone: () => void;
  children: ComponentChildren;
}

export const SelectBar = ({ count, of, onAll, onNone, children }: Props) => (count
  ? (
    <div class="select-bar" role="region" aria-label={t('chosen', { n: count })}>
      <b aria-live="polite">{t('chosen', { n: count })}</b>
      {onAll && count < of && <button type="button" class="button is-quiet" onClick={onAll}>{t('chooseAll')}</button>}
      <button type="button" class="button is-quiet" onClick={onNone}>{t('chooseNone')}</button>
      <span class="row">{children}</span>
    </div>
  )
  : null);

/** The ids between the last one that was chosen and this one: what a click with Shift means. */
export function rangeOf(ids: readonly string[], from: string | null, to: string): string[] {
  const [a, b] = [from === null ? -1 : ids.indexOf(from), ids.indexOf(to)];
  return a < 0 ? [to] : ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}
