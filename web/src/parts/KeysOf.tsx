// Keys of an account, or of the studio itself, as an administrator sees them: which there are, and their end.
import { useSignal } from '@preact/signals';
import { ask, type Answer } from '../core/api.ts';
import { ago, t, words } from '../core/i18n.ts';
import { Confirm } from './Dialog.tsx';
import { Load, useLoad } from './Load.tsx';
import { Pill } from './Pill.tsx';
import { Table } from './Table.tsx';
import { toast, toastWrong } from './Toasts.tsx';

const w = words('admin');
type Key = Answer<'/v1/keys'>['keys'][number];

export function KeysOf({ owner }: { owner: string }) {
  const keys = useLoad((signal) => ask('get', '/v1/keys', { query: { tenant_id: owner }, signal }), [owner]);
  const ended = useSignal<Key | null>(null);
  async function end(key: Key): Promise<void> {
    ended.value = null;
    try {
      await ask('delete', '/v1/keys/{id}', { path: { id: key.id }, query: { tenant_id: owner } });
      toast(w('keyEnded', { name: key.name }));
      await keys.again();
    } catch (wrong) {
      toastWrong(wrong);
    }
  }
  const isOver = (key: Key): boolean => !!key.revoked_at || (!!key.expires_at && Date.parse(key.expires_at) < Date.now());
  return (
    <section class="card" aria-labelledby="keys">
      <header class="card-head"><h2 id="keys">{w('keys')}</h2></header>
      <Load of={keys} shapes={1}>{({ keys: all }) => (all.length
        ? <Table label={w('keys')} rows={[...all].reverse()} id={(key) => key.id} columns={[
          { title: w('accountName'), cell: (key) => <>{key.name}<div class="hint"><code>{key.hint}…</code></div></> },
          { title: w('role'), isMinor: true, cell: (key) => t(`role.${key.role}`) },
          { title: w('keyUsed'), isMinor: true, cell: (key) => (key.used_at ? ago(key.used_at) : t('never')) },
          { title: w('state'), cell: (key) => (isOver(key) ? <Pill tone="bad">{w('keyOver')}</Pill> : <Pill tone="ok">{w('active')}</Pill>) },
          { title: w('acts'), isTitleUnseen: true, isNumber: true, cell: (key) => !isOver(key) && (
            <button type="button" class="button is-quiet" aria-label={w('keyEndOf', { name: key.name })} onClick={() => { ended.value = key; }}>{w('keyEnd')}</button>) },
        ]} />
        : <p class="card-main hint">{w('keysNone')}</p>)}</Load>
      {ended.value && <Confirm title={w('keyEndOf', { name: ended.value.name })} text={w('keyEndText')} act={w('keyEnd')}
        onYes={() => void end(ended.value!)} onClose={() => { ended.value = null; }} />}
    </section>
  );
}
