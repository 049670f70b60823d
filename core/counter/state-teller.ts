import type { CounterState } from '../store/live-sessions-table.ts';

/** Says what a counter does whenever that becomes something else; the first thing is said by whoever opens it. */
export class StateTeller {
  readonly #tell: (state: CounterState) => void;
  /** Segments that are being said. */
  readonly #open = new Set<number>();
  #isPaused: boolean;
  #isAway: boolean;
  #told: CounterState = 'listening';

  constructor(from: { isPaused: boolean; isAway: boolean }, tell: (state: CounterState) => void) {
    this.#tell = tell;
    this.#isPaused = from.isPaused;
    this.#isAway = from.isAway;
  }

  /** Somebody began to say this segment. */
  began(segment: number): void {
    this.#open.add(segment);
    this.look();
  }

  /** It is over, or was nothing. */
  ended(segment: number): void {
    this.#open.delete(segment);
    this.look();
  }

  paused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.look();
  }

  away(isAway: boolean): void {
    this.#isAway = isAway;
    this.look();
  }

  /** Tells the state if it is not the one told last. */
  look(): void {
    const now = this.#isAway ? 'away' : this.#isPaused ? 'paused' : this.#open.size > 0 ? 'speaking' : 'listening';
    if (now === this.#told) return;
    this.#told = now;
    this.#tell(now);
  }
}
