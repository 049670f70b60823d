import { EventEmitter } from 'node:events';
import type { Utterance } from '../audio/types.ts';
import type { GateDecision } from '../pharmacy/gate.ts';
import type { HealthChange } from '../runtime/health.ts';
import type { Attempt, SttOutcome } from '../runtime/types.ts';
import type { UsageEntry } from '../store/interaction.ts';
import type { CounterState } from '../store/live-sessions-table.ts';
import type { BudgetChange } from './budgets.ts';
import { Levels } from './levels.ts';

/** Milliseconds an answer spent in each stage, from the acoustic end of speech to the socket. */
export interface Waterfall {
  /** Waiting for the hang-over that ends an utterance. */
  hangOver: number;
  /** CPU spent on this utterance's bytes and frames. */
  decode: number;
  vad: number;
  /** From the cut to the transcript. */
  stt: number;
  /** From the transcript to the model's request: gathering words, a call already under way, finding candidates. */
  context: number;
  llm: number;
  gate: number;
  /** Journal and socket. */
  sent: number;
}

interface Seen {
  sessionId: string;
  counterId: string;
  clientId: string;
}

export interface UtteranceSeen extends Seen {
  segment: number;
  interactionId: number;
  /** After the filters; may be empty. */
  text: string;
  rules: string[];
  utterance: Utterance;
  outcome: SttOutcome;
}

export interface CardSeen extends Seen {
  interactionId: number;
  segments: number[];
  /** The wire message, or null when the model found nothing to suggest. */
  card: Record<string, unknown> | null;
  /** Sent, or why not. `aguarda_retomada`: its device is away, and gets it if it comes back in time. */
  delivery: 'enviado' | 'aguarda_retomada' | 'balcao_ausente' | 'antigo' | 'outra_conversa' | 'nada_a_sugerir';
  source: string;
  reason: string | null;
  /** What the gate decided about each choice: what passed, and what it kept out and why. */
  gate: GateDecision[];
  waterfall: Waterfall;
  /** At models. */
  attempts: readonly Attempt[];
  costMicroUsd: number;
}

/** What happens at the counters, for the demo, `simulate`, the panel and tests. Listeners are in-process; nothing here is logged. */
export interface CounterEvents {
  opened: [Seen & { counterName: string; protocol: 1 | 2 }];
  /** It does something else now than it did. */
  state: [Seen & { state: CounterState }];
  closed: [Seen];
  format: [Seen & { format: string }];
  partial: [Seen & { segment: number; text: string }];
  utterance: [UtteranceSeen];
  card: [CardSeen];
  degraded: [Seen & { what: string; by: string }];
  /** What had failed at this counter is in use again. */
  recovered: [Seen & { what: string }];
  /** A provider turned worse or better, for the whole process: once each, never in a loop. */
  provider: [HealthChange];
  lost: [Seen & { segment: number; lostMs: number }];
  /** What was consumed is in the journal, and on its way to the ledger. */
  billed: [readonly UsageEntry[]];
  /** A client's budget is in another state; each process says so once. */
  budget: [BudgetChange];
}

export class Observer extends EventEmitter<CounterEvents> {
  /** How loud it is at a counter: too often for an event that is made whether or not anybody listens. */
  readonly levels = new Levels();
}
