import { useEffect, useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { formatAgo } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { can } from '../../lib/session.ts';
import { counters as t } from '../../messages/counters.ts';
import { shell } from '../../messages/shell.ts';
import { AskWhy } from '../../ui/ask-why.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, Load, tell } from '../../ui/feedback.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { OneClient } from '../../ui/one-client.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { CounterDialog } from './counter-dialog.tsx';
import { PairCode } from './pair-code.tsx';
import { type Counter, type CounterStatus, etagOf, STATUS_TONES } from './types.ts';
import './counters.css';

const STATUSES = ['active', 'pending', 'suspended', 'revoked'] as const;
/** A device that is being paired is seen without a reload. */
const LOOK_MS = 5000;
const PAGE = 100;

export default function CountersPage() {
  return (
    <Page title={shell('page.counters')} lead={t('lead')}>
      <OneClient>{(clientId) => <Counters key={clientId} clientId={clientId} />}</OneClient>
    </Page>
  );
}

interface Listed {
  items: Counter[];
  next: string | null;
}

function Counters({ clientId }: { clientId: string }) {
  const [text, setText] = useState('');
  const [status, setStatus] = useState<CounterStatus | ''>('');
  const [limit, setLimit] = useState(PAGE);
  const [open, setOpen] = useState<Counter | null>(null);
  const [approving, setApproving] = useState<Counter | null>(null);
  const url = `/api/v1/clients/${clientId}/counters`;
  const list = useLoad(`${url} ${text} ${status} ${limit}`, (signal) =>
    get<Listed>(url, { q: text.trim(), status, limit: Math.min(limit, 500) }, signal),
  );
  useEffect(() => {
    const timer = setInterval(list.reload, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const changed = (counter: Counter) => {
    setOpen((before) => (before?.id === counter.id ? counter : before));
    if (!list.data) return;
    list.set({ ...list.data, items: list.data.items.map((each) => (each.id === counter.id ? counter : each)) });
  };
  const approval = useAction(async (counter: Counter, why: string) => {
    const options = { etag: etagOf(counter) };
    changed(await send<Counter>('POST', `/api/v1/counters/${counter.id}/approve`, { why }, options));
    setApproving(null);
    tell(t('done.approve'));
  });
  const isFiltered = text !== '' || status !== '';
  return (
    <>
      {can('clients.write', clientId) ? (
        <Card title={t('pair.title')}>
          <PairCode clientId={clientId} />
        </Card>
      ) : null}
      <Card title={t('list.title')}>
        <div class="filters">
          <TextField label={t('list.search')} type="search" value={text} onValue={setText} maxLength={100} />
          <SelectField<CounterStatus | ''>
            label={t('list.status')}
            value={status}
            onValue={setStatus}
            options={[
              { value: '', label: t('list.status.all') },
              ...STATUSES.map((value) => ({ value, label: t(`status.${value}`) })),
            ]}
          />
        </div>
        <Load
          of={list}
          isEmpty={({ items }) => items.length === 0}
          empty={
            <Empty title={isFiltered ? shell('state.empty') : t('list.empty')}>
              {isFiltered ? null : <p>{t('list.empty.text')}</p>}
            </Empty>
          }
        >
          {({ items, next }) => (
            <Table
              caption={t('list.title')}
              rows={items}
              keyOf={({ id }) => id}
              onMore={next === null || limit >= 500 ? undefined : () => setLimit(limit + PAGE)}
              isLoadingMore={list.isLoading && limit > PAGE}
              columns={[
                { key: 'name', label: t('col.name'), show: ({ name }) => name },
                {
                  key: 'status',
                  label: t('col.status'),
                  show: (each) => <Badge tone={STATUS_TONES[each.status]}>{t(`status.${each.status}`)}</Badge>,
                },
                {
                  key: 'seen',
                  label: t('col.seen'),
                  isExtra: true,
                  show: ({ seenAt }) => (seenAt ? formatAgo(seenAt) : t('seen.never')),
                },
                { key: 'key', label: t('col.key'), isExtra: true, show: ({ keyPrefix }) => <code>{keyPrefix}…</code> },
                { key: 'tags', label: t('col.tags'), isExtra: true, show: ({ tags }) => tags.join(', ') || '–' },
                {
                  key: 'actions',
                  label: t('col.actions'),
                  show: (counter) => (
                    <div class="row-actions">
                      {counter.status === 'pending' && can('counters.write', clientId) ? (
                        <Button isSmall kind="primary" onClick={() => setApproving(counter)}>
                          {t('act.approve')}
                        </Button>
                      ) : null}
                      <Button isSmall onClick={() => setOpen(counter)}>
                        {t('act.manage')}
                      </Button>
                    </div>
                  ),
                },
              ]}
            />
          )}
        </Load>
      </Card>
      {open ? <CounterDialog counter={open} onChanged={changed} onClose={() => setOpen(null)} /> : null}
      {approving ? (
        <AskWhy
          title={t('act.approve')}
          confirmLabel={t('act.approve')}
          isBusy={approval.isBusy}
          error={approval.error}
          onConfirm={(why) => void approval.run(approving, why)}
          onClose={() => setApproving(null)}
        >
          <p>{t('about.approve')}</p>
        </AskWhy>
      ) : null}
    </>
  );
}
