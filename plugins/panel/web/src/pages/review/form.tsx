import './review.css';
import { useId, useRef, useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { review as t } from '../../messages/review.ts';
import { Button } from '../../ui/button.tsx';
import { Failure, tell } from '../../ui/feedback.tsx';
import { errorAt, TextArea } from '../../ui/field.tsx';
import type { Listed } from '../interactions/types.ts';
import { BLANK, bodyOf, type Command, type Draft } from './draft.ts';

export interface ReviewFormProps {
  row: Pick<Listed, 'id' | 'recommendation'>;
  onSaved(): void;
  /** Where there is a next one. */
  onSkip?: () => void;
  /** Given the way to obey a key, by whoever listens to keys. */
  obey?: (command: (command: Command) => void) => void;
}

/** Whether something was offered that can be rated. */
export function hasCard({ recommendation }: Pick<Listed, 'recommendation'>): boolean {
  return recommendation !== null && recommendation !== '' && recommendation !== 'Nenhuma';
}

/** Right or wrong, and what was said; useful, wrong or unsafe; a note. */
export function ReviewForm({ row, onSaved, onSkip, obey }: ReviewFormProps) {
  const [draft, setDraft] = useState<Draft>(BLANK);
  const [isMissing, setMissing] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const change = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  const { run, isBusy, error } = useAction((body: unknown) =>
    send('POST', `/api/v1/interactions/${row.id}/reviews`, body, { idempotencyKey: crypto.randomUUID() }),
  );
  const save = async () => {
    const body = bodyOf(draft);
    setMissing(body === null);
    if (body === null || !(await run(body))) return;
    tell(t('form.saved'));
    setDraft(BLANK);
    onSaved();
  };
  const focusOn = (name: string) => form.current?.querySelector<HTMLElement>(`textarea[name="${name}"]`)?.focus();
  obey?.((command) => {
    if (command === null) return;
    if ('draft' in command) {
      change(command.draft);
      setMissing(false);
      if (command.focus) focusOn(command.focus);
    } else if ('focus' in command) focusOn(command.focus);
    else if (command.do === 'save') void save();
    else onSkip?.();
  });
  const atField = errorAt(error, 'correctedText') ?? errorAt(error, 'note');
  return (
    <form
      class="form review-form"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Choice
        legend={t('form.transcript')}
        error={isMissing ? t('form.missing') : null}
        value={draft.transcriptOk === null ? null : draft.transcriptOk ? 'right' : 'wrong'}
        onValue={(value) => change({ transcriptOk: value === 'right' })}
        options={(['right', 'wrong'] as const).map((value) => ({ value, label: t(`form.${value}`) }))}
      />
      <TextArea
        label={t('form.corrected')}
        hint={t('form.corrected.hint')}
        name="corrected"
        rows={2}
        maxLength={10_000}
        value={draft.transcriptOk === true ? '' : draft.correctedText}
        onValue={(correctedText) => change({ correctedText, transcriptOk: false })}
        error={errorAt(error, 'correctedText')}
      />
      {hasCard(row) ? (
        <Choice
          legend={t('form.card')}
          hint={t('form.insegura.hint')}
          value={draft.recommendation}
          onValue={(recommendation) => change({ recommendation })}
          options={(['util', 'errada', 'insegura'] as const).map((value) => ({ value, label: t(`form.${value}`) }))}
        />
      ) : null}
      <TextArea
        label={t('form.note')}
        hint={t('form.note.hint')}
        name="note"
        rows={2}
        maxLength={2000}
        value={draft.note}
        onValue={(note) => change({ note })}
        error={errorAt(error, 'note')}
      />
      {error && atField === null ? <Failure error={error} /> : null}
      <div class="actions">
        <Button type="submit" kind="primary" isBusy={isBusy}>
          {t(onSkip ? 'form.next' : 'form.save')}
        </Button>
        {onSkip ? <Button onClick={onSkip}>{t('form.skip')}</Button> : null}
      </div>
    </form>
  );
}

function Choice<V extends string>({
  legend,
  hint,
  error,
  value,
  onValue,
  options,
}: {
  legend: string;
  hint?: string;
  error?: string | null;
  value: V | null;
  onValue(value: V): void;
  options: readonly { value: V; label: string }[];
}) {
  const id = useId();
  return (
    <fieldset class="review-choice" aria-describedby={error || hint ? `${id}-hint` : undefined}>
      <legend>{legend}</legend>
      <div class="review-choice-row">
        {options.map((option) => (
          <label key={option.value} class="review-choice-option">
            <input
              type="radio"
              name={id}
              value={option.value}
              checked={value === option.value}
              onChange={() => onValue(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
      {error || hint ? (
        <p id={`${id}-hint`} class={error ? 'field-error' : 'hint'} role={error ? 'alert' : undefined}>
          {error ?? hint}
        </p>
      ) : null}
    </fieldset>
  );
}
