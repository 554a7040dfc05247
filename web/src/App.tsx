// What is around every page: the top, the navigation (a bar at the foot of phones, a side on desks), and the page itself.
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { headingFocus, navigate, routeFind } from './core/router.ts';
import { languages, t, wordsLoad, type Language } from './core/i18n.ts';
import { Icon } from './parts/Icon.tsx';
import { Choice } from './parts/Field.tsx';
import { Seg } from './parts/Seg.tsx';
import { Toasts, toastWrong } from './parts/Toasts.tsx';
import { signOut } from './session.ts';
import { groups, missing, routes, start, type PageProps, type Route } from './routes.ts';
import { credits, language, languageChange, may, session, theme, themes, user } from './state.ts';

interface View {
  route: Route;
  path: string;
  values: Record<string, string>;
  Page: ComponentType<PageProps>;
}
const view = signal<View | null>(null);
let wanted = '';

/* Where whoever stands there is led in place of PATH; null: PATH itself. */
function detour(path: string, route: Route): string | null {
  const now = session.value;
  if (path === '/') return start;
  if (now?.needs_first_run) return path === '/first-run' ? null : '/first-run';
  if (path === '/first-run') return now?.signed_in ? start : '/sign-in';
  if (path === '/sign-in' && now?.signed_in) return new URLSearchParams(location.search).get('to')?.match(/^\/[\w-]+[^\\]*$/)?.[0] ?? start;
  if (route.isOpen || now?.signed_in) return null;
  return `/sign-in?to=${encodeURIComponent(path + location.search)}`;
}

/** Show what is at PATH. */
export async function pageOpen(path: string): Promise<void> {
  const found = routeFind(routes, path) ?? { row: missing, values: {} };
  const other = detour(path, found.row);
  if (other) {
    navigate(other, { replace: true });
    return;
  }
  wanted = path;
  try {
    const [page] = await Promise.all([found.row.load(), wordsLoad(...found.row.words)]);
    if (wanted === path) view.value = { route: found.row, path, values: found.values, Page: page.default };
  } catch (wrong) {
    // The program was renewed and has no such script any more: the fresh page knows the right one.
    if (sessionStorage.getItem('renewed') === path) toastWrong(wrong);
    else {
      sessionStorage.setItem('renewed', path);
      location.reload();
    }
  }
}

const shown = (route: Route): boolean => !route.right || may(route.right);
/* The longest of the navigation's addresses that the page's begins with. */
function isAt(route: Route): boolean {
  const path = view.value?.path ?? '';
  const fits = (one: Route): boolean => !!one.nav && (path === one.path || path.startsWith(`${one.path}/`));
  return fits(route) && !routes.some((one) => fits(one) && one.path.length > route.path.length);
}

const NavLink = ({ route }: { route: Route }) => (
  <a href={route.path} aria-current={isAt(route) ? 'page' : undefined}>
    <Icon name={route.nav!.icon} />
    <span>{t(route.nav!.key)}</span>
  </a>
);

const sheetClose = (): void => document.getElementById('more')?.hidePopover();

function Nav() {
  const all = routes.filter((route) => route.nav && shown(route));
  return (
    <>
      <nav class="nav" aria-label={t('nav.main')}>
        {groups.filter((group) => group === 'account' || all.some((route) => route.nav!.group === group)).map((group) => (
          <div class="nav-group" key={group}>
            <h2 id={`nav-${group}`}>{t(`nav.${group}`)}</h2>
            <ul aria-labelledby={`nav-${group}`}>
              {all.filter((route) => route.nav!.group === group).map((route) => (
                <li key={route.path} class={route.nav!.inBar ? '' : 'is-wide'}><NavLink route={route} /></li>
              ))}
              {group === 'account' && <li class="is-wide"><a href="/docs" data-outside="yes"><Icon name="book" /><span>{t('nav.docs')}</span></a></li>}
            </ul>
          </div>
        ))}
        <button type="button" class="nav-more" popovertarget="more"><Icon name="more" /><span>{t('nav.more')}</span></button>
      </nav>
      <nav class="sheet" id="more" popover="auto" aria-label={t('nav.more')}>
        <ul>
          {all.filter((route) => !route.nav!.inBar).map((route) => (
            <li key={route.path} onClickCapture={sheetClose}><NavLink route={route} /></li>
          ))}
          <li><a href="/docs" data-outside="yes"><Icon name="book" /><span>{t('nav.docs')}</span></a></li>
        </ul>
      </nav>
    </>
  );
}

const languageOptions = Object.entries(languages);
const LanguageChoice = () => (
  <Choice label={t('language')} options={languageOptions} value={language.value} onChoose={(to) => void languageChange(to as Language)} />
);

function Menu() {
  const who = user.value;
  return (
    <>
      <button type="button" class="button is-icon" popovertarget="menu" aria-label={t('account')}><Icon name="user" /></button>
      <div class="menu" id="menu" popover="auto">
        {who && <div class="menu-who"><b>{who.name || who.email}</b>{who.name && <span>{who.email}</span>}</div>}
        <LanguageChoice />
        <Seg label={t('theme')} isLabelSeen value={theme.value} onChoose={(to) => { theme.value = to; }} options={themes.map((one) => [one, t(`theme.${one}`)])} />
        {who && <button type="button" class="button" onClick={() => void signOut()}><Icon name="out" />{t('signOut')}</button>}
      </div>
    </>
  );
}

const Top = ({ isBare }: { isBare: boolean }) => (
  <header class="top">
    <a class="brand" href="/"><img src="/icon.svg" alt="" width="26" height="26" /><span>Cyclorama</span></a>
    {!isBare && session.value?.tenant && <span class="credits">{t('credits', { n: credits.value })}</span>}
    <Menu />
  </header>
);

export function App() {
  const now = view.value;
  const of = language.value;
  const isBare = now?.route.isBare || !session.value?.signed_in;
  useEffect(() => {
    if (!now) return;
    const heading = document.querySelector('main h1')?.textContent;
    document.title = heading ? `${heading} · Cyclorama` : 'Cyclorama';
  }, [now, of]);
  useEffect(() => {
    if (now) headingFocus();
  }, [now?.path]);
  return (
    <div class={`app${isBare ? ' is-bare' : ''}`}>
      <a class="skip" href="#main">{t('skip')}</a>
      <Top isBare={!!isBare} />
      {!isBare && <Nav />}
      <main id="main" tabIndex={-1}>{now && <now.Page key={now.path} values={now.values} />}</main>
      <Toasts />
    </div>
  );
}
