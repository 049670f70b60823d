import { useMemo, useState } from 'preact/hooks';
import { formatAmount, formatBoth } from '../../lib/amount.ts';
import { get } from '../../lib/api.ts';
import { formatMicroUsd, formatNumber, formatReais, formatShare } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { costs as t } from '../../messages/costs.ts';
import { Bars } from '../../ui/bars.tsx';
import { Chart } from '../../ui/chart.tsx';
import { Empty, Load } from '../../ui/feedback.tsx';
import { Card, Stat } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { nameOf } from '../providers/names.ts';
import type { ProviderInfo } from '../providers/types.ts';
import { costOfDays, daysBetween, noonOf, showDay } from './days.ts';
import type { CostLine, CostsAnswer } from './types.ts';

type Group = 'provider' | 'counter' | 'client' | 'day';

export interface Period {
  from: string;
  to: string;
}

/** Everything a period cost, day by day and by who caused it. */
export function Spending({
  clientId,
  period,
  all,
}: {
  clientId: string | null;
  period: Period;
  all: readonly ProviderInfo[];
}) {
  const [group, setGroup] = useState<Group>('provider');
  const query = { client: clientId, ...period, limit: 500 };
  const key = `${clientId} ${period.from} ${period.to}`;
  const days = useLoad(`day ${key}`, (signal) => get<CostsAnswer>('/api/v1/costs', { ...query, by: 'day' }, signal));
  const groups: Group[] = ['provider', 'counter', ...(clientId === null ? (['client'] as const) : []), 'day'];
  return (
    <Card title={t('spending.title')}>
      <Load of={days} isEmpty={({ items }) => items.length === 0} empty={<Nothing />} lines={5}>
        {(answer) => (
          <>
            <Total answer={answer} />
            <Daily answer={answer} />
            <Tabs<Group>
              label={t('spending.by')}
              tabs={groups.map((each) => ({ key: each, label: t(`by.${each}`) }))}
              current={group}
              onChange={setGroup}
            >
              {group === 'day' ? (
                <Lines lines={answer.items} group="day" all={all} total={answer.total.cost.microUsd} hasMore={false} />
              ) : (
                <Grouped key={group} {...{ group, query, all }} name={`${group} ${key}`} />
              )}
            </Tabs>
          </>
        )}
      </Load>
    </Card>
  );
}

function Nothing() {
  return (
    <Empty title={t('spending.none')}>
      <p>{t('spending.none.text')}</p>
    </Empty>
  );
}

function Total({ answer: { total } }: { answer: CostsAnswer }) {
  return (
    <div class="stats">
      <Stat label={t('total.cost')} value={formatAmount(total.cost)} note={formatMicroUsd(total.cost.microUsd)} />
      <Stat
        label={t('total.audio')}
        value={t('total.minutes', { minutes: formatNumber(total.audioSeconds / 60, 1) })}
        note={t('total.audio.note')}
      />
      <Stat label={t('total.hedge')} value={formatAmount(total.hedge)} note={t('total.hedge.note')} />
      <Stat label={t('total.shadow')} value={formatAmount(total.shadow)} note={t('total.shadow.note')} />
    </div>
  );
}

const showReais = (value: number) => formatReais(value);
const showDollars = (value: number) => formatMicroUsd(value * 1e6);

function Daily({ answer: { items, from, to, total } }: { answer: CostsAnswer }) {
  const days = useMemo(() => daysBetween(from, to), [from, to]);
  const times = useMemo(() => days.map(noonOf), [days]);
  const series = useMemo(
    () => [{ label: t('chart.cost'), color: '--series-1', values: costOfDays(days, items) }],
    [days, items],
  );
  return (
    <Chart
      label={t('chart.label')}
      times={times}
      series={series}
      format={total.cost.brl === null ? showDollars : showReais}
    />
  );
}

function Grouped({
  group,
  query,
  name,
  all,
}: {
  group: Exclude<Group, 'day'>;
  query: Record<string, string | number | null>;
  name: string;
  all: readonly ProviderInfo[];
}) {
  const loaded = useLoad(name, (signal) => get<CostsAnswer>('/api/v1/costs', { ...query, by: group }, signal));
  return (
    <Load of={loaded} isEmpty={({ items }) => items.length === 0} empty={<Nothing />}>
      {({ items, total, next }) => (
        <Lines lines={items} group={group} all={all} total={total.cost.microUsd} hasMore={next !== null} />
      )}
    </Load>
  );
}

const CHARTED = 8;

function Lines({
  lines,
  group,
  all,
  total,
  hasMore,
}: {
  lines: readonly CostLine[];
  group: Group;
  all: readonly ProviderInfo[];
  total: number;
  hasMore: boolean;
}) {
  const name = ({ key, name }: CostLine) => {
    if (group === 'provider') return nameOf(all, key);
    if (group === 'day') return showDay(key);
    return key === '' ? t('by.none') : (name ?? t('by.gone', { id: key }));
  };
  const dearest = [...lines].sort((a, b) => b.cost.microUsd - a.cost.microUsd);
  const rows = group === 'day' ? lines : dearest;
  const columns: Column<CostLine>[] = [
    { key: 'name', label: t(`by.${group}`), show: name },
    { key: 'cost', label: t('column.cost'), isNumber: true, show: ({ cost }) => formatBoth(cost) },
    { key: 'share', label: t('column.share'), isNumber: true, show: (line) => formatShare(line.cost.microUsd / total) },
    {
      key: 'audio',
      label: t('column.audio'),
      isNumber: true,
      isExtra: true,
      show: ({ audioSeconds }) => formatNumber(audioSeconds / 60, 1),
    },
    {
      key: 'tokens',
      label: t('column.tokens'),
      isNumber: true,
      isExtra: true,
      show: ({ textInTokens, textOutTokens }) => formatNumber(textInTokens + textOutTokens),
    },
  ];
  return (
    <>
      {group === 'day' ? null : (
        <Bars
          label={t('chart.by', { group: t(`by.${group}`) })}
          items={dearest.slice(0, CHARTED).map((line) => ({
            key: line.key,
            label: name(line),
            value: line.cost.microUsd,
            shown: formatAmount(line.cost),
          }))}
        />
      )}
      <Table
        caption={t('table.by', { group: t(`by.${group}`) })}
        columns={columns}
        rows={rows}
        keyOf={({ key }) => key}
      />
      {hasMore ? <p class="hint">{t('table.more')}</p> : null}
    </>
  );
}
