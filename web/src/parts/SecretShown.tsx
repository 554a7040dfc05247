// A secret that is shown this once, to be copied.
import { copyText } from '../core/clip.ts';
import { t } from '../core/i18n.ts';
import { Dialog } from './Dialog.tsx';
import { Icon } from './Icon.tsx';
import { Notice } from './Notice.tsx';
import { toast } from './Toasts.tsx';

export function SecretShown({ title, text, secret, onClose }: { title: string; text: string; secret: string; onClose: () => void }) {
  return (
    <Dialog title={title} onClose={onClose} foot={<button type="button" class="button is-main" onClick={onClose}>{t('secretKept')}</button>}>
      <Notice tone="warn">{text}</Notice>
      <div class="secret">
        <code>{secret}</code>
        <button type="button" class="button" onClick={() => void copyText(secret).then((is) => toast(is ? t('copied') : t('notCopied'), is ? 'plain' : 'warn'))}>
          <Icon name="copy" />{t('copy')}
        </button>
      </div>
    </Dialog>
  );
}
