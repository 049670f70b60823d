import { useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { formatMoment, isoDay } from '../../lib/format.ts';
import { useList } from '../../lib/list.ts';
import { useLoad } from '../../lib/load.ts';
import { actorText, people, usePeople } from '../../lib/people.ts';
import { canEverywhere, chosenClient, clientName, me } from '../../lib/session.ts';
import { audit as t } from '../../messages/audit.ts';
import { shell } from '../../messages/shell.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Empty, Failure, Load } from '../../ui/feedback.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { OneClient } from '../../ui/one-client.tsx';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Chain } from './chain.tsx';
import { didText, targetText } from './names.ts';
import './audit.css';

interface Row {
  seq: number;
  at: string;
  actor: string;
  action: string;
  target: string;
  clientId: string | null;
  why: string | null;
  before: unknown;
  after: unknown;
  address: string | null;
  hash: string;
}

const NO_FILTER = { actor: '', action: '', target: '', from: '', to: '' };
type Filter = typeof NO_FILTER;

/** What rows may be about; as the server names them. */
const ABOUT = [
  ...(['client', 'counter', 'config', 'credential', 'user', 'session', 'token', 'product', 'catalogue'] as const),
  ...(['interactions', 'reviews', 'review', 'audio', 'lgpd', 'basis', 'employee', 'voice', 'shift'] as const),
  ...(['alert', 'costs', 'backup', 'keys', 'audit', 'database'] as const),
];

export default function AuditPage() {
  const isForAll = canEverywhere('audit.read');
  return (
    <Page title={shell('page.audit')} lead={t('lead')}>
      <Chain />
      {isForAll ? <Rows clientId={chosenClient.value} /> : <OneClient>{(id) => <Rows clientId={id} />}</OneClient>}
    </Page>
  );
}

function Rows({ clientId }: { clientId: string | null }) {
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [shown, setShown] = useState<Row | null>(null);
  const counters = useCounters(clientId);
  usePeople();
  const rows = useList<Row>('/api/v1/audit', {
    clientId,
    actor: filter.actor,
    action: filter.action,
    target: filter.target.trim(),
    from: filter.from,
    to: filter.to === '' ? '' : dayAfter(filter.to),
  });
  return (
    <Card>
      <Filters of={filter} onChange={setFilter} />
      {rows.error ? <Failure error={rows.error} /> : null}
      <Load
        of={rows.of}
        lines={8}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty title={t('none')}>
            <p>{t('none.text')}</p>
          </Empty>
        }
      >
        {({ items }) => (
          <Table
            caption={t('caption')}
            rows={items}
            keyOf={({ seq }) => String(seq)}
            columns={columns(setShown, counters)}
            onMore={rows.more}
            isLoadingMore={rows.isLoadingMore}
          />
        )}
      </Load>
      {shown ? <Detail row={shown} onClose={() => setShown(null)} /> : null}
    </Card>
  );
}

function Filters({ of, onChange }: { of: Filter; onChange(filter: Filter): void }) {
  const put = (name: keyof Filter) => (value: string) => onChange({ ...of, [name]: value });
  const actions = [
    { value: '', label: t('filter.action.all') },
    ...ABOUT.map((about) => ({ value: about as string, label: t(`action.${about}`) })),
  ];
  const own = me.value ? [me.value.id] : [];
  const ids = [...new Set([...people.value.keys(), ...own])].map((id) => `admin:${id}`);
  const actors = [
    { value: '', label: t('filter.actor.all') },
    ...[...ids, 'cli', 'system', 'anonymous'].map((value) => ({ value, label: actorText(value) })),
  ];
  return (
    <div class="filters audit-filters">
      <SelectField label={t('filter.action')} value={of.action} onValue={put('action')} options={actions} />
      <SelectField label={t('filter.actor')} value={of.actor} onValue={put('actor')} options={actors} />
      <TextField
        label={t('filter.target')}
        placeholder={t('filter.target.hint')}
        value={of.target}
        onValue={put('target')}
        maxLength={200}
      />
      <TextField label={t('filter.from')} type="date" value={of.from} onValue={put('from')} />
      <TextField label={t('filter.to')} type="date" value={of.to} onValue={put('to')} />
      <Button
        kind="quiet"
        onClick={() => onChange(NO_FILTER)}
        disabled={Object.values(of).every((each) => each === '')}
      >
        {t('filter.clear')}
      </Button>
    </div>
  );
}

function columns(show: (row: Row) => void, counters: ReadonlyMap<string, string>): Column<Row>[] {
  return [
    { key: 'at', label: t('column.at'), show: ({ at }) => formatMoment(at) },
    { key: 'actor', label: t('column.actor'), show: ({ actor }) => actorText(actor) },
    { key: 'action', label: t('column.action'), show: ({ action }) => didText(action) },
    { key: 'target', label: t('column.target'), show: ({ target }) => targetText(target, counters), isExtra: true },
    { key: 'why', label: t('column.why'), show: ({ why }) => why ?? '–', isExtra: true },
    {
      key: 'detail',
      label: t('column.detail'),
      show: (row) => (
        <Button isSmall kind="quiet" aria-label={t('detail.of', { seq: String(row.seq) })} onClick={() => show(row)}>
          {t('detail')}
        </Button>
      ),
    },
  ];
}

function Detail({ row, onClose }: { row: Row; onClose(): void }) {
  const sides = (['before', 'after'] as const).filter((side) => row[side] !== null);
  return (
    <Dialog title={t('detail.title', { seq: String(row.seq) })} onClose={onClose} isWide>
      <Facts
        of={[
          [t('column.at'), formatMoment(row.at)],
          [t('column.actor'), row.actor],
          [t('column.action'), row.action],
          [t('column.target'), row.target],
          [t('column.why'), row.why ?? '–'],
          [t('detail.client'), row.clientId === null ? '–' : clientName(row.clientId)],
          [t('detail.address'), row.address ?? '–'],
        ]}
      />
      {sides.length === 0 ? <p class="hint">{t('detail.nothing')}</p> : null}
      {sides.map((side) => (
        <section key={side} class="audit-side">
          <h3>{t(`detail.${side}`)}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <pre tabIndex={0}>{JSON.stringify(row[side], null, 2)}</pre>
        </section>
      ))}
      <p class="hint">
        {t('detail.hash')}: <code>{row.hash}</code>
      </p>
    </Dialog>
  );
}

/** Names of the counters that may be seen. */
function useCounters(clientId: string | null): ReadonlyMap<string, string> {
  const counters = useLoad(`counters ${clientId}`, (signal) =>
    get<{ items: { id: string; name: string }[] }>('/api/v1/counters', { clientId, limit: 500, kind: 'all' }, signal),
  );
  return new Map((counters.data?.items ?? []).map(({ id, name }) => [id, name] as const));
}

/** The filter's last day is meant whole. */
function dayAfter(day: string): string {
  const noon = new Date(`${day}T12:00:00-03:00`);
  return Number.isNaN(noon.getTime()) ? '' : isoDay(noon.getTime() + 86_400_000);
}
