import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../lib/api.ts';
import { shell } from '../messages/shell.ts';
import { Button } from './button.tsx';
import { Failure } from './feedback.tsx';
import { TextField } from './field.tsx';

/** A modal dialog: the browser's own, so that focus stays inside, Escape closes it and what is behind is inert. */
export function Dialog({
  title,
  onClose,
  children,
  isWide = false,
}: {
  title: string;
  onClose(): void;
  children: ComponentChildren;
  isWide?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={isWide ? 'wide' : undefined}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={titleId}>{title}</h2>
        <button type="button" class="icon-button" aria-label={shell('dialog.close')} onClick={onClose}>
          <span aria-hidden="true">×</span>
        </button>
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

export interface ConfirmProps {
  title: string;
  /** What will happen, and what cannot be taken back. */
  children: ComponentChildren;
  confirmLabel: string;
  kind?: 'primary' | 'danger';
  /** To be typed first, where a slip would be dear. */
  word?: string;
  isBusy?: boolean;
  error?: ApiError | null;
  onConfirm(): void;
  onClose(): void;
}

export function Confirm({
  title,
  children,
  confirmLabel,
  kind = 'danger',
  word,
  isBusy = false,
  error,
  onConfirm,
  onClose,
}: ConfirmProps) {
  const [typed, setTyped] = useState('');
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        {children}
        {word === undefined ? null : (
          <TextField label={shell('dialog.type', { word })} value={typed} onValue={setTyped} />
        )}
        {error ? <Failure error={error} /> : null}
        <div class="actions">
          <Button onClick={onClose}>{shell('dialog.cancel')}</Button>
          <Button type="submit" kind={kind} isBusy={isBusy} disabled={word !== undefined && typed.trim() !== word}>
            {confirmLabel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
