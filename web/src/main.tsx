// The beginning: words, who is signed in, and the page that the address says.
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import { render } from 'preact';
import { App, pageOpen } from './App.tsx';
import { onRefusal } from './core/api.ts';
import { languageWished } from './core/i18n.ts';
import { routerStart } from './core/router.ts';
import { toastWrong } from './parts/Toasts.tsx';
import { sessionLost } from './session.ts';
import { languageChange, sessionRefresh } from './state.ts';

const asked = sessionRefresh().then(() => null, (wrong: unknown) => wrong);
await languageChange(languageWished());
const wrong = await asked;

onRefusal((refusal) => {
  if (refusal.status === 401) sessionLost();
});
routerStart((path) => void pageOpen(path));
await pageOpen(location.pathname);
render(<App />, document.getElementById('app')!);
if (wrong) toastWrong(wrong);
