// Pictures under one slider in a window: a photo and what was made of it, or two of those; to look at closely and to take away.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import '../core/compare.ts';
import { near } from '../core/api.ts';
import { t } from '../core/i18n.ts';
import { fileName } from '../core/names.ts';
import { Dialog } from './Dialog.tsx';
import { Choice } from './Field.tsx';
import { Icon } from './Icon.tsx';

export interface Made {
  id: string;
  title: string;
  name: string; // it is saved under
  url: string;
}

interface Props {
  before: string | null; // the photo
  all: readonly Made[];
  open: string; // of ALL, that is shown first
  title: string;
  acts?: (shown: Made) => ComponentChildren;
  onClose: () => void;
}

export function Compare({ before, all, open, title, acts, onClose }: Props) {
  const left = useSignal('');
  const right = useSignal(open);
  const find = (id: string): Made | undefined => all.find((one) => one.id === id);
  const after = find(right.value) ?? all[0]!;
  const first = find(left.value)?.url ?? before;
  const names = all.map((one) => [one.id, one.title] as const);
  const isMany = all.length > 1;
  return (
    <Dialog title={title} size="wide" onClose={onClose} foot={<>{acts?.(after)}<a class="button is-main" href={near(after.url)} download={fileName(after.name, after.url)}><Icon name="download" />{t('download')}</a></>}>
      {isMany && <div class="columns is-even compare-sides">
        <Choice label={t('left')} value={left.value} onChoose={(to) => { left.value = to; }} options={[['', t('photo')], ...names]} />
        <Choice label={t('right')} value={after.id} onChoose={(to) => { right.value = to; }} options={names} />
      </div>}
      {first
        ? <compare-view src-before={near(first)} src-after={near(after.url)} label={t('compare')} label-before={isMany ? find(left.value)?.title ?? t('photo') : t('before')}
          label-after={isMany ? after.title : t('after')} label-zoom-in={t('zoomIn')} label-zoom-out={t('zoomOut')} label-fit={t('zoomFit')} />
        : <img src={near(after.url)} alt={title} />}
    </Dialog>
  );
}
