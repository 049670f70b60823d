import { get } from '../../lib/api.ts';
import { formatMoment, formatNumber } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { actorText, usePeople } from '../../lib/people.ts';
import { privacy as t } from '../../messages/privacy.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, Load } from '../../ui/feedback.tsx';
import { Card, Facts } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { storedScopeText } from './scope.ts';
import type { Receipt } from './types.ts';

/** What was handed out or erased. */
export function Receipts({ path, turn, onSee }: { path: string; turn: number; onSee(receipt: Receipt): void }) {
  usePeople();
  const url = `${path}/lgpd/receipts`;
  const receipts = useLoad(`${url} ${turn}`, (signal) => get<{ items: Receipt[] }>(url, undefined, signal));
  return (
    <Card title={t('receipts.title')}>
      <Load of={receipts} isEmpty={({ items }) => items.length === 0} empty={<Empty title={t('receipts.none')} />}>
        {({ items }) => (
          <Table
            caption={t('receipts.title')}
            rows={items}
            keyOf={({ id }) => id}
            columns={[
              { key: 'at', label: t('receipt.at'), show: ({ at }) => formatMoment(at) },
              {
                key: 'action',
                label: t('receipt.action'),
                show: ({ action }) => t.of(`receipt.action.${action}`, action),
              },
              { key: 'scope', label: t('receipt.scope'), show: ({ scope }) => storedScopeText(scope) },
              { key: 'by', label: t('receipt.by'), show: ({ by }) => actorText(by), isExtra: true },
              {
                key: 'see',
                label: t('consent.action'),
                show: (receipt) => (
                  <Button
                    isSmall
                    kind="quiet"
                    aria-label={t('receipt.seeOf', { date: formatMoment(receipt.at) })}
                    onClick={() => onSee(receipt)}
                  >
                    {t('receipt.see')}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Load>
    </Card>
  );
}

/** One receipt, whole: to be read out, printed, or kept. */
export function ReceiptView({ of: receipt }: { of: Receipt }) {
  const counts = Object.entries(receipt.counts).map(([table, rows]) => `${table}: ${formatNumber(rows)}`);
  return (
    <Card
      title={t('receipt.title', { id: receipt.id })}
      actions={<Button onClick={() => print()}>{t('receipt.print')}</Button>}
    >
      <Facts
        of={[
          [t('receipt.action'), t.of(`receipt.action.${receipt.action}`, receipt.action)],
          [t('receipt.at'), formatMoment(receipt.at)],
          [t('receipt.scope'), storedScopeText(receipt.scope)],
          [t('receipt.by'), actorText(receipt.by)],
          [t('receipt.counts'), counts.join(', ') || '0'],
        ]}
      />
      {receipt.unreached.length > 0 ? (
        <section>
          <h3>{t('receipt.unreached')}</h3>
          <ul>
            {receipt.unreached.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </section>
      ) : null}
      <p class="hint">
        {t('receipt.hash')}: <code>{receipt.hash}</code>
      </p>
    </Card>
  );
}
