// One of a few, all of them seen: radio buttons that look like one switch.
import { useId } from 'preact/hooks';

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [value: T, words: string])[];
  onChoose: (value: T) => void;
  isLabelSeen?: boolean;
}

export function Seg<T extends string>({ label, value, options, onChoose, isLabelSeen }: Props<T>) {
  const name = useId();
  return (
    <fieldset class="field">
      <legend class={isLabelSeen ? '' : 'unseen'}>{label}</legend>
      <div class="seg">
        {options.map(([one, words]) => (
          <label key={one}>
            <input type="radio" name={name} value={one} checked={value === one} onChange={() => onChoose(one)} />
            <span>{words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
