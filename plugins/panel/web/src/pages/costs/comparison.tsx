import { formatAmount } from '../../lib/amount.ts';
import { get } from '../../lib/api.ts';
import { formatDuration, formatMoment, formatNumber, formatShare } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { costs as t } from '../../messages/costs.ts';
import { Bars } from '../../ui/bars.tsx';
import { Empty, Load, Notice } from '../../ui/feedback.tsx';
import { Card, Stat } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { nameOf } from '../providers/names.ts';
import type { ProviderInfo } from '../providers/types.ts';
import { nextDay } from './days.ts';
import type { Period } from './spending.tsx';
import type { ComparedAnswer } from './types.ts';

/** Providers side by side, and what routing saved against the dearest candidate it had. */
export function Comparison({
  clientId,
  period: { from, to },
  all,
}: {
  clientId: string | null;
  period: Period;
  all: readonly ProviderInfo[];
}) {
  const compared = useLoad(`compared ${clientId} ${from} ${to}`, (signal) =>
    get<ComparedAnswer>(
      '/api/v1/figures/providers',
      { clientId, from: `${from}T00:00:00-03:00`, to: `${nextDay(to)}T00:00:00-03:00` },
      signal,
    ),
  );
  return (
    <Card title={t('compared.title')}>
      <p class="hint">{t('compared.lead')}</p>
      <Load
        of={compared}
        lines={5}
        isEmpty={({ utterances }) => utterances === 0}
        empty={
          <Empty title={t('compared.none')}>
            <p>{t('compared.none.text')}</p>
          </Empty>
        }
      >
        {(answer) => <Compared answer={answer} all={all} />}
      </Load>
    </Card>
  );
}

function Compared({ answer, all }: { answer: ComparedAnswer; all: readonly ProviderInfo[] }) {
  const { providers, saving, isAll, since, utterances } = answer;
  const priced = providers.filter(({ perMinute }) => perMinute !== null);
  return (
    <>
      {isAll ? null : (
        <Notice tone="warn">
          <p>{t('compared.part', { n: utterances, since: formatMoment(since) })}</p>
        </Notice>
      )}
      <div class="stats">
        <Stat
          label={t('saving.saved')}
          value={formatAmount(saving.saved)}
          note={t('saving.saved.note', {
            chosen: formatAmount(saving.chosen),
            dearest: formatAmount(saving.dearest),
          })}
        />
        <Stat
          label={t('saving.of')}
          value={formatNumber(saving.utterances)}
          note={t('saving.of.note', { share: formatShare(saving.known, 0), all: formatNumber(utterances) })}
        />
      </div>
      <p class="hint">{t('saving.definition')}</p>
      {priced.length > 0 ? (
        <>
          <h3>{t('compared.perMinute')}</h3>
          <Bars
            label={t('compared.perMinute')}
            items={priced.map(({ address, perMinute }) => ({
              key: address ?? '',
              label: nameOf(all, address),
              value: perMinute?.microUsd ?? 0,
              shown: formatAmount(perMinute),
            }))}
          />
        </>
      ) : null}
      <Table
        caption={t('compared.title')}
        rows={providers}
        keyOf={({ address }) => address ?? ''}
        columns={[
          { key: 'who', label: t('compared.who'), show: ({ address }) => nameOf(all, address) },
          {
            key: 'share',
            label: t('compared.share'),
            isNumber: true,
            show: (row) => t('compared.shareOf', { share: formatShare(row.share), n: formatNumber(row.utterances) }),
          },
          { key: 'minute', label: t('compared.minute'), isNumber: true, show: (row) => formatAmount(row.perMinute) },
          { key: 'p50', label: t('compared.p50'), isNumber: true, show: (row) => formatDuration(row.latencyMs?.p50) },
          { key: 'p95', label: t('compared.p95'), isNumber: true, show: (row) => formatDuration(row.latencyMs?.p95) },
          {
            key: 'wer',
            label: t('compared.wer'),
            isNumber: true,
            show: ({ shadow }) =>
              shadow ? t('compared.of', { rate: formatShare(shadow.rate), n: formatNumber(shadow.utterances) }) : '–',
          },
          {
            key: 'accepted',
            label: t('compared.accepted'),
            isNumber: true,
            show: ({ acceptance }) =>
              acceptance
                ? t('compared.of', { rate: formatShare(acceptance.rate), n: formatNumber(acceptance.of) })
                : '–',
          },
        ]}
      />
      <details>
        <summary>{t('compared.definitions')}</summary>
        <ul class="costs-definitions">
          {(['share', 'minute', 'latency', 'wer', 'accepted'] as const).map((each) => (
            <li key={each}>{t(`compared.define.${each}`)}</li>
          ))}
        </ul>
      </details>
    </>
  );
}
