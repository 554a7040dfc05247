// A picture with its name: in galleries, so SRC is a small one. A link when it leads somewhere, a button when it does something, and it can be chosen.
import type { ComponentChildren } from 'preact';
import { Icon } from './Icon.tsx';

export type Mark = 'ok' | 'bad' | 'run' | 'wait';

interface Props {
  src: string | null;
  alt: string;
  title: string;
  note?: ComponentChildren;
  href?: string;
  onOpen?: () => void;
  mark?: Mark;
  chosen?: { is: boolean; isOff?: boolean; label: string; onChange: (is: boolean, event: MouseEvent) => void };
  children?: ComponentChildren;
}

const Picture = ({ src, alt }: { src: string | null; alt: string }) => (src
  ? <img class="tile-image" src={src} alt={alt} width="400" height="400" loading="lazy" decoding="async" />
  : <span class="tile-image is-empty"><Icon name="image" /></span>);

export function Tile({ src, alt, title, note, href, onOpen, mark, chosen, children }: Props) {
  const inside = <>
    <Picture src={src} alt={alt} />
    <span class="tile-words"><b>{title}</b>{note && <span>{note}</span>}</span>
  </>;
  return (
    <div class={`tile${mark ? ` is-${mark}` : ''}${chosen?.is ? ' is-chosen' : ''}`}>
      {href ? <a class="tile-main" href={href}>{inside}</a>
        : onOpen ? <button type="button" class="tile-main" onClick={onOpen}>{inside}</button>
          : <div class="tile-main">{inside}</div>}
      {chosen && (
        <label class="tile-choose">
          <input type="checkbox" checked={chosen.is} disabled={chosen.isOff} aria-label={chosen.label}
            onClick={(event) => chosen.onChange(event.currentTarget.checked, event)} />
        </label>
      )}
      {mark === 'ok' && <span class="tile-mark is-ok"><Icon name="check" /></span>}
      {mark === 'bad' && <span class="tile-mark is-bad"><Icon name="warn" /></span>}
      {children}
    </div>
  );
}
