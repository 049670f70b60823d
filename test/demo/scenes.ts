import type { CardSeen, UtteranceSeen, Waterfall } from '../../core/counter/observer.ts';
import type { WordAccount } from './account.ts';

/** What the demo shows, one by one: drawn by the screen, or written as JSON lines. Milliseconds and micro-dollars. */
export type Scene =
  | { event: 'inicio'; speed: number }
  | { event: 'pronto'; url: string; vad: string; database: string; durationS: number }
  | { event: 'parcial'; segment: number; text: string }
  | HeardScene
  | CardScene
  | { event: 'queda'; positionS: number; text: string }
  | { event: 'perda'; segment: number; lostMs: number }
  | { event: 'degradado'; what: string; by: string }
  | ClosingScene;

export interface HeardScene {
  event: 'fala';
  segment: number;
  /** Seconds of the recording at which it begins. */
  startS: number;
  text: string;
  words: number;
  rules: string[];
  vendor: string | null;
  isLive: boolean;
  decodeMs: number;
  vadMs: number;
  /** From the cut to the text. */
  sttMs: number;
  costMicroUsd: number;
  lostMs: number;
  /** Those that failed before, in their order. */
  failed: { address: string; error: string }[];
  /** Audio given again, in ms. */
  replayedMs: number;
}

export interface CardScene {
  event: 'cartao';
  items: { name: string; why: string }[];
  /** The warning that goes with a medicine, where the card has one. */
  warning: string | null;
  delivery: CardSeen['delivery'];
  source: string;
  segments: number[];
  /** What the gate held back; without a name it was no item: the model was not asked at all. */
  kept: { name: string | null; reason: string }[];
  waterfall: Waterfall;
  /** From the end of speech to the socket. */
  totalMs: number;
  costMicroUsd: number;
}

export interface ClosingScene {
  event: 'fim';
  words: WordAccount;
  utterances: number;
  cards: number;
  /** Cards that came out of the counter's socket. */
  received: number;
  takeover: boolean;
  lostMs: number;
  costMicroUsd: number;
  latencyMs: { p50: number; p95: number };
  stored: { rows: number; words: number; withCard: number; byVendor: Record<string, number>; newest: StoredLine[] };
  ok: boolean;
}

interface StoredLine {
  id: number;
  vendor: string;
  /** NULL: the model was not called; `Nenhuma`: it was, and there was nothing to suggest. */
  recommendation: string | null;
  text: string;
}

const SAMPLES_PER_SECOND = 16_000;

export function heardScene(seen: UtteranceSeen): HeardScene {
  const { utterance, outcome, text, rules, segment } = seen;
  const answered = outcome.attempts.findLast((attempt) => attempt.outcome === 'answered');
  return {
    event: 'fala',
    segment,
    startS: utterance.startSample / SAMPLES_PER_SECOND,
    text,
    words: text === '' ? 0 : text.split(/\s+/).length,
    rules,
    vendor: outcome.vendor,
    isLive: answered?.mode === 'stream',
    decodeMs: utterance.timings.decodeMs,
    vadMs: utterance.timings.vadMs,
    sttMs: Math.max(0, (outcome.readyAtMs ?? utterance.cutAtMs) - utterance.cutAtMs),
    costMicroUsd: outcome.costMicroUsd,
    lostMs: outcome.lostMs,
    failed: outcome.attempts
      .filter((attempt) => attempt.outcome === 'failed')
      .map((attempt) => ({ address: attempt.address, error: attempt.error?.code ?? 'unknown' })),
    replayedMs: outcome.attempts.reduce((sum, attempt) => sum + attempt.replayedMs, 0),
  };
}

export function cardScene(seen: CardSeen): CardScene {
  const items = Array.isArray(seen.card?.['itens']) ? (seen.card['itens'] as Record<string, unknown>[]) : [];
  const warning = typeof seen.card?.['aviso'] === 'string' ? seen.card['aviso'] : null;
  const { hangOver, stt, context, llm, gate, sent } = seen.waterfall;
  return {
    event: 'cartao',
    items: items.map((item) => ({ name: String(item['sugestao']), why: String(item['explicacao']) })),
    warning,
    delivery: seen.delivery,
    source: seen.source,
    segments: seen.segments,
    kept: seen.gate.filter(({ allowed }) => !allowed).map(({ name, reason }) => ({ name, reason })),
    waterfall: seen.waterfall,
    // Decoding and VAD ran while people spoke: they are shown, and delay nothing.
    totalMs: hangOver + stt + context + llm + gate + sent,
    costMicroUsd: seen.costMicroUsd,
  };
}

/** What came back from the database, as far as the screen shows it. */
export function storedOf(rows: { listed: Record<string, unknown>[]; detailed: Record<string, unknown>[] }) {
  const byVendor: Record<string, number> = {};
  for (const row of rows.listed) {
    const vendor = String(row['modelo_stt'] ?? 'ninguém');
    byVendor[vendor] = (byVendor[vendor] ?? 0) + 1;
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    rows: rows.listed.length,
    words: rows.detailed.reduce((sum, row) => sum + wordsOf(row['speech_ranges']), 0),
    withCard: rows.listed.filter((row) => text(row['recomendacao_gerada']).startsWith('S: ')).length,
    byVendor,
    newest: rows.listed.slice(-4).map((row) => ({
      id: Number(row['id']),
      vendor: String(row['modelo_stt'] ?? 'ninguém'),
      recommendation: typeof row['recomendacao_gerada'] === 'string' ? row['recomendacao_gerada'] : null,
      text: text(row['transcricao_completa']),
    })),
  };
}

/** Words of the row's own utterance: `transcricao_completa` may hold the context of several. */
function wordsOf(speechRanges: unknown): number {
  const parsed = typeof speechRanges === 'string' ? (JSON.parse(speechRanges) as unknown) : speechRanges;
  const count = (parsed as { word_count?: unknown } | null)?.word_count;
  return typeof count === 'number' ? count : 0;
}
