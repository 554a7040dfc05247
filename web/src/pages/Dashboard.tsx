// Where a day begins: how the account stands.
import { number, words } from '../core/i18n.ts';
import { Head } from '../parts/Head.tsx';
import { credits } from '../state.ts';

const w = words('dashboard');

export default function Dashboard() {
  return (
    <>
      <Head title={w('title')} lead={w('lead')} />
      <dl class="card figures">
        <div><dt>{w('credits')}</dt><dd>{number(credits.value)}</dd></div>
      </dl>
    </>
  );
}
