import { useState } from 'preact/hooks';
import { routes as t } from '../../messages/routes.ts';
import { shell } from '../../messages/shell.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/feedback.tsx';
import { CheckField, NumberField, SelectField, TextField } from '../../ui/field.tsx';
import { OrderEditor } from '../providers/order-editor.tsx';
import type { HealthInfo, ProviderInfo } from '../providers/types.ts';
import { Conditions } from './conditions.tsx';
import { idFor, isAt, listOf, withPart } from './rules.ts';
import type { Rule } from './types.ts';

/** Where the server refused this rule, and why. */
export interface Refused {
  path: string;
  message: string;
}

const FIELDS = ['id', 'title', 'kind', 'mode', 'use', 'must', 'mustNot', 'shadow', 'when.'];

/** One rule: when it holds, who serves then, and what must be true of them. */
export function RuleDialog({
  rule,
  taken,
  refused,
  all,
  health,
  onDone,
  onClose,
}: {
  rule: Rule;
  /** Ids of the other rules. */
  taken: readonly string[];
  refused: Refused | null;
  all: readonly ProviderInfo[];
  health: readonly HealthInfo[];
  onDone(rule: Rule): void;
  onClose(): void;
}) {
  const [draft, setDraft] = useState(rule);
  const kind = draft.kind ?? 'stt';
  const ofKind = all.filter((each) => each.kind === kind);
  const errorOf = (field: string) => (refused && isAt(refused.path, field) ? refused.message : null);
  const isElsewhere = refused && !FIELDS.some((each) => refused.path.startsWith(each));
  const tags = (name: 'must' | 'mustNot') => ({
    value: (draft[name] ?? []).join(', '),
    onValue: (text: string) => setDraft(withPart(draft, name, listOf(text))),
    error: errorOf(name),
  });
  const done = () => {
    const id = draft.id === '' ? idFor(draft.title ?? '', taken) : draft.id;
    onDone({ ...draft, id });
  };
  return (
    <Dialog
      title={rule.id === '' ? t('rule.new') : t('rule.edit', { name: rule.title ?? rule.id })}
      onClose={onClose}
      isWide
    >
      <form
        class="form routes-rule-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          done();
        }}
      >
        {isElsewhere ? (
          <Notice tone="bad">
            <p>{refused.message}</p>
          </Notice>
        ) : null}
        <TextField
          label={t('form.title')}
          hint={t('form.title.hint')}
          value={draft.title ?? ''}
          onValue={(title) => setDraft(withPart(draft, 'title', title === '' ? undefined : title))}
          maxLength={200}
          error={errorOf('title') ?? errorOf('id')}
        />
        <div class="row">
          <SelectField<'stt' | 'llm'>
            label={t('form.kind')}
            value={kind}
            onValue={(value) => setDraft({ ...draft, kind: value, use: [] })}
            options={[
              { value: 'stt', label: t('kind.stt') },
              { value: 'llm', label: t('kind.llm') },
            ]}
            error={errorOf('kind')}
          />
          <SelectField<'segment' | 'stream'>
            label={t('form.mode')}
            hint={t('form.mode.hint')}
            value={draft.mode}
            onValue={(mode) => setDraft({ ...draft, mode })}
            options={[
              { value: 'segment', label: t('mode.segment') },
              { value: 'stream', label: t('mode.stream') },
            ]}
            error={errorOf('mode')}
          />
        </div>
        <h3>{t('form.when')}</h3>
        <p class="hint">{t('form.when.hint')}</p>
        <Conditions when={draft.when} onWhen={(when) => setDraft({ ...draft, when })} errorOf={errorOf} />
        <h3>{t('form.use')}</h3>
        {errorOf('use') ? <p class="field-error">{errorOf('use')}</p> : null}
        <OrderEditor
          all={ofKind}
          health={health}
          used={[]}
          use={draft.use}
          onUse={(use) => setDraft({ ...draft, use })}
          isReadOnly={false}
        />
        <div class="row">
          <TextField label={t('form.must')} hint={t('form.must.hint')} {...tags('must')} />
          <TextField label={t('form.mustNot')} hint={t('form.mustNot.hint')} {...tags('mustNot')} />
        </div>
        <CheckField
          label={t('form.hedge')}
          hint={t('form.hedge.hint')}
          isChecked={draft.hedge ?? false}
          onChecked={(isOn) => setDraft(withPart(draft, 'hedge', isOn ? true : undefined))}
        />
        <div class="row">
          <SelectField
            label={t('form.shadow')}
            hint={t('form.shadow.hint')}
            value={draft.shadow?.use ?? ''}
            onValue={(use) =>
              setDraft(withPart(draft, 'shadow', use === '' ? undefined : { share: draft.shadow?.share ?? 0.1, use }))
            }
            options={[
              { value: '', label: t('form.shadow.none') },
              ...ofKind.map(({ address, title }) => ({ value: address, label: title })),
            ]}
            error={errorOf('shadow')}
          />
          {draft.shadow ? (
            <NumberField
              label={t('form.shadow.share')}
              unit="%"
              min={0}
              max={100}
              value={Math.round(draft.shadow.share * 100)}
              onValue={(value) =>
                setDraft(withPart(draft, 'shadow', { use: draft.shadow?.use ?? '', share: (value ?? 0) / 100 }))
              }
            />
          ) : null}
        </div>
        <div class="actions">
          <Button onClick={onClose}>{shell('dialog.cancel')}</Button>
          <Button type="submit" kind="primary">
            {t('rule.done')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
