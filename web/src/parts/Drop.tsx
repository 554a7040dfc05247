// Where photos come in: dropped, pasted, chosen, or taken by a phone's camera.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { pastedFiles } from '../core/clip.ts';
import { droppedFiles } from '../core/drop.ts';
import { bytes, words } from '../core/i18n.ts';
import { acceptedKinds, mostBytes, mostFiles } from '../core/upload.ts';
import { Icon } from './Icon.tsx';
import '../styles/drop.css';

const w = words('upload');

function Pick({ text, icon, extra, isMain, onFiles }: { text: string; icon: 'image' | 'camera' | 'folder'; extra?: object; isMain?: boolean; onFiles: (files: File[]) => void }) {
  return (
    <label class={`button pick${isMain ? ' is-main' : ''}`}>
      <Icon name={icon} />{text}
      <input type="file" class="unseen" accept={acceptedKinds} multiple {...extra}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }} />
    </label>
  );
}

/** ONFILES is told of the photos that come; small where there are some already. */
export function Drop({ isSmall = false, onFiles }: { isSmall?: boolean; onFiles: (files: File[]) => void }) {
  const isOver = useSignal(false);
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const files = pastedFiles(event);
      if (files.length) onFiles(files);
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  }, [onFiles]);
  return (
    <div class={`drop${isOver.value ? ' is-over' : ''}${isSmall ? ' is-small' : ''}`}
      onDragOver={(event) => { event.preventDefault(); isOver.value = true; }}
      onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) isOver.value = false; }}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(onFiles);
      }}>
      {!isSmall && <Icon name="upload" />}
      <div class="drop-words">
        <h2><span class="only-mouse">{isSmall ? w('dropMore') : w('drop')}</span><span class="only-touch">{isSmall ? w('addMore') : w('add')}</span></h2>
        {!isSmall && <p class="hint"><span class="only-mouse">{w('orPaste')} </span>{w('dropHint', { n: mostFiles, size: bytes(mostBytes) })}</p>}
      </div>
      <div class="row">
        <Pick onFiles={onFiles} icon="image" text={w('choose')} isMain={!isSmall} />
        <span class="only-mouse"><Pick onFiles={onFiles} icon="folder" text={w('folder')} extra={{ webkitdirectory: true }} /></span>
        <span class="only-touch"><Pick onFiles={onFiles} icon="camera" text={w('camera')} extra={{ accept: 'image/*', capture: 'environment', multiple: false }} /></span>
      </div>
    </div>
  );
}
