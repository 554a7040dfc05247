// More of a list, where there is more.
import { t } from '../core/i18n.ts';

export const Pager = ({ hasMore, isBusy, onMore }: { hasMore: boolean; isBusy?: boolean; onMore: () => void }) => (hasMore
  ? <div class="pager"><button type="button" class="button" disabled={isBusy} onClick={onMore}>{t('more')}</button></div>
  : null);
