import { formatNumber, formatShare } from '../../lib/format.ts';
import { routes as t } from '../../messages/routes.ts';
import type { Range, Rule } from './types.ts';

/** What a rule asks for, a phrase a condition. */
export function conditionsInWords({ when }: Rule): string[] {
  const found: string[] = [];
  const range = (of: Range | undefined, key: 'duration' | 'snr' | 'budget', show: (value: number) => string) => {
    if (!of) return;
    const { min, max } = of;
    if (min !== undefined && max !== undefined) found.push(t(`is.${key}.between`, { min: show(min), max: show(max) }));
    else if (min !== undefined) found.push(t(`is.${key}.atLeast`, { min: show(min) }));
    else if (max !== undefined) found.push(t(`is.${key}.below`, { max: show(max) }));
  };
  range(when.durationMs, 'duration', (ms) => formatNumber(ms / 1000, 2));
  range(when.snrDb, 'snr', (db) => formatNumber(db, 1));
  range(when.budgetLeft, 'budget', (share) => formatShare(share, 0));
  if (when.class) found.push(t('is.class', { list: when.class.map((each) => t.of(`class.${each}`, each)).join(', ') }));
  if (when.language) found.push(t('is.language', { list: when.language.join(', ') }));
  if (when.hours) found.push(t('is.hours', { list: when.hours.map(({ from, to }) => `${from}–${to}`).join(', ') }));
  if (when.weekdays)
    found.push(t('is.weekdays', { list: when.weekdays.map((day) => t.of(`day.${day}`, '')).join(', ') }));
  if (when.counterTags) found.push(t('is.tags', { list: when.counterTags.join(', ') }));
  if (when.usable) found.push(t('is.usable', { list: when.usable.join(', ') }));
  return found;
}
