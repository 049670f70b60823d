import type { ComponentChildren } from 'preact';
import type { ApiError } from '../lib/api.ts';
import { Button, type ButtonProps } from './button.tsx';
import { Failure } from './feedback.tsx';
import { errorAt } from './field.tsx';

export interface FormProps {
  /** On the button that sends it. */
  submit: string;
  kind?: ButtonProps['kind'];
  isBusy: boolean;
  /** Something needed is not there yet. */
  isDisabled?: boolean;
  /** Why it was refused. */
  error: ApiError | null;
  /** Fields that show their own refusal: it is not said again at the end. */
  shown?: readonly string[];
  /** Buttons before the one that sends it. */
  others?: ComponentChildren;
  /** The page says itself what is missing, instead of the browser. */
  noValidate?: boolean;
  autoComplete?: 'off';
  /** Beside `form`. */
  class?: string;
  onSubmit(): void;
  children: ComponentChildren;
}

/** A form's frame: its fields, why it was refused, and its buttons. */
export function Form({
  submit,
  kind = 'primary',
  isBusy,
  isDisabled = false,
  error,
  shown = [],
  others,
  noValidate = false,
  autoComplete,
  class: own,
  onSubmit,
  children,
}: FormProps) {
  return (
    <form
      class={own === undefined ? 'form' : `form ${own}`}
      noValidate={noValidate}
      autocomplete={autoComplete}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      {error && shown.every((field) => errorAt(error, field) === null) ? <Failure error={error} /> : null}
      <div class="actions">
        {others}
        <Button type="submit" kind={kind} isBusy={isBusy} disabled={isDisabled}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
