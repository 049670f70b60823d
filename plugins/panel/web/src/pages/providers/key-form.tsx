import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiError, send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/feedback.tsx';
import { errorAt } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { bodyOf, type Draft, faultOf, fieldNamed, fieldsOf, type Schema } from './schema.ts';
import { SchemaForm } from './schema-form.tsx';

/** What a vendor said of a key; null: it could not be asked. */
interface Tested {
  ok: boolean | null;
  message: string;
  field: string | null;
}

export interface KeyFormProps {
  /** Of one key, as its vendor's plugin says. */
  schema: Schema | null | undefined;
  /** Where the vendor's keys are kept; `/test` below it asks the vendor. */
  url: string;
  words: { test: string; save: string };
  lead?: ComponentChildren;
  /** What is asked beside the key. */
  children?: (asked: { isChecked: boolean; error: ApiError | null }) => ComponentChildren;
  /** Whether it is all there, and the fields it has. */
  isRestWhole?: boolean;
  rest?: readonly string[];
  save(credential: Record<string, unknown>): Promise<void>;
}

/** A new key of a vendor: by its schema, tested before it is kept; nothing of it stays in the page. */
export function KeyForm({ schema, url, words, lead, children, isRestWhole = true, rest = [], save }: KeyFormProps) {
  const fields = fieldsOf(schema);
  const [draft, setDraft] = useState<Draft>({});
  const [isChecked, setChecked] = useState(false);
  const [tested, setTested] = useState<Tested | null>(null);
  const credential = bodyOf(fields, draft);
  const isWhole = fields.every((field) => faultOf(field, draft[field.name] ?? '') === null);
  const testing = useAction(async () => setTested(await send<Tested>('POST', `${url}/test`, { credential })));
  const saving = useAction(async () => {
    await save(credential);
    setDraft({});
  });
  const failed = testing.error ?? saving.error;
  const refusal = tested?.ok === false ? tested : failed;
  const isOfRest = rest.some((field) => errorAt(saving.error, field) !== null);
  const refused =
    refusal?.field && !isOfRest
      ? { field: fieldNamed(fields, refusal.field) ?? fields[0]?.name ?? '', message: refusal.message }
      : null;
  const test = () => {
    setChecked(true);
    setTested(null);
    saving.clear();
    if (isWhole) void testing.run();
  };
  return (
    <Form
      submit={words.save}
      isBusy={saving.isBusy}
      error={refused ? null : failed}
      shown={rest}
      others={
        <Button onClick={test} isBusy={testing.isBusy}>
          {words.test}
        </Button>
      }
      noValidate
      autoComplete="off"
      onSubmit={() => {
        setChecked(true);
        testing.clear();
        if (isWhole && isRestWhole) void saving.run();
      }}
    >
      {lead}
      <SchemaForm
        fields={fields}
        draft={draft}
        onDraft={(next) => {
          setDraft(next);
          setTested(null);
          testing.clear();
        }}
        isChecked={isChecked}
        refused={refused}
      />
      {tested && !refused ? (
        <Notice tone={tested.ok === false ? 'bad' : tested.ok ? 'good' : 'warn'}>
          <p role="status">{tested.message}</p>
        </Notice>
      ) : null}
      {children?.({ isChecked, error: saving.error })}
    </Form>
  );
}
