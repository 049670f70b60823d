import type { Amount, Exchange } from '../../lib/amount.ts';

interface Sums {
  cost: Amount;
  hedge: Amount;
  shadow: Amount;
  audioSeconds: number;
  textInTokens: number;
  textOutTokens: number;
}

/** One line of `GET /api/v1/costs`. */
export interface CostLine extends Sums {
  /** Day, address, or id of counter or client; empty: of none. */
  key: string;
  name: string | null;
}

export interface CostsAnswer {
  items: CostLine[];
  next: string | null;
  from: string;
  to: string;
  total: Sums;
  exchange: Exchange | null;
}

/** `GET /api/v1/figures/today`. */
export interface Today {
  day: string;
  interactions: number;
  cards: number;
  counters: number;
  employees: number;
  speechSeconds: number;
}

/** `GET /api/v1/figures/forecast`. */
export interface Forecasted {
  day: string;
  spent: Amount;
  forecast: {
    expected: Amount;
    low: Amount;
    high: Amount;
    days: number;
    daily: Amount;
    remainingDays: number;
  } | null;
  method: string;
  exchange: Exchange | null;
}

/** `GET /api/v1/figures/providers`. */
export interface ComparedAnswer {
  utterances: number;
  since: string;
  isAll: boolean;
  providers: {
    address: string | null;
    utterances: number;
    share: number;
    speechMinutes: number;
    cost: Amount;
    perMinute: Amount | null;
    latencyMs: { p50: number; p95: number; known: number } | null;
    acceptance: { rate: number; of: number } | null;
    shadow: { rate: number | null; utterances: number; words: number } | null;
  }[];
  saving: { utterances: number; known: number; chosen: Amount; dearest: Amount; saved: Amount };
}

export interface Budget {
  microUsd: number;
  period: 'day' | 'month';
  warnBelow?: number;
  cheaperBelow?: number;
  cheaper?: { stt?: string[]; llm?: string[] };
  stop?: boolean;
}

/** `GET /…/budget`. */
export interface BudgetAnswer {
  version: number;
  own: Budget | null;
  now: { budget: Budget; state: string; since: string; spent: Amount; of: Amount; left: number } | null;
}
