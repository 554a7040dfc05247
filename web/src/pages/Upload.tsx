// Photos: dropped, pasted, chosen or taken; sent while one goes on.
import { useEffect } from 'preact/hooks';
import sample from '../sample.jpg';
import { navigate } from '../core/router.ts';
import { bytes, t, words } from '../core/i18n.ts';
import { mostBytes, mostFiles } from '../core/upload.ts';
import { Drop } from '../parts/Drop.tsx';
import { FileRow } from '../parts/FileRow.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Notice } from '../parts/Notice.tsx';
import { toastWrong } from '../parts/Toasts.tsx';
import { isSending, items, lostRetry, photoDrop, photoRetry, photos, photosAdd, project, shootNew, shootOpen, type Photo } from '../shoot.ts';
import { may } from '../state.ts';
import '../styles/upload.css';

const w = words('upload');

/* ---- for who begins ---- */

async function sampleAdd(): Promise<void> {
  const file = await (await fetch(sample)).blob();
  photosAdd([new File([file], 'cyclo-serum.jpg', { type: 'image/jpeg' })]);
}

const tips = ['tip.one', 'tip.light', 'tip.ground'] as const;
const Tips = () => (
  <section class="tips" aria-labelledby="tips">
    <h2 id="tips">{w('tips')}</h2>
    <ul>{tips.map((one) => <li key={one}><Icon name="check" />{w(one)}</li>)}</ul>
    <button type="button" class="button is-quiet" onClick={() => void sampleAdd().catch(toastWrong)}>{w('sample')}</button>
  </section>
);

/* ---- what was chosen ---- */

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
  const lost = photos.value.filter((photo) => photo.state === 'failed' && photo.isLost).length;
  if (!ready && !isSending.value && !failed) return null;
  return (
    <div class="dock card">
      <div class="dock-words">
        <b role="status">{w('ready', { n: ready })}</b>
        <span class="hint">{isSending.value ? w('sendingMore', { n: photos.value.filter((one) => one.state === 'waiting' || one.state === 'sending').length })
          : failed ? w('failedSome', { n: failed }) : w('costs')}</span>
      </div>
      {lost > 0 && <button type="button" class="button is-big" onClick={lostRetry}><Icon name="redo" />{w('retryLost', { n: lost })}</button>}
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
    void shootOpen(new URLSearchParams(location.search).get('project') ?? undefined).catch(toastWrong);
  }, []);
  const here = items.value.length - photos.value.filter((photo) => photo.state === 'sent').length;
  return (
    <>
      <Head title={w('title')} lead={project.value ? w('into', { name: project.value.name }) : w('lead')}>
        {project.value && <button type="button" class="button" disabled={isSending.value} onClick={shootNew}><Icon name="plus" />{w('another')}</button>}
      </Head>
      {may('projects:write') ? <Drop isSmall={photos.value.length > 0} onFiles={photosAdd} /> : <Notice tone="warn"><p>{w('mayNot')}</p></Notice>}
      {photos.value.length + items.value.length === 0 && may('projects:write') && <Tips />}
      {here > 0 && <Notice><p>{w('hereAlready', { n: here })}</p></Notice>}
      <Files />
      <Dock />
      <p class="unseen" role="status">{t('send.sent')}: {items.value.length}</p>
    </>
  );
}
