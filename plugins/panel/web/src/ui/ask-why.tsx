import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiError } from '../lib/api.ts';
import { shell } from '../messages/shell.ts';
import { Confirm } from './dialog.tsx';
import { TextField } from './field.tsx';

/** Asks for a change's reason, which goes to the audit, before it is made. */
export function AskWhy({
  title,
  confirmLabel,
  kind = 'primary',
  isBusy = false,
  error = null,
  children,
  onConfirm,
  onClose,
}: {
  title: string;
  confirmLabel: string;
  kind?: 'primary' | 'danger';
  isBusy?: boolean;
  error?: ApiError | null;
  children?: ComponentChildren;
  onConfirm(why: string): void;
  onClose(): void;
}) {
  const [why, setWhy] = useState('');
  const [isEmpty, setEmpty] = useState(false);
  return (
    <Confirm
      {...{ title, confirmLabel, kind, isBusy, error, onClose }}
      onConfirm={() => (why.trim() === '' ? setEmpty(true) : onConfirm(why.trim()))}
    >
      {children}
      <TextField
        label={shell('why.label')}
        hint={shell('why.hint')}
        value={why}
        maxLength={500}
        onValue={(value) => {
          setWhy(value);
          setEmpty(false);
        }}
        error={isEmpty ? shell('why.missing') : null}
      />
    </Confirm>
  );
}
