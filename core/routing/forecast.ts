/** Spent on one day of São Paulo. */
export interface DaySpent {
  /** `YYYY-MM-DD`. */
  day: string;
  microUsd: number;
}

/** What a month may cost in all. */
export interface Forecast {
  microUsd: number;
  /** 95 %; never below what is spent already. */
  interval: [number, number];
  /** Whole days the estimate rests on, and what one of them costs on average. */
  days: number;
  dailyMicroUsd: number;
  /** Days still to come, today among them. */
  remainingDays: number;
}

const DAY_MS = 86_400_000;
/** Four whole weeks: every day of the week counts the same. */
const MOST_DAYS = 28;
/** Fewer say nothing of how days differ. */
const LEAST_DAYS = 3;
/** Student's t for 95 %, two sides, by degrees of freedom from 2; the last holds from 27 on. */
const T = [4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12];

/** The first day a forecast looks at. */
export function forecastSince(today: string): string {
  return addDays(today, -MOST_DAYS);
}

/**
 * What the month of `today` will have cost: what was spent before today, and the mean of the last whole days (at most 28,
 * from the first on which anything was spent) for each day from today to its end. The interval is Student's prediction
 * interval for the sum of that many days, taking days as independent of one another.
 * @param days sums since {@link forecastSince} and since the first of the month; days without spending may be absent.
 * @returns null with fewer than 3 whole days.
 */
export function forecast(days: readonly DaySpent[], today: string): Forecast | null {
  const spent = new Map(days.map(({ day, microUsd }) => [day, microUsd]));
  const first = [...spent]
    .filter(([, microUsd]) => microUsd > 0)
    .map(([day]) => day)
    .sort()[0];
  const since = first !== undefined && first > forecastSince(today) ? first : forecastSince(today);
  if (first === undefined) return null;
  const sample: number[] = [];
  for (let day = since; day < today; day = addDays(day, 1)) sample.push(spent.get(day) ?? 0);
  if (sample.length < LEAST_DAYS) return null;
  const n = sample.length;
  const mean = sample.reduce((sum, each) => sum + each, 0) / n;
  const variance = sample.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1);
  const month = today.slice(0, 8);
  const total = (from: string, to: string) =>
    [...spent].reduce((sum, [day, microUsd]) => (day >= from && day < to ? sum + microUsd : sum), 0);
  const before = total(`${month}01`, today);
  const already = before + (spent.get(today) ?? 0);
  const remainingDays = daysInMonth(today) - Number(today.slice(8)) + 1;
  const expected = Math.max(already, before + remainingDays * mean);
  const half = studentT(n - 1) * Math.sqrt(variance * remainingDays * (1 + remainingDays / n));
  return {
    microUsd: Math.round(expected),
    interval: [Math.round(Math.max(already, expected - half)), Math.round(expected + half)],
    days: n,
    dailyMicroUsd: Math.round(mean),
    remainingDays,
  };
}

function studentT(freedom: number): number {
  return T[freedom - 2] ?? (freedom < 21 ? 2.11 : freedom < 27 ? 2.08 : 2.052);
}

function daysInMonth(day: string): number {
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate();
}

function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
