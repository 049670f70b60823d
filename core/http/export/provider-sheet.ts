import { Histogram } from '../../routing/histogram.ts';
import { wordErrors } from '../../routing/word-error-rate.ts';
import type { ExportedRow } from '../../store/export-shape.ts';
import type { ShadowPair } from '../../store/replay.ts';
import { type Cell, type Column, transcriptionMs } from './columns.ts';

/** Addresses told apart; what is more, is one. */
const MOST_PROVIDERS = 200;
const OTHERS = '(outros)';
const NOBODY = '(nenhum)';

interface Totals {
  utterances: number;
  audioMs: number;
  microUsd: number;
  latency: Histogram;
  accepted: number;
  refused: number;
  ignored: number;
  /** Of comparisons in which it answered or was the second: utterances, words of the answer, and errors against it. */
  compared: number;
  words: number;
  errors: number;
}

/** The sheet `Provedores`. */
export const PROVIDER_COLUMNS: readonly Column[] = [
  { name: 'provedor', kind: 'text', width: 32 },
  { name: 'falas', kind: 'number', width: 12 },
  { name: 'participacao', kind: 'percent', width: 14 },
  { name: 'audio_min', kind: 'number', width: 12 },
  { name: 'custo_usd', kind: 'money', width: 14 },
  { name: 'custo_usd_por_hora_de_fala', kind: 'money', width: 26 },
  { name: 'latencia_p50_ms', kind: 'number', width: 16 },
  { name: 'latencia_p95_ms', kind: 'number', width: 16 },
  { name: 'aceitos', kind: 'number', width: 12 },
  { name: 'recusados', kind: 'number', width: 12 },
  { name: 'ignorados', kind: 'number', width: 12 },
  { name: 'aceitacao', kind: 'percent', width: 12 },
  { name: 'comparacoes', kind: 'number', width: 14 },
  { name: 'palavras_comparadas', kind: 'number', width: 20 },
  { name: 'wer_sombra', kind: 'percent', width: 12 },
];

/**
 * What each provider did with the exported interactions: share, cost, latency from the end of speech to its text, how its
 * cards were taken, and how its words differ from those of whoever heard the same (`wer_sombra`: neither of them is the
 * truth, so the figure says how far apart they are).
 */
export class ProviderTotals {
  readonly #totals = new Map<string, Totals>();
  #utterances = 0;

  add(row: ExportedRow): void {
    const totals = this.#of(row.provider ?? NOBODY);
    this.#utterances += 1;
    totals.utterances += 1;
    totals.audioMs += row.durationMs ?? 0;
    totals.microUsd += row.sttMicroUsd ?? 0;
    const latencyMs = transcriptionMs(row);
    if (latencyMs !== null && latencyMs >= 0) totals.latency.add(latencyMs, 1);
    if (row.feedback === 'aceito') totals.accepted += 1;
    if (row.feedback === 'recusado') totals.refused += 1;
    if (row.feedback === 'ignorado') totals.ignored += 1;
  }

  compare({ answerProvider, provider, answered, heard, outcome }: ShadowPair): void {
    if (heard === null || outcome === 'failed' || outcome === 'aborted') return;
    const { errors, words } = wordErrors(answered, heard);
    for (const address of [answerProvider, provider]) {
      const totals = this.#of(address);
      totals.compared += 1;
      totals.words += words;
      totals.errors += errors;
    }
  }

  /** The most used first. */
  rows(): Cell[][] {
    const sorted = [...this.#totals].sort(([, a], [, b]) => b.utterances - a.utterances);
    return sorted.map(([provider, totals]) => this.#row(provider, totals));
  }

  #row(provider: string, totals: Totals): Cell[] {
    const { utterances, audioMs, microUsd, latency, accepted, refused, ignored, compared, words, errors } = totals;
    const usd = microUsd / 1e6;
    return [
      provider,
      utterances,
      ratio(utterances, this.#utterances),
      Number((audioMs / 60_000).toFixed(2)),
      usd,
      ratio(usd, audioMs / 3_600_000),
      latency.quantile(0.5, false)?.value ?? null,
      latency.quantile(0.95, false)?.value ?? null,
      accepted,
      refused,
      ignored,
      ratio(accepted, accepted + refused + ignored),
      compared,
      words,
      ratio(errors, words),
    ];
  }

  #of(provider: string): Totals {
    const name = this.#totals.has(provider) || this.#totals.size < MOST_PROVIDERS ? provider : OTHERS;
    let totals = this.#totals.get(name);
    if (!totals) {
      const none = { utterances: 0, audioMs: 0, microUsd: 0, accepted: 0, refused: 0, ignored: 0 };
      totals = { ...none, compared: 0, words: 0, errors: 0, latency: new Histogram() };
      this.#totals.set(name, totals);
    }
    return totals;
  }
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
