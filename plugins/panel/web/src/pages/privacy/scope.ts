import { formatDate } from '../../lib/format.ts';
import { privacy as t } from '../../messages/privacy.ts';

export type ScopeKind = 'interaction' | 'employee' | 'counter' | 'period';

/** What a form holds of whose data it is about. */
export interface ScopeDraft {
  kind: ScopeKind;
  interaction: number | null;
  /** Ids, as a select has them. */
  employee: string;
  counter: string;
  from: string;
  to: string;
}

export const NO_SCOPE: ScopeDraft = {
  kind: 'interaction',
  interaction: null,
  employee: '',
  counter: '',
  from: '',
  to: '',
};

/** As the API wants it; null: something is missing. */
export function bodyOf({ kind, interaction, employee, counter, from, to }: ScopeDraft): Record<string, unknown> | null {
  if (kind === 'interaction') return interaction !== null && interaction > 0 ? { interaction } : null;
  if (kind === 'employee') return employee === '' ? null : { employee: Number(employee) };
  if (kind === 'counter') return counter === '' ? null : { counter };
  return from !== '' && to !== '' && from < to ? { from, to } : null;
}

/** In words: "o balcão Caixa 1". */
export function scopeText(draft: ScopeDraft, nameOf: (kind: 'employee' | 'counter', id: string) => string): string {
  if (draft.kind === 'interaction') return t('what.interaction', { id: String(draft.interaction) });
  if (draft.kind === 'employee') return t('what.employee', { name: nameOf('employee', draft.employee) });
  if (draft.kind === 'counter') return t('what.counter', { name: nameOf('counter', draft.counter) });
  const day = (text: string) => formatDate(`${text}T12:00:00-03:00`);
  return t('what.period', { from: day(draft.from), to: day(draft.to) });
}

/** The scope of a receipt, as it was stored. */
export function storedScopeText(scope: Record<string, unknown>): string {
  return Object.entries(scope)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(', ');
}
