// Photos: dropped, pasted, chosen or taken; sent while one goes on.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { pastedFiles } from '../core/clip.ts';
import { navigate } from '../core/router.ts';
import { bytes, t, words } from '../core/i18n.ts';
import { acceptedEndings, droppedFiles, mostBytes, mostFiles } from '../core/upload.ts';
import { FileRow } from '../parts/FileRow.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Notice } from '../parts/Notice.tsx';
import { toastWrong } from '../parts/Toasts.tsx';
import { isSending, items, photoDrop, photoRetry, photos, photosAdd, project, shootNew, shootOpen, type Photo } from '../shoot.ts';
import { may } from '../state.ts';
import '../styles/upload.css';

const w = words('upload');

function Pick({ text, icon, extra, isMain }: { text: string; icon: 'image' | 'camera' | 'folder'; extra?: object; isMain?: boolean }) {
  return (
    <label class={`button pick${isMain ? ' is-main' : ''}`}>
      <Icon name={icon} />{text}
      <input type="file" class="unseen" accept={acceptedEndings} multiple {...extra}
        onChange={(event) => {
          photosAdd([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }} />
    </label>
  );
}

function Drop() {
  const isOver = useSignal(false);
  const isSmall = photos.value.length > 0;
  return (
    <div class={`drop${isOver.value ? ' is-over' : ''}${isSmall ? ' is-small' : ''}`}
      onDragOver={(event) => { event.preventDefault(); isOver.value = true; }}
      onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) isOver.value = false; }}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(photosAdd);
      }}>
      {!isSmall && <Icon name="upload" />}
      <div class="drop-words">
        <h2>{isSmall ? w('dropMore') : w('drop')}</h2>
        {!isSmall && <p class="hint">{w('dropHint', { n: mostFiles, size: bytes(mostBytes) })}</p>}
      </div>
      <div class="row">
        <Pick icon="image" text={w('choose')} isMain={!isSmall} />
        <Pick icon="folder" text={w('folder')} extra={{ webkitdirectory: true }} />
        <span class="only-touch"><Pick icon="camera" text={w('camera')} extra={{ capture: 'environment', multiple: false }} /></span>
      </div>
    </div>
  );
}

const reasonOf = (photo: Photo): string => (photo.unfit ? w(`unfit.${photo.unfit}`, { n: mostFiles, size: bytes(mostBytes) }) : photo.reason);

const Files = () => (
  <ul class="files" aria-label={w('files')}>
    {photos.value.map((photo) => (
      <FileRow key={photo.key} name={photo.name} size={photo.size} thumb={photo.thumb} state={photo.state} sentBytes={photo.sentBytes}
        reason={reasonOf(photo)} onRetry={() => photoRetry(photo)} onDrop={() => photoDrop(photo)} />
    ))}
  </ul>
);

function Dock() {
  const ready = items.value.length;
  const failed = photos.value.filter((photo) => photo.state === 'failed').length;
  if (!ready && !isSending.value && !failed) return null;
  return (
    <div class="dock card">
      <div class="dock-words">
        <b role="status">{w('ready', { n: ready })}</b>
        <span class="hint">{isSending.value ? w('sendingMore', { n: photos.value.filter((one) => one.state === 'waiting' || one.state === 'sending').length })
          : failed ? w('failedSome', { n: failed }) : w('costs')}</span>
      </div>
      <a class="button is-main is-big" href="/templates" aria-disabled={ready === 0} onClick={(event) => {
        event.preventDefault();
        if (ready) navigate('/templates');
      }}>{w('look')}<Icon name="right" /></a>
      {ready > 0 && <a class="button is-big" href="/recipe"><Icon name="sliders" />{w('own')}</a>}
    </div>
  );
}

export default function Upload() {
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => photosAdd(pastedFiles(event));
    addEventListener('paste', paste);
    void shootOpen(new URLSearchParams(location.search).get('project') ?? undefined).catch(toastWrong);
    return () => removeEventListener('paste', paste);
  }, []);
  const here = items.value.length - photos.value.filter((photo) => photo.state === 'sent').length;
  return (
    <>
      <Head title={w('title')} lead={project.value ? w('into', { name: project.value.name }) : w('lead')}>
        {project.value && <button type="button" class="button" disabled={isSending.value} onClick={shootNew}><Icon name="plus" />{w('another')}</button>}
      </Head>
      {may('projects:write') ? <Drop /> : <Notice tone="warn"><p>{w('mayNot')}</p></Notice>}
      {here > 0 && <Notice><p>{w('hereAlready', { n: here })}</p></Notice>}
      <Files />
      <Dock />
      <p class="unseen" role="status">{t('send.sent')}: {items.value.length}</p>
    </>
  );
}
