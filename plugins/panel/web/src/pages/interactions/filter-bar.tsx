import { useEffect, useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { can } from '../../lib/session.ts';
import { interactions as t } from '../../messages/interactions.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { countOf, type Filters } from './filters.ts';

const TYPES = [
  'valid',
  'discarded_empty',
  'discarded_ia',
  'mock_voice',
  'sem_provedor',
  'orcamento',
  'perdida',
] as const;
const FEEDBACK = ['aceito', 'recusado', 'ignorado'] as const;
const VERDICTS = ['util', 'errada', 'insegura'] as const;
const DOUBTS = ['doubt', 'shadow'] as const;
const NONE = {
  ...{ counterId: '', employeeId: '', provider: '', from: '', to: '', type: '', feedback: '', card: '' },
  ...{ reviewed: '', verdict: '', doubt: '' },
};

interface Named {
  id: string | number;
  name: string;
}

/** The search box, and the filters behind a button that says how many are set. */
export function FilterBar({
  filters,
  clientId,
  onFilters,
}: {
  filters: Filters;
  clientId: string | null;
  onFilters(filters: Filters): void;
}) {
  const [q, setQ] = useState(filters.q);
  useEffect(() => setQ(filters.q), [filters.q]);
  const set = countOf(filters);
  const [isOpen, setOpen] = useState(set > 0);
  const change = (changed: Partial<Filters>) => onFilters({ ...filters, q, ...changed });
  return (
    <search class="card ix-filter-card">
      <form
        class="ix-search-row"
        onSubmit={(event) => {
          event.preventDefault();
          change({});
        }}
      >
        <TextField
          label={t('search.label')}
          hint={t('search.hint')}
          type="search"
          value={q}
          onValue={setQ}
          maxLength={200}
        />
        <div class="actions">
          <Button type="submit" kind="primary">
            {t('search.submit')}
          </Button>
          <Button aria-expanded={isOpen} aria-controls="filtros" onClick={() => setOpen(!isOpen)}>
            {t('filters.show', { n: set })}
          </Button>
          {set > 0 || filters.q !== '' ? (
            <Button kind="quiet" onClick={() => onFilters({ ...NONE, q: '' })}>
              {t('filters.clear')}
            </Button>
          ) : null}
        </div>
      </form>
      <fieldset id="filtros" hidden={!isOpen} class="ix-filter-grid">
        <legend class="sr-only">{t('filters.title')}</legend>
        <TextField label={t('filter.from')} type="date" value={filters.from} onValue={(from) => change({ from })} />
        <TextField label={t('filter.to')} type="date" value={filters.to} onValue={(to) => change({ to })} />
        <Choices filters={filters} change={change} />
        {clientId !== null && can('clients.read', clientId) ? (
          <OfClient clientId={clientId} filters={filters} change={change} />
        ) : (
          <p class="hint">{t('filter.client')}</p>
        )}
      </fieldset>
    </search>
  );
}

function Choices({ filters, change }: { filters: Filters; change(changed: Partial<Filters>): void }) {
  const providers = useLoad(can('clients.read') ? 'providers' : null, (signal) =>
    get<{ items: { address: string; kind: string; title: string }[] }>('/api/v1/providers', undefined, signal),
  );
  const stt = (providers.data?.items ?? []).filter(({ kind }) => kind === 'stt');
  const any = { value: '', label: t('filter.any') };
  return (
    <>
      <SelectField
        label={t('filter.card')}
        value={filters.card}
        onValue={(card) => change({ card })}
        options={[any, ...(['true', 'false'] as const).map((value) => ({ value, label: t(`filter.card.${value}`) }))]}
      />
      <SelectField
        label={t('filter.reviewed')}
        value={filters.reviewed}
        onValue={(reviewed) => change({ reviewed })}
        options={[
          any,
          ...(['true', 'false'] as const).map((value) => ({ value, label: t(`filter.reviewed.${value}`) })),
        ]}
      />
      <SelectField
        label={t('filter.verdict')}
        value={filters.verdict}
        onValue={(verdict) => change({ verdict })}
        options={[any, ...VERDICTS.map((value) => ({ value, label: t(`verdict.${value}`) }))]}
      />
      <SelectField
        label={t('filter.feedback')}
        value={filters.feedback}
        onValue={(feedback) => change({ feedback })}
        options={[any, ...FEEDBACK.map((value) => ({ value, label: t(`feedback.${value}`) }))]}
      />
      <SelectField
        label={t('filter.type')}
        value={filters.type}
        onValue={(type) => change({ type })}
        options={[any, ...TYPES.map((value) => ({ value, label: t(`type.${value}`) }))]}
      />
      <SelectField
        label={t('filter.doubt')}
        value={filters.doubt}
        onValue={(doubt) => change({ doubt })}
        options={[any, ...DOUBTS.map((value) => ({ value, label: t(`filter.doubt.${value}`) }))]}
      />
      <SelectField
        label={t('filter.provider')}
        value={filters.provider}
        onValue={(provider) => change({ provider })}
        options={[
          any,
          ...known(
            filters.provider,
            stt.map(({ address, title }) => ({ id: address, name: title })),
          ),
        ]}
      />
    </>
  );
}

function OfClient({
  clientId,
  filters,
  change,
}: {
  clientId: string;
  filters: Filters;
  change(changed: Partial<Filters>): void;
}) {
  const read = (what: string) => (signal: AbortSignal) =>
    get<{ items: Named[] }>(`/api/v1/clients/${clientId}/${what}`, { limit: 500 }, signal);
  const counters = useLoad(`counters ${clientId}`, read('counters'));
  const employees = useLoad(`employees ${clientId}`, read('employees'));
  const any = { value: '', label: t('filter.any') };
  return (
    <>
      <SelectField
        label={t('filter.counter')}
        value={filters.counterId}
        onValue={(counterId) => change({ counterId })}
        options={[any, ...known(filters.counterId, counters.data?.items ?? [])]}
      />
      <SelectField
        label={t('filter.employee')}
        value={filters.employeeId}
        onValue={(employeeId) => change({ employeeId })}
        options={[any, ...known(filters.employeeId, employees.data?.items ?? [])]}
      />
    </>
  );
}

/** The options, with the one that is set even while nobody knows its name. */
function known(set: string, items: readonly Named[]): { value: string; label: string }[] {
  const options = items.map(({ id, name }) => ({ value: String(id), label: name }));
  return set === '' || options.some(({ value }) => value === set) ? options : [{ value: set, label: set }, ...options];
}
