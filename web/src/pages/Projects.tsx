// Projects: what belongs together.
import { useSignal } from '@preact/signals';
import { ask, near, type Answer } from '../core/api.ts';
import { ago, words } from '../core/i18n.ts';
import { Empty } from '../parts/Empty.tsx';
import { Field } from '../parts/Field.tsx';
import { Head } from '../parts/Head.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Load, useLoad } from '../parts/Load.tsx';
import { Pager } from '../parts/Pager.tsx';
import { toastWrong } from '../parts/Toasts.tsx';
import { shootNew } from '../shoot.ts';
import '../styles/projects.css';

const w = words('projects');
type Page = Answer<'/api/apps/product-photo-studio/projects'>;
type Row = Page['projects'][number];
const pauseMs = 250;
const covers = 4;

const One = ({ of }: { of: Row }) => (
  <li class="card project">
    <a href={`/projects/${of.id}`}>
      <span class="covers">{of.coverUrls.map((url) => <img key={url} src={near(url)} alt="" width="96" height="96" loading="lazy" decoding="async" />)}</span>
      <b>{of.name}</b>
      <span class="hint">{w('counts', { processed: of.totalProcessed, photos: of.totalPhotos })} · {ago(of.updatedAt)}</span>
      <progress max={Math.max(1, of.totalPhotos)} value={of.totalProcessed} aria-label={w('counts', { processed: of.totalProcessed, photos: of.totalPhotos })} />
    </a>
  </li>
);

export default function Projects() {
  const search = useSignal('');
  const asked = useSignal('');
  const timer = useSignal<ReturnType<typeof setTimeout> | undefined>(undefined);
  const more = useSignal<{ rows: Row[]; next: string | null } | null>(null);
  const list = useLoad((signal) => {
    more.value = null;
    return ask('get', '/api/apps/product-photo-studio/projects', { query: { search: asked.value, limit: 24, covers }, signal });
  }, [asked.value]);
  const older = (before: string): void =>
    void ask('get', '/api/apps/product-photo-studio/projects', { query: { search: asked.value, before, limit: 48, covers } }).then((page) => {
      more.value = { rows: [...(more.value?.rows ?? []), ...page.projects], next: page.nextCursor };
    }, toastWrong);
  return (
    <>
      <Head title={w('title')} lead={w('lead')}><a class="button is-main" href="/upload" onClick={shootNew}><Icon name="plus" />{w('begin')}</a></Head>
      <Field label={w('search')} type="search" value={search.value} onInput={(event) => {
        search.value = event.currentTarget.value;
        clearTimeout(timer.value);
        timer.value = setTimeout(() => { asked.value = search.value.trim(); }, pauseMs);
      }} />
      <Load of={list}>{(page) => {
        const next = more.value ? more.value.next : page.nextCursor;
        return page.projects.length
          ? <><ul class="projects">{[...page.projects, ...(more.value?.rows ?? [])].map((one) => <One key={one.id} of={one} />)}</ul><Pager hasMore={!!next} onMore={() => older(next!)} /></>
          : <Empty icon="folder" title={w('none')} text={w('noneText')} />;
      }}</Load>
    </>
  );
}
