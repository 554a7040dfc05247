// There is nothing at this address.
import { words } from '../core/i18n.ts';
import { start } from '../routes.ts';

const w = words('entry');

export default function Missing() {
  return (
    <div class="lone">
      <div class="stack">
        <h1 tabIndex={-1}>{w('missing')}</h1>
        <p>{w('missingText', { path: location.pathname })}</p>
        <div class="row"><a class="button is-main" href={start}>{w('missingAct')}</a></div>
      </div>
    </div>
  );
}
