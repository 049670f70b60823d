import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { ApiError } from '../lib/api.ts';
import { shell } from '../messages/shell.ts';

export interface FieldProps {
  label: string;
  hint?: string | undefined;
  /** What is wrong with it, in words. */
  error?: string | null | undefined;
  isRequired?: boolean;
  /** The label is only for screen readers. */
  isLabelHidden?: boolean;
}

interface Wiring {
  id: string;
  required: boolean;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

/** A labelled control with its hint and its error; `children` gets what ties them together. */
export function Field({ children, ...props }: FieldProps & { children: (wiring: Wiring) => ComponentChildren }) {
  const { label, hint, error, isRequired = false, isLabelHidden = false } = props;
  const id = useId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const describedBy = [hint ? hintId : '', error ? errorId : ''].filter(Boolean).join(' ') || undefined;
  return (
    <div class={`field${error ? ' invalid' : ''}`}>
      <label for={id} class={isLabelHidden ? 'sr-only' : undefined}>
        {label}
        {isRequired ? <span class="required">{` ${shell('form.required')}`}</span> : null}
      </label>
      {children({ id, required: isRequired, 'aria-invalid': Boolean(error), 'aria-describedby': describedBy })}
      {hint ? (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p class="field-error" id={errorId}>
          {error}
        </p>
      ) : null}
    </div>
  );
}

export interface TextProps extends FieldProps {
  value: string;
  onValue(value: string): void;
  type?: 'text' | 'email' | 'password' | 'search' | 'url' | 'date' | 'datetime-local' | 'time' | 'tel';
  placeholder?: string;
  autoComplete?: string;
  maxLength?: number;
  autoFocus?: boolean;
  isDisabled?: boolean;
  name?: string;
}

export function TextField({ value, onValue, type = 'text', autoFocus, isDisabled, ...props }: TextProps) {
  const { placeholder, autoComplete = 'off', maxLength, name } = props;
  return (
    <Field {...props}>
      {(wiring) => (
        <input
          {...wiring}
          {...{ type, value, placeholder, maxLength, name }}
          disabled={isDisabled}
          autocomplete={autoComplete}
          // biome-ignore lint/a11y/noAutofocus: only the first field of a form that was asked for
          autoFocus={autoFocus}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export function TextArea({ value, onValue, rows = 3, ...props }: TextProps & { rows?: number }) {
  const { placeholder, maxLength, isDisabled, name } = props;
  return (
    <Field {...props}>
      {(wiring) => (
        <textarea
          {...wiring}
          {...{ value, rows, placeholder, maxLength, name }}
          disabled={isDisabled}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface NumberProps extends FieldProps {
  /** Null: empty. */
  value: number | null;
  onValue(value: number | null): void;
  min?: number;
  max?: number;
  step?: number | 'any';
  unit?: string;
  isDisabled?: boolean;
}

export function NumberField({ value, onValue, min, max, step = 'any', unit, isDisabled, ...props }: NumberProps) {
  return (
    <Field {...props} label={unit ? `${props.label} (${unit})` : props.label}>
      {(wiring) => (
        <input
          {...wiring}
          {...{ min, max, step }}
          type="number"
          inputMode="decimal"
          value={value ?? ''}
          disabled={isDisabled}
          onInput={({ currentTarget }) =>
            onValue(
              currentTarget.value === '' || Number.isNaN(currentTarget.valueAsNumber)
                ? null
                : currentTarget.valueAsNumber,
            )
          }
        />
      )}
    </Field>
  );
}

export interface SelectProps<V extends string> extends FieldProps {
  value: V;
  onValue(value: V): void;
  options: readonly { value: V; label: string; isDisabled?: boolean }[];
  isDisabled?: boolean;
}

export function SelectField<V extends string>({ value, onValue, options, isDisabled, ...props }: SelectProps<V>) {
  return (
    <Field {...props}>
      {(wiring) => (
        <select
          {...wiring}
          value={value}
          disabled={isDisabled}
          onChange={(event) => onValue(event.currentTarget.value as V)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.isDisabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export interface CheckProps extends FieldProps {
  isChecked: boolean;
  onChecked(isChecked: boolean): void;
  isDisabled?: boolean;
}

export function CheckField({ isChecked, onChecked, isDisabled, label, hint, error }: CheckProps) {
  const id = useId();
  return (
    <div class={`field check${error ? ' invalid' : ''}`}>
      <input
        id={id}
        type="checkbox"
        checked={isChecked}
        disabled={isDisabled}
        aria-invalid={Boolean(error)}
        aria-describedby={hint || error ? `${id}-hint` : undefined}
        onChange={(event) => onChecked(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint || error ? (
        <p class={error ? 'field-error' : 'hint'} id={`${id}-hint`}>
          {error ?? hint}
        </p>
      ) : null}
    </div>
  );
}

/** What the server said about `field`, to be shown at it: its own name or the last part of a path (`body/rules/0/when`). */
export function errorAt(error: ApiError | null, field: string): string | null {
  if (!error?.field) return null;
  const named = error.field.replace(/^\/?(body|querystring|params)[./]/, '');
  return named === field || named.replaceAll('/', '.') === field ? error.message : null;
}
