// The beginning: words, who is signed in, and the page that the address says.
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import { render } from 'preact';
import { App, pageOpen } from './App.tsx';
import { onRefusal } from './core/api.ts';
import { languageWished } from './core/i18n.ts';
import { droppedFiles, hasFiles } from './core/drop.ts';
import { navigate, routerStart } from './core/router.ts';
import { toastWrong } from './parts/Toasts.tsx';
import { sessionLost } from './session.ts';
import { languageChange, may, sessionRefresh } from './state.ts';

const asked = sessionRefresh().then(() => null, (wrong: unknown) => wrong);
await languageChange(languageWished());
const wrong = await asked;

onRefusal((refusal) => {
  if (refusal.status === 401) sessionLost();
});

/* A photo that misses its place is meant for us all the same: the browser would show it in place of the page. */
document.addEventListener('dragover', (event) => {
  if (hasFiles(event)) event.preventDefault();
});
document.addEventListener('drop', (event) => {
  if (event.defaultPrevented || !hasFiles(event)) return;
  event.preventDefault();
  if (!may('projects:write') || document.querySelector('dialog[open]')) return;
  void Promise.all([droppedFiles(event.dataTransfer!), import('./shoot.ts')]).then(([files, { photosAdd }]) => {
    photosAdd(files);
    navigate('/upload');
  });
});

/* Back to a page of somebody who signed out, as the browser kept it. */
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

routerStart((path) => void pageOpen(path));
await pageOpen(location.pathname);
render(<App />, document.getElementById('app')!);
if (wrong) toastWrong(wrong);
