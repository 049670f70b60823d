import { formatDuration, formatMoment, formatNumber } from '../../lib/format.ts';
import { providers as t } from '../../messages/providers.ts';
import { Badge } from '../../ui/badge.tsx';
import { Empty, Notice } from '../../ui/feedback.tsx';
import { Table } from '../../ui/table.tsx';
import { nameOf } from './names.ts';
import type { PreviewAnswer, ProviderInfo, Warned } from './types.ts';

/** What a switch would have done with the last utterances. */
export function PreviewResult({ all, preview }: { all: readonly ProviderInfo[]; preview: PreviewAnswer }) {
  const { errors, warnings, utterances, providers, changed } = preview;
  return (
    <div class="providers-preview">
      <Warnings errors={errors} warnings={warnings} />
      {errors.length > 0 ? null : utterances.length === 0 ? (
        <Empty title={t('preview.none')}>
          <p>{t('preview.none.text')}</p>
        </Empty>
      ) : (
        <>
          <p>
            <strong>{t('preview.changed', { n: changed, of: formatNumber(utterances.length) })}</strong>{' '}
            {t('preview.how')}
          </p>
          <Table
            caption={t('preview.counts')}
            rows={providers}
            keyOf={({ address }) => address ?? ''}
            columns={[
              { key: 'who', label: t('preview.who'), show: ({ address }) => nameOf(all, address) },
              {
                key: 'happened',
                label: t('preview.happened'),
                isNumber: true,
                show: (row) => formatNumber(row.happened),
              },
              { key: 'now', label: t('preview.now'), isNumber: true, show: (row) => formatNumber(row.now) },
              { key: 'draft', label: t('preview.draft'), isNumber: true, show: (row) => formatNumber(row.draft) },
            ]}
          />
          <details>
            <summary>{t('preview.each')}</summary>
            <Table
              caption={t('preview.each')}
              rows={utterances}
              keyOf={({ id }) => String(id)}
              columns={[
                { key: 'at', label: t('preview.at'), show: ({ at }) => formatMoment(at) },
                {
                  key: 'ms',
                  label: t('preview.duration'),
                  isNumber: true,
                  show: (row) => formatDuration(row.durationMs),
                },
                {
                  key: 'snr',
                  label: t('preview.snr'),
                  isNumber: true,
                  isExtra: true,
                  show: ({ snrDb }) => formatNumber(snrDb, 1),
                },
                { key: 'was', label: t('preview.happened'), show: ({ happened }) => nameOf(all, happened) },
                {
                  key: 'draft',
                  label: t('preview.draft'),
                  show: ({ draft, changed: isOther }) => (
                    <>
                      {nameOf(all, draft)} {isOther ? <Badge tone="info">{t('preview.other')}</Badge> : null}
                    </>
                  ),
                },
                {
                  key: 'out',
                  label: t('preview.rejected'),
                  isExtra: true,
                  show: ({ decision }) =>
                    decision.rejected.map(({ address, reason }) => `${nameOf(all, address)}: ${reason}`).join('; ') ||
                    '–',
                },
              ]}
            />
          </details>
        </>
      )}
    </div>
  );
}

/** What the server found wrong, and what only looks wrong. */
export function Warnings({ errors, warnings }: { errors: readonly Warned[]; warnings: readonly Warned[] }) {
  return (
    <>
      {errors.map(({ field, message }) => (
        <Notice key={field + message} tone="bad" title={t('preview.refused')}>
          <p>{message}</p>
        </Notice>
      ))}
      {warnings.map(({ field, message }) => (
        <Notice key={field + message} tone="warn">
          <p>{message}</p>
        </Notice>
      ))}
    </>
  );
}
