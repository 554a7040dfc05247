// A number between two others; what it says follows the hand, and it goes back to where it began.
import { useId } from 'preact/hooks';
import { number, t } from '../core/i18n.ts';
import { Icon } from './Icon.tsx';

interface Props {
  label: string;
  value: number;
  min: number;
  max: number;
  step?: number;
  unit?: string;
  preset?: number;
  onMove: (value: number) => void;
}

export function Slider({ label, value, min, max, step = 1, unit = '', preset, onMove }: Props) {
  const id = useId();
  const said = `${number(value)}${unit}`;
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      {preset !== undefined && preset !== value && (
        <button type="button" class="button is-icon is-small" aria-label={t('reset', { name: label })} onClick={() => onMove(preset)}><Icon name="redo" /></button>
      )}
      <output for={id}>{said}</output>
      <input id={id} type="range" class="range" min={min} max={max} step={step} value={value} aria-valuetext={said}
        onInput={(event) => onMove(Number(event.currentTarget.value))} />
    </div>
  );
}
