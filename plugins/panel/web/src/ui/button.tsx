import type { ComponentChildren, JSX } from 'preact';

export interface ButtonProps extends Omit<JSX.HTMLAttributes<HTMLButtonElement>, 'size'> {
  /** `primary`: the one thing to do here. `danger`: cannot be taken back. `quiet`: beside others. */
  kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  isSmall?: boolean;
  /** Waiting for its answer: it cannot be pressed again. */
  isBusy?: boolean;
  type?: 'button' | 'submit';
  disabled?: boolean;
  children: ComponentChildren;
}

export function Button({
  kind = 'plain',
  isBusy = false,
  isSmall = false,
  type = 'button',
  disabled,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      class={`button ${kind}${isSmall ? ' small' : ''}`}
      disabled={disabled || isBusy}
      aria-busy={isBusy}
    >
      {isBusy ? <span class="spinner" aria-hidden="true" /> : null}
      {children}
    </button>
  );
}
