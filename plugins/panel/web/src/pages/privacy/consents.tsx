import { useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { formatMoment } from '../../lib/format.ts';
import { useList } from '../../lib/list.ts';
import { useLoad } from '../../lib/load.ts';
import { actorText, usePeople } from '../../lib/people.ts';
import { privacy as t } from '../../messages/privacy.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Empty, Failure, Load } from '../../ui/feedback.tsx';
import { Card } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import type { Employee } from './types.ts';

interface Consent {
  event: string;
  at: string;
  author: string;
  basis: string | null;
  textVersion: string | null;
}

/** Whose voice may be compared, and what everybody agreed to. */
export function Consents({ path }: { path: string }) {
  usePeople();
  const people = useList<Employee>(`${path}/employees`);
  const [seen, setSeen] = useState<Employee | null>(null);
  return (
    <Card title={t('consent.title')}>
      <p class="hint">{t('consent.text')}</p>
      {people.error ? <Failure error={people.error} /> : null}
      <Load of={people.of} isEmpty={({ items }) => items.length === 0} empty={<Empty title={t('consent.none')} />}>
        {({ items }) => (
          <Table
            caption={t('consent.title')}
            rows={items}
            keyOf={({ id }) => String(id)}
            columns={columns(setSeen)}
            onMore={people.more}
            isLoadingMore={people.isLoadingMore}
          />
        )}
      </Load>
      {seen ? <Record path={path} of={seen} onClose={() => setSeen(null)} /> : null}
    </Card>
  );
}

function columns(see: (employee: Employee) => void): Column<Employee>[] {
  return [
    { key: 'name', label: t('consent.name'), show: ({ name }) => name },
    { key: 'voice', label: t('consent.voice'), show: ({ voice }) => t.of(`voice.${voice.state}`, voice.state) },
    {
      key: 'consent',
      label: t('consent.consent'),
      show: ({ consent }) => (
        <Badge tone={consent === 'confirmado' ? 'good' : consent === 'a_confirmar' ? 'warn' : 'plain'}>
          {t.of(`consent.${consent}`, consent)}
        </Badge>
      ),
    },
    {
      key: 'see',
      label: t('consent.action'),
      show: (employee) => (
        <Button
          isSmall
          kind="quiet"
          aria-label={t('consent.seeOf', { name: employee.name })}
          onClick={() => see(employee)}
        >
          {t('consent.see')}
        </Button>
      ),
    },
  ];
}

function Record({ path, of: { id, name }, onClose }: { path: string; of: Employee; onClose(): void }) {
  const url = `${path}/employees/${id}/consent`;
  const record = useLoad(url, (signal) => get<{ consents: Consent[] }>(url, undefined, signal));
  return (
    <Dialog title={t('consent.record', { name })} onClose={onClose} isWide>
      <Load
        of={record}
        isEmpty={({ consents }) => consents.length === 0}
        empty={<p class="hint">{t('consent.record.none')}</p>}
      >
        {({ consents }) => (
          <Table caption={t('consent.record', { name })} rows={consents} keyOf={({ at }) => at} columns={EVENTS} />
        )}
      </Load>
    </Dialog>
  );
}

const EVENTS: Column<Consent>[] = [
  { key: 'at', label: t('event.at'), show: ({ at }) => formatMoment(at) },
  {
    key: 'event',
    label: t('event.what'),
    show: ({ event }) => t.of(`consent.${event}`, t.of(`event.${event}`, event)),
  },
  { key: 'basis', label: t('event.basis'), show: ({ basis }) => (basis ? t.of(`basis.${basis}`, basis) : '–') },
  { key: 'text', label: t('event.text'), show: ({ textVersion }) => textVersion ?? '–' },
  { key: 'by', label: t('event.by'), show: ({ author }) => actorText(author) },
];
