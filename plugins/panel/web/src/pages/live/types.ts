/** What `GET /api/v1/live` tells; docs/api.md. What was said is absent where it may not be read. */

export type CounterState = 'listening' | 'speaking' | 'paused' | 'away';

export interface SessionShown {
  sessionId: string;
  counterId: string;
  clientId: string;
  counterName: string;
  protocol: number;
  since: string;
  state: CounterState;
  stateSince: string;
  degraded: string[];
  rule: string | null;
  providers: { stt: string | null; llm: string | null };
  lastUtteranceAt: string | null;
  isOwn: boolean;
}

interface AtCounter {
  sessionId: string;
  counterId: string;
  clientId: string;
  /** Of what is stored. */
  counterName?: string | null;
  isPast?: boolean;
}

export interface AttemptShown {
  address: string;
  purpose: string;
  outcome: string;
  error: string | null;
  durationMs: number;
}

export type Stages = Partial<Record<string, number | null>>;

export interface UtteranceShown extends AtCounter {
  interactionId: number;
  segment: number;
  at: string;
  status: string;
  durationMs: number;
  snrDb: number | null;
  provider: string | null;
  decision: { rule: string | null; mode: string | null; rejected: { address: string; reason: string }[] };
  attempts: AttemptShown[];
  waterfall: Stages;
  costMicroUsd: number;
  isEmpty: boolean;
  text?: string;
  speaker?: string | null;
}

export interface CardShown extends AtCounter {
  interactionId: number;
  segments: number[];
  at: string;
  delivery: string;
  source: string | null;
  itemCount: number;
  blockedCount: number;
  confidence: string | null;
  provider: string | null;
  attempts: AttemptShown[];
  waterfall: Stages;
  costMicroUsd: number;
  items?: { sugestao: string; explicacao: string; tag: string }[];
  warning?: string | null;
  gate?: { rule: string; ruleId: string | null; allowed: boolean; reason: string; name: string | null }[];
}

export interface AlertShown {
  id: number;
  clientId: string | null;
  kind: string;
  subject: string;
  at: string;
}

export interface ProviderShown {
  kind: string;
  address: string;
  reason: string | null;
  since?: string;
}

export interface CostsShown {
  clientId: string;
  microUsd: number;
  counters: Record<string, number>;
}

export interface SnapshotShown {
  at: string;
  sessions: SessionShown[];
  alerts: AlertShown[];
  costs: CostsShown[];
  providers: ProviderShown[];
  pastSince: string;
  isPastCut: boolean;
  reads: boolean;
}

/** Events by name. */
export interface LiveEvents {
  hello: { version: string; boot: string; resumed: boolean };
  snapshot: SnapshotShown;
  ready: object;
  ping: object;
  gap: { reason: string; dropped?: number };
  end: { reason: string };
  opened: SessionShown;
  state: SessionShown;
  closed: AtCounter;
  partial: AtCounter & { segment: number; text?: string };
  utterance: UtteranceShown;
  card: CardShown;
  lost: AtCounter & { lostMs: number };
  provider: { kind: string; address: string; what: 'degraded' | 'recovered'; reason: string };
  budget: { clientId: string; state: string };
  alert: AlertShown & { isOpen: boolean };
  costs: CostsShown;
}
export type LiveKind = keyof LiveEvents;

export const LIVE_KINDS: readonly LiveKind[] = [
  'hello',
  'snapshot',
  'ready',
  'ping',
  'gap',
  'end',
  'opened',
  'state',
  'closed',
  'partial',
  'utterance',
  'card',
  'lost',
  'provider',
  'budget',
  'alert',
  'costs',
];

/** An utterance with the card that rests on it. */
export interface Line {
  interactionId: number;
  utterance: UtteranceShown | null;
  card: CardShown | null;
}
