// Addresses: rows with a pattern ("/batches/:id"), links of our own without a reload, the focus on the new page's heading.
export interface Found<R> {
  row: R;
  values: Record<string, string>;
}

/** The first of ROWS whose pattern PATH fits. */
export function routeFind<R extends { path: string }>(rows: readonly R[], path: string): Found<R> | null {
  const parts = path.replace(/\/+$/, '').split('/');
  for (const row of rows) {
    const wanted = row.path.replace(/\/+$/, '').split('/');
    const values: Record<string, string> = {};
    if (wanted.length === parts.length &&
        wanted.every((part, i) => (part.startsWith(':') ? parts[i] !== '' && !!(values[part.slice(1)] = decodeURIComponent(parts[i]!)) : part === parts[i])))
      return { row, values };
  }
  return null;
}

let changed: () => void = () => {};
let mayLose: () => boolean = () => false;

/** The browser asks before the window is closed or loaded anew while IS says that something would be lost. */
export function closeGuard(is: () => boolean): void {
  mayLose = is;
}

function linkOf(event: MouseEvent): HTMLAnchorElement | null {
  const link = (event.target as Element).closest?.<HTMLAnchorElement>('a[href]');
  const isOurs = link && link.origin === location.origin && !link.target && !link.hasAttribute('download') && !link.dataset.outside;
  const isPlain = !event.defaultPrevented && !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  return isOurs && isPlain && !(link.hash && link.pathname === location.pathname) ? link : null;
}

/** Call OPEN with each new path, from now on. */
export function routerStart(open: (path: string) => void): void {
  changed = () => open(location.pathname);
  addEventListener('popstate', changed);
  addEventListener('beforeunload', (event) => {
    if (mayLose()) event.preventDefault();
  });
  document.addEventListener('click', (event) => {
    const link = linkOf(event);
    if (!link) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}

export function navigate(to: string, how: { replace?: boolean } = {}): void {
  history[how.replace ? 'replaceState' : 'pushState'](null, '', to);
  scrollTo(0, 0);
  changed();
}

/** One part of the address' query, changed in place: filters that a link keeps. */
export function querySet(name: string, value: string): void {
  const asked = new URLSearchParams(location.search);
  if (value) asked.set(name, value);
  else asked.delete(name);
  history.replaceState(null, '', location.pathname + (asked.size ? `?${asked}` : ''));
}
export const queryGet = (name: string): string => new URLSearchParams(location.search).get(name) ?? '';

/** The heading hears that the page is another one. */
export function headingFocus(): void {
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
}
