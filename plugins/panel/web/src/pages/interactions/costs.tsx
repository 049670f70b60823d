import { formatDate, formatMicroUsd, formatNumber, formatReais } from '../../lib/format.ts';
import { interactions as t } from '../../messages/interactions.ts';
import { Card, Stat } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import type { Cost, Detailed } from './types.ts';

/** What it cost, line by line; in reais only at the rate that the server gives. */
export function Costs({ row: { costs, exchange } }: { row: Detailed }) {
  const total = costs.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0);
  const dollars = formatMicroUsd(total);
  const rate = exchange && formatReais(exchange.brlPerUsd, 4);
  return (
    <Card title={t('cost.title')}>
      {costs.length === 0 ? (
        <p>{t('cost.none')}</p>
      ) : (
        <>
          <Stat
            label={t('cost.total')}
            value={exchange ? formatReais((total / 1e6) * exchange.brlPerUsd, 4) : dollars}
            note={exchange ? dollars : null}
          />
          <Table
            caption={t('cost.title')}
            rows={costs.map((cost, index) => ({ cost, index }))}
            keyOf={({ index }) => String(index)}
            columns={[
              {
                key: 'who',
                label: t('cost.who'),
                show: ({ cost }) => (
                  <>
                    <code>{cost.provider}</code>
                    <div class="hint">{quantityOf(cost)}</div>
                  </>
                ),
              },
              {
                key: 'what',
                label: t('cost.what'),
                show: ({ cost }) => t.of(`purpose.${cost.purpose}`, cost.purpose),
              },
              {
                key: 'price',
                label: t('cost.price'),
                isNumber: true,
                show: ({ cost }) => formatMicroUsd(cost.costMicroUsd),
              },
            ]}
          />
          {exchange && rate ? (
            <p class="hint">
              {exchange.from === null
                ? t('cost.rate.set', { rate })
                : t('cost.rate', { rate, from: formatDate(`${exchange.from}T12:00:00Z`) })}
            </p>
          ) : null}
        </>
      )}
    </Card>
  );
}

const UNITS = ['second', 'character', 'token', 'request'] as const;

function quantityOf({ unit, quantity }: Cost): string {
  const n = formatNumber(quantity, 1);
  const known = UNITS.find((each) => each === unit);
  return known ? t(`unit.${known}`, { n }) : `${n} ${unit}`;
}
