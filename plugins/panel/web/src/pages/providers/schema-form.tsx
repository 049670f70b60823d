import { formatNumber } from '../../lib/format.ts';
import { providers as t } from '../../messages/providers.ts';
import { SelectField, TextArea, TextField } from '../../ui/field.tsx';
import { type Draft, type Fault, type FieldSpec, faultOf } from './schema.ts';

/** The controls of a plugin's schema. `refused`: what the server said, at its field. */
export function SchemaForm({
  fields,
  draft,
  onDraft,
  isChecked,
  refused,
}: {
  fields: readonly FieldSpec[];
  draft: Draft;
  onDraft(draft: Draft): void;
  /** Somebody tried to send it: what is missing is said too. */
  isChecked: boolean;
  refused: { field: string; message: string } | null;
}) {
  return (
    <>
      {fields.map((field) => {
        const text = draft[field.name] ?? '';
        const fault = isChecked || text !== '' ? faultOf(field, text) : null;
        const said = refused?.field === field.name ? refused.message : null;
        return (
          <Control
            key={field.name}
            field={field}
            value={text}
            error={fault ? faultInWords(fault) : said}
            onValue={(value) => onDraft({ ...draft, [field.name]: value })}
          />
        );
      })}
    </>
  );
}

function Control({
  field,
  value,
  error,
  onValue,
}: {
  field: FieldSpec;
  value: string;
  error: string | null;
  onValue(value: string): void;
}) {
  const { label, kind, isRequired, choices, schema } = field;
  const common = { label, value, error, onValue, isRequired };
  if (kind === 'secret') return <TextField {...common} type="password" autoComplete="off" hint={t('field.secret')} />;
  if (kind === 'boolean') {
    const options = [
      { value: '', label: fallbackLabel(field) },
      { value: 'true', label: t('field.yes') },
      { value: 'false', label: t('field.no') },
    ];
    return <SelectField {...common} options={options} />;
  }
  if (kind === 'choice') {
    const options = choices.map((choice) => ({ value: choice, label: choice }));
    return <SelectField {...common} options={[{ value: '', label: fallbackLabel(field) }, ...options]} />;
  }
  const hint = [schema.description, boundsOf(field), field.fallback === undefined ? null : fallbackLabel(field)]
    .filter(Boolean)
    .join(' · ');
  if (kind === 'list') return <TextArea {...common} hint={`${t('field.list')}${hint === '' ? '' : ` · ${hint}`}`} />;
  return <TextField {...common} hint={hint === '' ? undefined : hint} />;
}

function boundsOf({ kind, schema: { minimum, maximum } }: FieldSpec): string | null {
  if (kind !== 'number' && kind !== 'integer') return null;
  const [min, max] = [minimum, maximum].map((bound) => (bound === undefined ? null : formatNumber(bound, 3)));
  if (min && max) return t('field.between', { min, max });
  if (min) return t('field.atLeast', { min });
  return max ? t('field.atMost', { max }) : null;
}

function fallbackLabel({ fallback }: FieldSpec): string {
  if (fallback === undefined) return t('field.unset');
  if (fallback === '') return t('field.default', { value: t('field.blank') });
  if (typeof fallback === 'boolean') {
    return t('field.default', { value: fallback ? t('field.yes') : t('field.no') });
  }
  return t('field.default', { value: String(fallback) });
}

function faultInWords(fault: Fault): string {
  if (!('limit' in fault)) return t(`fault.${fault.code}`);
  return t(`fault.${fault.code}`, { limit: formatNumber(fault.limit, 3) });
}
