// Something to know before going on; bad ones are read out at once.
import type { ComponentChildren } from 'preact';
import { Icon } from './Icon.tsx';

export const Notice = ({ tone = 'info', children }: { tone?: 'info' | 'ok' | 'warn' | 'bad'; children: ComponentChildren }) => (
  <div class={`notice is-${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
    <Icon name={tone === 'ok' ? 'check' : tone === 'info' ? 'info' : 'warn'} />
    <div>{children}</div>
  </div>
);
