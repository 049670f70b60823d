import { type Attempt, type Candidate, candidateKey } from './types.ts';

/** Answers kept for one candidate and length of speech; older ones make room, so that a vendor which changes is followed. */
const KEPT = 100;
/** With fewer, the slowest of them says little. */
const LEAST = 20;
/** Candidates kept; the one that answered longest ago makes room. */
const MAX_KEPT_CANDIDATES = 500;
/** A request takes longer for longer audio, and longer than none for short audio: lengths are kept apart, in ms. */
const LENGTHS_MS = [2000, 4000, 8000, 16_000];

/** The last answers of one kind: a ring of milliseconds. */
interface Answers {
  ms: Float64Array;
  count: number;
}

/**
 * How long candidates take to answer: from the request, or of a stream from the end of speech. Shared by the sessions of
 * a process. Bounded: about 4 KiB a candidate.
 */
export class Latencies {
  /** In the order they last answered. */
  readonly #candidates = new Map<string, Map<string, Answers>>();

  /** It took `ms` to answer audio of `durationMs`; or at least so long, when nobody waited for the end of it. */
  took(candidate: Candidate, mode: Attempt['mode'], durationMs: number, ms: number): void {
    const key = candidateKey(candidate);
    const known = this.#candidates.get(key) ?? new Map<string, Answers>();
    this.#candidates.delete(key);
    this.#candidates.set(key, known);
    const kind = kindOf(mode, durationMs);
    const answers = known.get(kind) ?? { ms: new Float64Array(KEPT), count: 0 };
    known.set(kind, answers);
    answers.ms[answers.count % KEPT] = ms;
    answers.count += 1;
    if (this.#candidates.size > MAX_KEPT_CANDIDATES) {
      const oldest = this.#candidates.keys().next().value;
      if (oldest !== undefined) this.#candidates.delete(oldest);
    }
  }

  /** Milliseconds within which 95 of 100 of its answers came; null while too few are known. */
  p95Ms(candidate: Candidate, mode: Attempt['mode'], durationMs: number): number | null {
    const answers = this.#candidates.get(candidateKey(candidate))?.get(kindOf(mode, durationMs));
    if (!answers || answers.count < LEAST) return null;
    const sorted = answers.ms.slice(0, Math.min(answers.count, KEPT)).sort();
    return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
  }
}

/** A stream has heard all but the last moment when speech ends: how much there was before does not matter. */
function kindOf(mode: Attempt['mode'], durationMs: number): string {
  return mode === 'stream' ? mode : `batch ${LENGTHS_MS.findIndex((longest) => durationMs <= longest)}`;
}
