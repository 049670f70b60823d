import type { CardSeen, UtteranceSeen, Waterfall } from '../counter/observer.ts';
import type { GateDecision } from '../pharmacy/gate.ts';
import type { Attempt } from '../runtime/types.ts';
import type { LiveRow } from '../store/live-rows.ts';

/** What the stream tells. `spoken` goes only to who may read what was said; `data` is states and figures. */
export interface LiveEvent {
  /** Its place among this process's events; null: it is not kept, and nobody resumes at it. */
  seq: number | null;
  /** Wall clock, in milliseconds. */
  at: number;
  kind: LiveKind;
  /** Of whose counter; null: of the installation; `everyone`: nobody's in particular. */
  clientId: string | null | typeof EVERYONE;
  data: object;
  spoken?: object;
}

/** Marks what whoever watches anything may know: the health of providers. */
export const EVERYONE = Symbol('everyone');

export type LiveKind =
  | 'opened'
  | 'closed'
  | 'state'
  | 'partial'
  | 'utterance'
  | 'card'
  | 'lost'
  | 'provider'
  | 'budget'
  | 'alert'
  | 'costs';

/** An event before it has its place. */
export type LiveDraft = Pick<LiveEvent, 'kind' | 'clientId' | 'data' | 'spoken'>;

/** Milliseconds per stage as far as they are known. */
type Stages = { [Stage in keyof Waterfall]: number | null };

/** A finished utterance of this process. */
export function utteranceSeen(seen: UtteranceSeen): LiveDraft {
  const { utterance, outcome, text, rules } = seen;
  const { features, timings } = utterance;
  const readyAtMs = outcome.readyAtMs ?? utterance.cutAtMs;
  const waterfall: Stages = {
    ...NO_STAGES,
    hangOver: Math.max(0, utterance.receivedAt.getTime() - utterance.speechEndAt.getTime()),
    decode: timings.decodeMs,
    vad: timings.vadMs,
    stt: Math.max(0, readyAtMs - utterance.cutAtMs),
  };
  return {
    kind: 'utterance',
    clientId: seen.clientId,
    data: {
      ...whose(seen),
      interactionId: seen.interactionId,
      segment: seen.segment,
      at: utterance.receivedAt.toISOString(),
      status: outcome.status,
      durationMs: Math.round(features.durationMs),
      snrDb: features.snrDb,
      provider: outcome.address,
      decision: decisionOf(outcome.decision),
      attempts: outcome.attempts.map(attemptOf),
      waterfall,
      costMicroUsd: outcome.costMicroUsd,
      isEmpty: text === '',
    },
    spoken: { text, filters: rules, speaker: outcome.voice?.found?.employee?.name ?? null },
  };
}

/** A card of this process, or that there was nothing to suggest. */
export function cardSeen(seen: CardSeen, at: Date): LiveDraft {
  const items = (seen.card?.['itens'] ?? []) as { sugestao: string; explicacao: string; tag: string }[];
  return {
    kind: 'card',
    clientId: seen.clientId,
    data: {
      ...whose(seen),
      interactionId: seen.interactionId,
      segments: seen.segments,
      at: at.toISOString(),
      delivery: seen.delivery,
      source: seen.source,
      itemCount: items.length,
      blockedCount: seen.gate.filter(({ allowed }) => !allowed).length,
      confidence: seen.card?.['confianca'] ?? null,
      provider: seen.attempts.findLast(({ outcome }) => outcome === 'answered')?.address ?? null,
      attempts: seen.attempts.map(attemptOf),
      waterfall: seen.waterfall,
      costMicroUsd: seen.costMicroUsd,
    },
    spoken: { items, warning: seen.card?.['aviso'] ?? null, gate: seen.gate.map(gateOf) },
  };
}

/** What a stored row tells: the utterance, and its card where a model or the catalogue was asked. */
export function storedEvents(row: LiveRow): LiveDraft[] {
  const decision = (row.decision ?? {}) as StoredDecision;
  const gate = (row.gate ?? {}) as StoredGate;
  const seen = { sessionId: row.sessionId, counterId: row.counterId, clientId: row.clientId };
  const common = { ...whose(seen), counterName: row.counterName, interactionId: row.id };
  const answered = row.recommendation !== null;
  const stages = stagesOf(row);
  const utterance: LiveDraft = {
    kind: 'utterance',
    clientId: row.clientId,
    data: {
      ...common,
      segment: row.segment,
      at: row.timestamp.toISOString(),
      status: decision.status ?? (row.sttModel === null ? 'no_provider' : 'answered'),
      durationMs: row.segmentDurationMs ?? 0,
      snrDb: row.snr,
      provider: decision.address ?? null,
      decision: decisionOf(decision),
      attempts: (decision.attempts ?? []).map(attemptOf),
      waterfall: { ...stages, context: null, llm: null, gate: null, sent: null },
      costMicroUsd: row.costMicroUsd ?? 0,
      isEmpty: row.interactionType !== 'valid' && row.interactionType !== 'mock_voice',
    },
    spoken: {
      text: row.interactionType === 'discarded_ia' ? '' : (row.ownText ?? ''),
      filters: [],
      speaker: row.employeeName,
    },
  };
  if (!answered) return [utterance];
  const items = itemsOf(row.recommendation);
  const decisions = gate.decisoes ?? [];
  return [
    utterance,
    {
      kind: 'card',
      clientId: row.clientId,
      data: {
        ...common,
        segments: gate.segmentos ?? [row.segment],
        at: (row.tsClientSent ?? row.tsAiResponse ?? row.timestamp).toISOString(),
        delivery: gate.entrega ?? 'nada_a_sugerir',
        source: gate.fonte ?? null,
        itemCount: items.length,
        blockedCount: decisions.filter(({ allowed }) => !allowed).length,
        confidence: null,
        provider: gate.tentativas?.findLast(({ outcome }) => outcome === 'answered')?.address ?? null,
        attempts: (gate.tentativas ?? []).map(attemptOf),
        waterfall: stages,
        costMicroUsd: row.costMicroUsd ?? 0,
      },
      spoken: { items, warning: null, gate: decisions.map(gateOf) },
    },
  ];
}

const NO_STAGES: Stages = {
  hangOver: null,
  decode: null,
  vad: null,
  stt: null,
  context: null,
  llm: null,
  gate: null,
  sent: null,
};

interface StoredDecision {
  rule?: string;
  version?: number;
  mode?: string;
  candidates?: string[];
  rejected?: { address: string; reason: string }[];
  status?: string;
  address?: string | null;
  attempts?: Attempt[];
}

interface StoredGate {
  decisoes?: GateDecision[];
  entrega?: string;
  fonte?: string;
  segmentos?: number[];
  tentativas?: Attempt[];
}

function whose({ sessionId, counterId, clientId }: { sessionId: string; counterId: string; clientId: string }) {
  return { sessionId, counterId, clientId };
}

function decisionOf({ rule, version, mode, candidates, rejected }: StoredDecision) {
  return {
    rule: rule ?? null,
    version: version ?? null,
    mode: mode ?? null,
    candidates: candidates ?? [],
    rejected: rejected ?? [],
  };
}

/** Nothing of what a vendor wrote. */
function attemptOf({ address, purpose, outcome, error, queueMs, durationMs, costMicroUsd }: Attempt) {
  return { address, purpose, outcome, error: error?.code ?? null, queueMs, durationMs, costMicroUsd };
}

function gateOf({ rule, ruleId, allowed, reason, name }: GateDecision) {
  return { rule, ruleId, allowed, reason, name };
}

/** `S: … | S: …`; the explanations are not stored apart. */
function itemsOf(recommendation: string | null): { sugestao: string; explicacao: string; tag: string }[] {
  if (recommendation === null || recommendation === 'Nenhuma') return [];
  return recommendation
    .split(' | ')
    .map((part) => ({ sugestao: part.replace(/^S: /, ''), explicacao: '', tag: 'outros' }));
}

/** What the row's times tell; CPU spent on decoding and listening is not stored. */
function stagesOf(row: LiveRow): Stages {
  const between = (from: Date | null, to: Date | null) => (from && to ? Math.max(0, +to - +from) : null);
  const { tsSpeechEnd, tsAudioReceived, tsTranscriptionReady, tsAiRequest, tsAiResponse, tsClientSent } = row;
  return {
    ...NO_STAGES,
    hangOver: between(tsSpeechEnd, tsAudioReceived),
    stt: between(tsAudioReceived, tsTranscriptionReady),
    context: between(tsTranscriptionReady, tsAiRequest),
    llm: between(tsAiRequest, tsAiResponse),
    sent: between(tsAiResponse, tsClientSent),
  };
}
