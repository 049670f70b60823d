import type { Shift } from './types.ts';

/** A day of the week as the form has it. */
export interface Day {
  works: boolean;
  start: string;
  end: string;
}

const DAYS = [0, 1, 2, 3, 4, 5, 6] as const;

/** One line a day, from Monday on; `hasMore`: a day has more than the form can show. */
export function weekOf(shifts: readonly Shift[]): { week: Day[]; hasMore: boolean } {
  const week = DAYS.map((weekday) => {
    const first = shifts.find((shift) => shift.weekday === weekday);
    return { works: first !== undefined, start: first?.start ?? '08:00', end: first?.end ?? '18:00' };
  });
  const days = new Set(shifts.map(({ weekday }) => weekday));
  return { week, hasMore: days.size < shifts.length };
}

/** What the API takes of it. */
export function shiftsOf(week: readonly Day[]): Shift[] {
  return week.flatMap(({ works, start, end }, weekday) => (works ? [{ weekday, start, end }] : []));
}
