import { privacy as t } from '../../messages/privacy.ts';
import { NumberField, SelectField, TextField } from '../../ui/field.tsx';
import type { ScopeDraft, ScopeKind } from './scope.ts';
import type { Employee } from './types.ts';

const KINDS: readonly ScopeKind[] = ['interaction', 'employee', 'counter', 'period'];

/** Whose data a request is about. */
export function ScopeFields({
  of,
  onChange,
  employees,
  counters,
}: {
  of: ScopeDraft;
  onChange(draft: ScopeDraft): void;
  employees: readonly Employee[];
  counters: readonly { id: string; name: string }[];
}) {
  const put = (part: Partial<ScopeDraft>) => onChange({ ...of, ...part });
  const none = { value: '', label: t('request.employee.none') };
  return (
    <div class="row">
      <SelectField<ScopeKind>
        label={t('request.scope')}
        value={of.kind}
        onValue={(kind) => put({ kind })}
        options={KINDS.map((value) => ({ value, label: t(`request.scope.${value}`) }))}
      />
      {of.kind === 'interaction' ? (
        <NumberField
          label={t('request.interaction')}
          value={of.interaction}
          onValue={(interaction) => put({ interaction })}
          min={1}
          step={1}
        />
      ) : null}
      {of.kind === 'employee' ? (
        <SelectField
          label={t('request.employee')}
          value={of.employee}
          onValue={(employee) => put({ employee })}
          options={[none, ...employees.map(({ id, name }) => ({ value: String(id), label: name }))]}
        />
      ) : null}
      {of.kind === 'counter' ? (
        <SelectField
          label={t('request.counter')}
          value={of.counter}
          onValue={(counter) => put({ counter })}
          options={[none, ...counters.map(({ id, name }) => ({ value: id, label: name }))]}
        />
      ) : null}
      {of.kind === 'period' ? (
        <>
          <TextField label={t('request.from')} type="date" value={of.from} onValue={(from) => put({ from })} />
          <TextField label={t('request.to')} type="date" value={of.to} onValue={(to) => put({ to })} />
        </>
      ) : null}
    </div>
  );
}
