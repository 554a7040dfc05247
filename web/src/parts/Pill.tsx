// How something stands, in a word and a colour.
import type { ComponentChildren } from 'preact';

export const Pill = ({ tone = 'plain', children }: { tone?: 'plain' | 'ok' | 'bad' | 'warn' | 'run'; children: ComponentChildren }) => (
  <span class={`pill is-${tone}`}>{children}</span>
);
