import type { UtteranceFacts } from '../runtime/types.ts';
import type { WallTime } from '../wall-clock.ts';
import type { Range, Rule } from './rule.ts';

/** What rules are asked about. */
export interface Moment {
  /** Null at the start of speech: how long, how clean and what it is are unknown. */
  facts: UtteranceFacts | null;
  /** In the client's zone. */
  wall: WallTime;
  counterTags: readonly string[];
  /** 0 to 1; null without a budget. */
  budgetLeft: number | null;
}

export type Verdict = 'yes' | 'no' | 'unknown';

/** Conditions that depend on the moment. `clock` is weekdays and hours together: a window past midnight belongs to the day it began. */
export const CONDITION_NAMES = ['durationMs', 'snrDb', 'class', 'clock', 'counterTags', 'budgetLeft'] as const;
export type ConditionName = (typeof CONDITION_NAMES)[number];

/** The conditions of one rule that depend on the moment, ready to be looked at; plain data, null where there is none. */
export interface Conditions {
  durationMs: Range | null;
  snrDb: Range | null;
  class: readonly string[] | null;
  clock: Windows | null;
  counterTags: readonly string[] | null;
  budgetLeft: Range | null;
}

/** `[from, to)` in minutes since midnight on each of `weekdays` (bit 0 = Monday); `to` above 1440 reaches into the next day. */
export interface Windows {
  weekdays: number;
  hours: readonly { from: number; to: number }[];
}

const DAY_MINUTES = 1440;
const EVERY_DAY = 0b1111111;
const WHOLE_DAY = [{ from: 0, to: DAY_MINUTES }];

export function compileConditions(when: Rule['when']): Conditions {
  return {
    durationMs: when.durationMs ?? null,
    snrDb: when.snrDb ?? null,
    class: when.class ?? null,
    clock: when.hours || when.weekdays ? windows(when) : null,
    counterTags: when.counterTags ?? null,
    budgetLeft: when.budgetLeft ?? null,
  };
}

/** Whether all of them hold: one that does not decides, then one that is unknown. */
export function verdict(conditions: Conditions, moment: Moment): Verdict {
  if (conditions.clock && !isWithin(conditions.clock, moment.wall)) return 'no';
  if (conditions.counterTags && !anyOf(conditions.counterTags, moment.counterTags)) return 'no';
  if (conditions.budgetLeft && !inRange(conditions.budgetLeft, moment.budgetLeft)) return 'no';
  return ofTheUtterance(conditions, moment.facts);
}

/** Each condition the rule states, by itself: what {@link verdict} joins. */
export function eachVerdict(conditions: Conditions, moment: Moment): { condition: ConditionName; verdict: Verdict }[] {
  return CONDITION_NAMES.filter((name) => conditions[name] !== null).map((condition) => ({
    condition,
    verdict: verdict({ ...compileConditions({}), [condition]: conditions[condition] }, moment),
  }));
}

/** Whether a rule depends on the utterance itself, which is unknown until its end. */
export function asksTheUtterance(conditions: Conditions): boolean {
  return conditions.durationMs !== null || conditions.snrDb !== null || conditions.class !== null;
}

function ofTheUtterance(conditions: Conditions, facts: UtteranceFacts | null): Verdict {
  if (!facts) return asksTheUtterance(conditions) ? 'unknown' : 'yes';
  const { durationMs, snrDb } = conditions;
  if (durationMs && !inRange(durationMs, facts.durationMs)) return 'no';
  if (snrDb && !inRange(snrDb, facts.snrDb)) return 'no';
  if (conditions.class && (facts.class === null || !conditions.class.includes(facts.class))) return 'no';
  return 'yes';
}

/** A value that could not be measured is in no range. */
function inRange({ min, max }: Range, value: number | null): boolean {
  if (value === null || Number.isNaN(value)) return false;
  return (min === undefined || value >= min) && (max === undefined || value < max);
}

function anyOf(wanted: readonly string[], there: readonly string[]): boolean {
  for (const tag of wanted) if (there.includes(tag)) return true;
  return false;
}

function isWithin({ weekdays, hours }: Windows, { minute, weekday }: WallTime): boolean {
  const isToday = (weekdays & (1 << weekday)) !== 0;
  const wasYesterday = (weekdays & (1 << ((weekday + 6) % 7))) !== 0;
  for (const { from, to } of hours) {
    if (isToday && minute >= from && minute < to) return true;
    if (wasYesterday && minute + DAY_MINUTES < to) return true;
  }
  return false;
}

function windows({ hours, weekdays }: Rule['when']): Windows {
  return {
    weekdays: weekdays?.reduce((bits, day) => bits | (1 << day), 0) ?? EVERY_DAY,
    hours: hours?.map(window) ?? WHOLE_DAY,
  };
}

function window({ from, to }: { from: string; to: string }): { from: number; to: number } {
  const start = minutesOf(from);
  const end = minutesOf(to);
  return { from: start, to: end < start ? end + DAY_MINUTES : end };
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}
