import type { UtteranceFacts } from './types.ts';

const KEPT = 50;
/** Empty answers among them above which something is wrong: 30 %. */
const TOO_MANY = 0.3 * KEPT;
/** Speech nobody should take for nothing: this long, and this far above the noise. */
const CLEAR_SPEECH_MS = 1500;
const CLEAR_SNR_DB = 10;
/** What others heard longer ago says nothing of the microphones of now. */
const RECENT_MS = 30 * 60_000;

/** Whether an utterance was clear enough that an empty answer to it is suspicious. */
export function isClear({ speechMs, snrDb }: UtteranceFacts): boolean {
  return speechMs !== undefined && speechMs > CLEAR_SPEECH_MS && snrDb !== null && snrDb > CLEAR_SNR_DB;
}

/** The last fifty answers of one candidate to clear speech: words, or nothing. */
export class EmptyWatch {
  readonly #empty = new Uint8Array(KEPT);
  #next = 0;
  #seen = 0;
  #newestMs = Number.NEGATIVE_INFINITY;

  add(nowMs: number, isEmpty: boolean): void {
    this.#empty[this.#next] = isEmpty ? 1 : 0;
    this.#next = (this.#next + 1) % KEPT;
    this.#seen = Math.min(this.#seen + 1, KEPT);
    this.#newestMs = nowMs;
  }

  /** More than 30 % of fifty: also when there have not been fifty yet, whatever the rest will be. */
  get hearsTooLittle(): boolean {
    return this.#empties() > TOO_MANY;
  }

  /** What it heard lately, for comparison; nothing when its last answer is old. */
  lately(nowMs: number): { answers: number; empty: number } {
    const isRecent = nowMs - this.#newestMs <= RECENT_MS;
    return isRecent ? { answers: this.#seen, empty: this.#empties() } : { answers: 0, empty: 0 };
  }

  clear(): void {
    this.#next = 0;
    this.#seen = 0;
  }

  #empties(): number {
    let count = 0;
    for (let at = 0; at < this.#seen; at++) count += this.#empty[at] ?? 0;
    return count;
  }
}

/** Answers of others that are enough to say that there was something to hear. */
const ENOUGH_ANSWERS = 10;

/** Whether others hear words where this one does not; null: they were asked too little to tell. */
export function othersHear(others: Iterable<{ answers: number; empty: number }>): boolean | null {
  let answers = 0;
  let empty = 0;
  for (const each of others) {
    answers += each.answers;
    empty += each.empty;
  }
  return answers < ENOUGH_ANSWERS ? null : empty <= 0.3 * answers;
}
