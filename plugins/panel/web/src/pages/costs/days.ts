import type { CostLine } from './types.ts';

const DAY_MS = 86_400_000;

/** Every day from `from` to `to`, both included, as `YYYY-MM-DD`. */
export function daysBetween(from: string, to: string): string[] {
  const [first, last] = [Date.parse(`${from}T12:00:00Z`), Date.parse(`${to}T12:00:00Z`)];
  const count = Number.isNaN(first) || Number.isNaN(last) ? 0 : Math.round((last - first) / DAY_MS) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) =>
    new Date(first + at * DAY_MS).toISOString().slice(0, 10),
  );
}

/** Cost of each day in reais, or in dollars where no rate is known; a day without a line cost nothing. */
export function costOfDays(days: readonly string[], lines: readonly CostLine[]): number[] {
  const known = new Map(lines.map(({ key, cost }) => [key, cost.brl ?? cost.usd]));
  return days.map((day) => known.get(day) ?? 0);
}

/** Noon of the day in São Paulo, in seconds: what a chart's axis counts in. */
export function noonOf(day: string): number {
  return Date.parse(`${day}T12:00:00-03:00`) / 1000;
}

/** `21/11/2026` of `2026-11-21`: a day is no moment, and has no zone. */
export function showDay(day: string): string {
  return day.split('-').reverse().join('/');
}

/** The day after. */
export function nextDay(day: string): string {
  return daysBetween(day, new Date(Date.parse(`${day}T12:00:00Z`) + DAY_MS).toISOString().slice(0, 10)).at(-1) ?? day;
}
