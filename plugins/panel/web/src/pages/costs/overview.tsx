import { formatAmount } from '../../lib/amount.ts';
import { get } from '../../lib/api.ts';
import { formatDuration, formatMicroUsd, formatNumber } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { costs as t } from '../../messages/costs.ts';
import { Load } from '../../ui/feedback.tsx';
import { Stat } from '../../ui/page.tsx';
import { showDay } from './days.ts';
import type { Forecasted, Today } from './types.ts';

/** What was heard today, what the month has cost, and what it should cost in the end. */
export function Overview({ clientId }: { clientId: string | null }) {
  const today = useLoad(`today ${clientId}`, (signal) => get<Today>('/api/v1/figures/today', { clientId }, signal));
  const month = useLoad(`forecast ${clientId}`, (signal) =>
    get<Forecasted>('/api/v1/figures/forecast', { clientId }, signal),
  );
  return (
    <>
      <Load of={today} lines={2}>
        {({ interactions, cards, counters, employees, speechSeconds, day }) => (
          <div class="stats">
            <Stat
              label={t('today.interactions')}
              value={formatNumber(interactions)}
              note={t('today.interactions.note', { speech: formatDuration(speechSeconds * 1000), day: showDay(day) })}
            />
            <Stat label={t('today.cards')} value={formatNumber(cards)} note={t('today.cards.note')} />
            <Stat label={t('today.counters')} value={formatNumber(counters)} note={t('today.counters.note')} />
            <Stat label={t('today.employees')} value={formatNumber(employees)} note={t('today.employees.note')} />
          </div>
        )}
      </Load>
      <Load of={month} lines={2}>
        {({ spent, forecast, method }) => (
          <>
            <div class="stats">
              <Stat
                label={t('month.spent')}
                value={formatAmount(spent)}
                note={t('month.spent.note', { usd: formatMicroUsd(spent.microUsd) })}
              />
              <Stat
                label={t('month.forecast')}
                value={forecast ? formatAmount(forecast.expected) : t('month.forecast.none')}
                note={
                  forecast
                    ? t('month.forecast.note', {
                        low: formatAmount(forecast.low),
                        high: formatAmount(forecast.high),
                      })
                    : t('month.forecast.why')
                }
              />
              {forecast ? (
                <Stat
                  label={t('month.daily')}
                  value={formatAmount(forecast.daily)}
                  note={t('month.daily.note', { n: forecast.days, left: formatNumber(forecast.remainingDays) })}
                />
              ) : null}
            </div>
            <p class="hint">{t('month.method', { method })}</p>
          </>
        )}
      </Load>
    </>
  );
}
