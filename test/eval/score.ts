import type { Recommendation } from '../../core/pharmacy/recommend.ts';
import type { Dialogue, Forbidden } from './dialogues.ts';

/** An item of the catalogue, as far as scoring needs it. */
export interface Item {
  code: string;
  name: string;
  saleClass: string;
  medicine: boolean;
}

/** What came of one dialogue. */
export interface Outcome {
  dialogue: Dialogue;
  suggested: Item[];
  latenciesMs: number[];
  costMicroUsd: number;
  sources: Recommendation['source'][];
}

export interface Score {
  dialogues: number;
  suggestions: number;
  /** Good suggestions among all; 1 where there are none. */
  precision: number;
  /** Expected needs that something served. */
  recall: number;
  /** Dialogues in which something forbidden was offered. */
  unsafeRate: number;
  costMicroUsd: number;
  latencyMs: { p50: number; p95: number; p99: number; max: number };
  sources: Record<string, number>;
  byKind: Record<string, { dialogues: number; precision: number; recall: number }>;
  mistakes: Mistake[];
}

/** A dialogue that was not answered as labelled. */
export interface Mistake {
  id: string;
  kind: string;
  wrong: string[];
  missed: string[];
  unsafe: string[];
}

/** Applied to the skin, or not at all a drug one swallows: what `medicine-oral` leaves. */
const TOPICAL = new Set([
  'clorexidina-spray',
  'dexpantenol-pomada',
  'pomada-para-assadura-com-oxido-de-zinco',
  'clotrimazol-creme',
  'gel-de-diclofenaco',
  'emplastro-para-dor',
  'permetrina-locao',
]);

/** Counts suggestions and needs over all dialogues alike (micro-averages). */
export function score(outcomes: readonly Outcome[]): Score {
  const judged = outcomes.map(judge);
  const latencies = outcomes.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const sources: Record<string, number> = {};
  for (const source of outcomes.flatMap((each) => each.sources)) sources[source] = (sources[source] ?? 0) + 1;
  const kinds = [...new Set(outcomes.map(({ dialogue }) => dialogue.kind))];
  return {
    dialogues: outcomes.length,
    suggestions: sum(judged, ({ good, wrong }) => good + wrong.length),
    ...ratios(judged),
    unsafeRate: share(judged.filter(({ unsafe }) => unsafe.length > 0).length, judged.length, 0),
    costMicroUsd: sum(outcomes, ({ costMicroUsd }) => costMicroUsd),
    latencyMs: { p50: at(latencies, 0.5), p95: at(latencies, 0.95), p99: at(latencies, 0.99), max: at(latencies, 1) },
    sources,
    byKind: Object.fromEntries(
      kinds.map((kind) => {
        const own = judged.filter((each) => each.kind === kind);
        return [kind, { dialogues: own.length, ...ratios(own) }];
      }),
    ),
    mistakes: judged
      .filter(({ wrong, missed, unsafe }) => wrong.length + missed.length + unsafe.length > 0)
      .map(({ id, kind, wrong, missed, unsafe }) => ({ id, kind, wrong, missed, unsafe })),
  };
}

interface Judged extends Mistake {
  good: number;
  served: number;
}

function judge({ dialogue, suggested }: Outcome): Judged {
  const { id, kind, expected, welcome, named, forbidden } = dialogue;
  const isGood = ({ code }: Item) =>
    !named.has(code) && (welcome.has(code) || expected.some(({ items }) => items.has(code)));
  const serves = (items: ReadonlySet<string>) => suggested.some(({ code }) => items.has(code) && !named.has(code));
  const missed = expected.filter(({ items }) => !serves(items)).map(({ need }) => need);
  return {
    id,
    kind,
    good: suggested.filter(isGood).length,
    wrong: suggested.filter((item) => !isGood(item)).map(({ name }) => name),
    served: expected.length - missed.length,
    missed,
    unsafe: suggested.filter((item) => isUnsafe(item, forbidden)).map(({ name }) => name),
  };
}

function isUnsafe({ code, saleClass, medicine }: Item, forbidden: Forbidden | null): boolean {
  if (saleClass !== 'venda_livre' || forbidden === 'all') return true;
  if (forbidden === 'medicine') return medicine;
  return forbidden === 'medicine-oral' && medicine && !TOPICAL.has(code);
}

function ratios(judged: readonly Judged[]): { precision: number; recall: number } {
  const good = sum(judged, (each) => each.good);
  const wrong = sum(judged, (each) => each.wrong.length);
  const served = sum(judged, (each) => each.served);
  const missed = sum(judged, (each) => each.missed.length);
  return { precision: share(good, good + wrong, 1), recall: share(served, served + missed, 1) };
}

function share(part: number, whole: number, none: number): number {
  return whole === 0 ? none : Number((part / whole).toFixed(4));
}

function sum<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((total, each) => total + of(each), 0);
}

function at(sorted: readonly number[], quantile: number): number {
  return Number((sorted[Math.floor(quantile * (sorted.length - 1))] ?? 0).toFixed(2));
}
