// A picture before and after in a window, to look at closely and to take away.
import '../core/compare.ts';
import { near } from '../core/api.ts';
import { t } from '../core/i18n.ts';
import { fileName } from '../core/names.ts';
import { Dialog } from './Dialog.tsx';
import { Icon } from './Icon.tsx';

export const Compare = ({ before, after, title, onClose }: { before: string | null; after: string; title: string; onClose: () => void }) => (
  <Dialog title={title} size="wide" onClose={onClose} foot={<a class="button is-main" href={near(after)} download={fileName(title, after)}><Icon name="download" />{t('download')}</a>}>
    {before
      ? <compare-view src-before={near(before)} src-after={near(after)} label={t('compare')} label-before={t('before')} label-after={t('after')}
        label-zoom-in={t('zoomIn')} label-zoom-out={t('zoomOut')} label-fit={t('zoomFit')} />
      : <img src={near(after)} alt={title} />}
  </Dialog>
);
