// The top of a page: its one h1, which hears the focus when the page is opened, a sentence, and what can be done.
import type { ComponentChildren } from 'preact';

export const Head = ({ title, lead, children }: { title: string; lead?: string; children?: ComponentChildren }) => (
  <header class="head">
    <div class="head-words">
      <h1 tabIndex={-1}>{title}</h1>
      {lead && <p>{lead}</p>}
    </div>
    {children && <div class="row">{children}</div>}
  </header>
);
