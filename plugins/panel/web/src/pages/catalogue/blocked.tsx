import { useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { formatAgo, formatNumber } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { Bars } from '../../ui/bars.tsx';
import { Empty, Load } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import type { Blocked } from './types.ts';

const DAYS = ['1', '7', '30'] as const;
type Days = (typeof DAYS)[number];

/** What the rules kept from the counter lately. */
export function BlockedList({ clientId }: { clientId: string }) {
  const [days, setDays] = useState<Days>('7');
  const path = `/api/v1/clients/${encodeURIComponent(clientId)}/otc/blocked`;
  const blocked = useLoad(`${path} ${days}`, (signal) => get<Blocked>(path, { days }, signal));
  return (
    <>
      <p class="hint">{t('blocked.text')}</p>
      <div class="filters">
        <SelectField<Days>
          label={t('blocked.days')}
          value={days}
          onValue={setDays}
          options={DAYS.map((value) => ({ value, label: t(`blocked.days.${value}`) }))}
        />
      </div>
      <Load
        of={blocked}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty title={t('blocked.none')}>
            <p>{t('blocked.none.text', { n: blocked.data?.looked ?? 0 })}</p>
          </Empty>
        }
      >
        {({ items, rules, looked }) => (
          <>
            <Card title={t('blocked.byRule')}>
              <Bars
                label={t('blocked.byRule')}
                items={rules.map(({ rule, times }) => ({
                  key: rule,
                  label: t.of(`rule.${rule}`, rule),
                  value: times,
                  shown: formatNumber(times),
                }))}
              />
            </Card>
            <Card title={t('blocked.byProduct')}>
              <Table
                caption={t('blocked.byProduct')}
                rows={items}
                keyOf={({ rule, ruleId, name }) => `${rule} ${ruleId} ${name}`}
                columns={COLUMNS}
              />
              <p class="hint">{t('blocked.looked', { n: looked })}</p>
            </Card>
          </>
        )}
      </Load>
    </>
  );
}

const COLUMNS: Column<Blocked['items'][number]>[] = [
  { key: 'name', label: t('blocked.product'), show: ({ name }) => name ?? t('blocked.unnamed') },
  { key: 'rule', label: t('blocked.reason'), show: ({ rule }) => t.of(`rule.${rule}`, rule) },
  {
    key: 'ruleId',
    label: t('blocked.rule'),
    show: ({ ruleId }) => (ruleId ? <code>{ruleId}</code> : '–'),
    isExtra: true,
  },
  { key: 'times', label: t('blocked.times'), show: ({ times }) => formatNumber(times), isNumber: true },
  {
    key: 'last',
    label: t('blocked.last'),
    show: ({ lastAt, lastInteraction }) => <a href={`/admin/interacoes/${lastInteraction}`}>{formatAgo(lastAt)}</a>,
    isExtra: true,
  },
];
