// A labelled control with its hint and what is wrong with it, tied together for those who hear the page.
import type { TargetedInputEvent, TargetedKeyboardEvent } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './Icon.tsx';

interface Common {
  label: string;
  hint?: string | undefined;
  wrong?: string | undefined;
}

interface Rest<E extends EventTarget> {
  name?: string;
  value?: string | number;
  required?: boolean;
  disabled?: boolean;
  readOnly?: boolean;
  maxLength?: number;
  placeholder?: string;
  autoComplete?: string;
  autoFocus?: boolean;
  spellcheck?: boolean;
  onInput?: (event: TargetedInputEvent<E>) => void;
  onKeyDown?: (event: TargetedKeyboardEvent<E>) => void;
}
interface InputRest extends Rest<HTMLInputElement> {
  type?: 'text' | 'email' | 'password' | 'number' | 'search' | 'url' | 'color' | 'date';
  min?: number | string;
  max?: number | string;
  step?: number;
  inputMode?: 'text' | 'numeric' | 'decimal' | 'search' | 'email' | 'url';
}

const Below = ({ id, hint, wrong }: { id: string; hint?: string | undefined; wrong?: string | undefined }) => (
  <>
    {hint && <span class="hint" id={`${id}-hint`}>{hint}</span>}
    {wrong && <span class="wrong" id={`${id}-wrong`}><Icon name="warn" />{wrong}</span>}
  </>
);

const told = (id: string, { hint, wrong }: Common) => ({
  'aria-describedby': [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(' ') || undefined,
  'aria-invalid': wrong ? ('true' as const) : undefined,
});

export function Field({ label, hint, wrong, type = 'text', ...rest }: Common & InputRest) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input class="input" type={type as 'text'} {...rest} id={id} {...told(id, { label, hint, wrong })} />
      <Below id={id} hint={hint} wrong={wrong} />
    </div>
  );
}

export function TextField({ label, hint, wrong, ...rest }: Common & Rest<HTMLTextAreaElement> & { rows?: number }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea class="input" {...rest} id={id} {...told(id, { label, hint, wrong })} />
      <Below id={id} hint={hint} wrong={wrong} />
    </div>
  );
}

type Options = readonly (readonly [value: string, words: string])[];

export function Choice({ label, hint, wrong, options, value, onChoose, disabled }: Common & {
  options: Options; value: string; onChoose: (value: string) => void; disabled?: boolean;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select class="input" disabled={disabled} id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value)} {...told(id, { label, hint, wrong })}>
        {options.map(([one, words]) => <option key={one} value={one}>{words}</option>)}
      </select>
      <Below id={id} hint={hint} wrong={wrong} />
    </div>
  );
}
