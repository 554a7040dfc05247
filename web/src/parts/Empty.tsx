// A place with nothing in it yet: what will be here, and how to begin.
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './Icon.tsx';

export const Empty = ({ icon, title, text, children }: { icon: IconName; title: string; text?: string; children?: ComponentChildren }) => (
  <div class="empty">
    <Icon name={icon} />
    <h2>{title}</h2>
    {text && <p>{text}</p>}
    {children}
  </div>
);
