// Some colours: each is changed or taken away, another is added.
import { t } from '../core/i18n.ts';
import { Icon } from './Icon.tsx';

const fresh = '#c8b8a0';

interface Props {
  label: string;
  hint?: string;
  most: number;
  colours: readonly string[];
  onChange: (to: string[]) => void;
}

export function Palette({ label, hint, most, colours, onChange }: Props) {
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="palette">
        {colours.map((colour, at) => (
          <span class="palette-one" key={at}>
            <input type="color" value={colour} aria-label={t('colourOf', { n: at + 1 })}
              onInput={(event) => onChange(colours.map((one, other) => (other === at ? event.currentTarget.value : one)))} />
            <button type="button" class="button is-icon is-small" aria-label={t('removeOf', { name: colour })}
              onClick={() => onChange(colours.filter((_, other) => other !== at))}><Icon name="x" /></button>
          </span>
        ))}
        {colours.length < most && (
          <button type="button" class="button" onClick={() => onChange([...colours, colours.at(-1) ?? fresh])}><Icon name="plus" />{t('colourAdd')}</button>
        )}
      </div>
      {hint && <span class="hint">{hint}</span>}
    </fieldset>
  );
}
