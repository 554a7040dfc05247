// Numbers of days as bars, drawn at the size they are seen; the same as a table for who wants to read them.
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { number, t } from '../core/i18n.ts';
import { Table } from './Table.tsx';

export interface Bar {
  name: string;
  axis?: string; // a shorter name, below it
  value: number;
}

const height = 176;
const left = 36;
const below = 24;

/* A round number at or above WISH that halves well. */
function roundUp(wish: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(1, wish)));
  return [1, 2, 4, 6, 8, 10].map((times) => times * step).find((top) => top >= wish) ?? 10 * step;
}

function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => { width.value = Math.floor(entry!.contentRect.width); });
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  return { frame, width: width.value };
}

function Drawing({ bars, label, width }: { bars: readonly Bar[]; label: string; width: number }) {
  const most = Math.max(...bars.map((bar) => bar.value), 4);
  const top = roundUp(most);
  const step = (width - left) / bars.length;
  const y = (value: number) => height - (value / top) * (height - 10);
  const named = Math.max(1, Math.ceil(bars.length / Math.max(1, Math.floor(width / 84))));
  const said = bars.map((bar) => `${bar.name}: ${number(bar.value)}`).join(', ');
  return (
    <svg class="bars" width={width} height={height + below} role="img" aria-label={`${label}. ${said}`}>
      {[0, 0.5, 1].map((part) => (
        <g key={part}>
          <line class="bars-line" x1={left} x2={width} y1={y(part * top)} y2={y(part * top)} />
          <text class="bars-word" x={left - 8} y={y(part * top) + 4} text-anchor="end">{number(part * top)}</text>
        </g>
      ))}
      {bars.map((bar, at) => (
        <g key={bar.name} class="bars-one">
          <title>{`${bar.name}: ${number(bar.value)}`}</title>
          <rect x={left + at * step} y="0" width={step} height={height} class="bars-touch" />
          {bar.value > 0 && <rect x={left + at * step + step * 0.16} y={y(bar.value)} width={step * 0.68} height={height - y(bar.value)} rx="2" class="bars-bar" />}
          {(bars.length - 1 - at) % named === 0 && (
            <text class="bars-word" x={at === bars.length - 1 && bars.length > 4 ? width : left + (at + 0.5) * step} y={height + 18}
              text-anchor={at === bars.length - 1 && bars.length > 4 ? 'end' : 'middle'}>{bar.axis ?? bar.name}</text>
          )}
        </g>
      ))}
    </svg>
  );
}

export function Bars({ bars, label, unit, of }: { bars: readonly Bar[]; label: string; unit: string; of: string }) {
  const { frame, width } = useWidth();
  const isTable = useSignal(false);
  return (
    <figure class="figure">
      <figcaption class="figure-head">
        <h2>{label}</h2>
        <button type="button" class="button is-quiet" aria-pressed={isTable.value} onClick={() => { isTable.value = !isTable.value; }}>{t('table')}</button>
      </figcaption>
      <div ref={frame}>
        {isTable.value
          ? <Table label={label} rows={bars} id={(bar) => bar.name} columns={[
            { title: of, cell: (bar) => bar.name }, { title: unit, cell: (bar) => number(bar.value), isNumber: true }]} />
          : width > 0 && <Drawing bars={bars} label={label} width={width} />}
      </div>
    </figure>
  );
}
