import { useState } from 'preact/hooks';
import { amountOf, type Exchange, formatAmount } from '../../lib/amount.ts';
import { send } from '../../lib/api.ts';
import { formatDuration, formatMicroUsd, formatNumber, formatShare, isoDay } from '../../lib/format.ts';
import { useAction } from '../../lib/load.ts';
import { routes as t } from '../../messages/routes.ts';
import { Bars } from '../../ui/bars.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, Failure, Notice } from '../../ui/feedback.tsx';
import { TextField } from '../../ui/field.tsx';
import { Card, Stat } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { nameOf } from '../providers/names.ts';
import type { ProviderInfo } from '../providers/types.ts';
import type { Estimated, Rule, Simulated } from './types.ts';

const DAY_MS = 86_400_000;
const MONTH_DAYS = 30;
/** São Paulo's, all year. */
const OFFSET = '-03:00';

/** What these rules would have done with a period's utterances, beside what happened. */
export function Simulate({
  clientId,
  rules,
  all,
  exchange,
  isEdited,
}: {
  clientId: string | null;
  rules: readonly Rule[];
  all: readonly ProviderInfo[];
  exchange: Exchange | null;
  /** The rules differ from those in force. */
  isEdited: boolean;
}) {
  const [from, setFrom] = useState(isoDay(Date.now() - MONTH_DAYS * DAY_MS));
  const [to, setTo] = useState(isoDay());
  const [result, setResult] = useState<Simulated | null>(null);
  const running = useAction(async () => {
    const end = new Date(new Date(`${to}T00:00:00${OFFSET}`).getTime() + DAY_MS);
    setResult(
      await send<Simulated>('POST', '/api/v1/routing/simulate', {
        ...(clientId === null ? {} : { clientId }),
        from: new Date(`${from}T00:00:00${OFFSET}`).toISOString(),
        to: end.toISOString(),
        rules,
      }),
    );
  });
  return (
    <Card title={t('simulate.title')}>
      <p class="hint">{isEdited ? t('simulate.lead.edited') : t('simulate.lead')}</p>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          void running.run();
        }}
      >
        <TextField label={t('simulate.from')} type="date" value={from} onValue={setFrom} />
        <TextField label={t('simulate.to')} type="date" value={to} onValue={setTo} />
        <Button type="submit" kind="primary" isBusy={running.isBusy} disabled={from === '' || to === ''}>
          {t('simulate.run')}
        </Button>
      </form>
      {running.error ? <Failure error={running.error} /> : null}
      {result ? <Result {...{ result, all, exchange }} /> : null}
    </Card>
  );
}

function Result({
  result,
  all,
  exchange,
}: {
  result: Simulated;
  all: readonly ProviderInfo[];
  exchange: Exchange | null;
}) {
  const { happened, draft, utterances, changed, isSample, replayed, happenedAtListPrice } = result;
  if (utterances.value === 0) {
    return (
      <Empty title={t('simulate.none')}>
        <p>{t('simulate.none.text')}</p>
      </Empty>
    );
  }
  const money = (cost: Estimated) => estimate(cost, (value) => formatAmount(amountOf(Math.round(value), exchange)));
  const addresses = [...new Set([...draft.providers, ...happened.providers].map(({ address }) => address))];
  const rows = addresses.map((address) => ({
    address,
    was: happened.providers.find((each) => each.address === address),
    would: draft.providers.find((each) => each.address === address),
  }));
  const sides = [
    { key: 'happened' as const, side: happened },
    { key: 'draft' as const, side: draft },
  ];
  return (
    <div class="routes-simulated" aria-live="polite">
      <Notice tone={isSample ? 'warn' : 'info'}>
        <p>
          {isSample
            ? t('simulate.sample', { n: replayed, all: formatNumber(Math.round(utterances.value)) })
            : t('simulate.all', { n: replayed })}{' '}
          {t('simulate.prices', { version: result.priceVersion })}
        </p>
      </Notice>
      <div class="stats">
        <Stat label={t('simulate.changed')} value={estimate(changed, formatShare)} />
        <Stat
          label={t('simulate.billed')}
          value={money(happened.costMicroUsd)}
          note={t('simulate.billed.note', { usd: formatMicroUsd(happened.costMicroUsd.value) })}
        />
        <Stat
          label={t('simulate.listed')}
          value={money(happenedAtListPrice)}
          note={t('simulate.listed.note', { usd: formatMicroUsd(happenedAtListPrice.value) })}
        />
        <Stat
          label={t('simulate.draft')}
          value={money(draft.costMicroUsd)}
          note={t('simulate.draft.note', { usd: formatMicroUsd(draft.costMicroUsd.value) })}
        />
      </div>
      <h3>{t('simulate.cost')}</h3>
      <Bars
        label={t('simulate.cost')}
        items={[
          {
            key: 'listed',
            label: t('simulate.happened'),
            value: happenedAtListPrice.value,
            shown: money(happenedAtListPrice),
          },
          {
            key: 'draft',
            label: t('simulate.would'),
            value: draft.costMicroUsd.value,
            shown: money(draft.costMicroUsd),
          },
        ]}
      />
      <div class="routes-sides">
        {sides.map(({ key, side }) => (
          <div key={key}>
            <h3>{t(`simulate.share.${key}`)}</h3>
            <Bars
              label={t(`simulate.share.${key}`)}
              items={side.providers.map(({ address, share }) => ({
                key: address ?? '',
                label: nameOf(all, address),
                value: share.value,
                shown: estimate(share, formatShare),
              }))}
            />
            <h3>{t(`simulate.latency.${key}`)}</h3>
            {side.latencyMs ? (
              <>
                <Bars
                  label={t(`simulate.latency.${key}`)}
                  items={(['median', 'p95'] as const).map((each) => ({
                    key: each,
                    label: t(`simulate.${each}`),
                    value: side.latencyMs?.[each] ?? 0,
                    shown: formatDuration(side.latencyMs?.[each]),
                  }))}
                />
                <p class="hint">{t('simulate.known', { share: formatShare(side.latencyMs.known, 0) })}</p>
              </>
            ) : (
              <p class="hint">{t('simulate.unknownLatency')}</p>
            )}
          </div>
        ))}
      </div>
      <h3>{t('simulate.table')}</h3>
      <Table
        caption={t('simulate.table')}
        rows={rows}
        keyOf={({ address }) => address ?? ''}
        columns={[
          { key: 'who', label: t('simulate.who'), show: ({ address }) => nameOf(all, address) },
          { key: 'share', label: t('simulate.shareWas'), isNumber: true, show: ({ was }) => share(was?.share) },
          {
            key: 'shareNew',
            label: t('simulate.shareWould'),
            isNumber: true,
            show: ({ would }) => share(would?.share),
          },
          {
            key: 'cost',
            label: t('simulate.costWas'),
            isNumber: true,
            show: ({ was }) => (was ? money(was.costMicroUsd) : '–'),
          },
          {
            key: 'costNew',
            label: t('simulate.costWould'),
            isNumber: true,
            show: ({ would }) =>
              would ? (would.price === 'unknown' ? t('simulate.noPrice') : money(would.costMicroUsd)) : '–',
          },
          {
            key: 'p50',
            label: t('simulate.median'),
            isNumber: true,
            isExtra: true,
            show: (row) => latency(row, 'median'),
          },
          { key: 'p95', label: t('simulate.p95'), isNumber: true, isExtra: true, show: (row) => latency(row, 'p95') },
        ]}
      />
      <h3>{t('simulate.rules')}</h3>
      <Bars
        label={t('simulate.rules')}
        items={result.rules.map(({ id, share: of }) => ({
          key: id,
          label: id,
          value: of.value,
          shown: estimate(of, formatShare),
        }))}
      />
    </div>
  );
}

function share(of: Estimated | undefined): string {
  return of ? estimate(of, formatShare) : '–';
}

type ProviderRow = {
  was: Simulated['happened']['providers'][number] | undefined;
  would: Simulated['draft']['providers'][number] | undefined;
};

/** As it happened in the period: whoever answered nothing then has none. */
function latency({ was, would }: ProviderRow, of: 'median' | 'p95'): string {
  const known = was?.latencyMs?.[of] ?? would?.latencyMs?.[of];
  return known ? estimate(known, formatDuration) : '–';
}

/** A counted figure, or one of a sample with its interval. */
function estimate({ value, interval }: Estimated, show: (value: number) => string): string {
  if (!interval) return show(value);
  return t('simulate.interval', { value: show(value), low: show(interval[0]), high: show(interval[1]) });
}
