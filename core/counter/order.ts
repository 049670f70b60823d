import type { Clock } from '../contracts/index.ts';

/** An utterance's place in the order spoken, until its answer is applied. */
interface Place<T> {
  segment: number;
  value: T | undefined;
  answered: boolean;
  cancelHold: (() => void) | undefined;
}

/**
 * Utterances are transcribed side by side and applied in the order they were spoken. One that is not answered holds
 * back those behind it at most `holdMs`; after that they go ahead and it is applied late when it comes.
 * Bounded by the runtime's bound on utterances in flight.
 */
export class SpokenOrder<T> {
  readonly #places: Place<T>[] = [];
  readonly #clock: Clock;
  readonly #holdMs: number;
  readonly #apply: (value: T, late: boolean) => void;
  #lastApplied = 0;

  /** `apply` gets each value exactly once; `late` when a later utterance was applied before it. */
  constructor(options: { clock: Clock; holdMs: number; apply: (value: T, late: boolean) => void }) {
    this.#clock = options.clock;
    this.#holdMs = options.holdMs;
    this.#apply = options.apply;
  }

  /** Takes the place of a segment; call in the order spoken, before its answer can come. */
  expect(segment: number): void {
    this.#places.push({ segment, value: undefined, answered: false, cancelHold: undefined });
  }

  /** The answer of a segment; applied now or when those before it are. */
  answer(segment: number, value: T): void {
    const place = this.#places.find((each) => each.segment === segment);
    if (!place || place.answered) return;
    place.value = value;
    place.answered = true;
    if (segment < this.#lastApplied) {
      this.#remove(place);
      this.#apply(value, true);
      return;
    }
    if (this.#places.find((each) => each.segment > this.#lastApplied) !== place) {
      place.cancelHold = this.#clock.after(this.#holdMs, () => this.#release(segment));
    }
    this.#advance();
  }

  /** Nothing is waiting any more. */
  get empty(): boolean {
    return this.#places.length === 0;
  }

  /** Stops the timers; what is answered and still held back is applied at once. */
  close(): void {
    for (const place of [...this.#places]) if (place.answered) this.#release(place.segment);
  }

  /** The hold of an answered utterance is over: whatever stands before it is passed by. */
  #release(segment: number): void {
    const answered = this.#places.filter((each) => each.answered && each.segment <= segment);
    for (const place of answered) this.#applyPlace(place);
    this.#advance();
  }

  #advance(): void {
    for (;;) {
      const next = this.#places.find((each) => each.segment > this.#lastApplied);
      if (!next?.answered) return;
      this.#applyPlace(next);
    }
  }

  #applyPlace(place: Place<T>): void {
    this.#remove(place);
    this.#lastApplied = Math.max(this.#lastApplied, place.segment);
    if (place.value !== undefined) this.#apply(place.value, false);
  }

  #remove(place: Place<T>): void {
    place.cancelHold?.();
    this.#places.splice(this.#places.indexOf(place), 1);
  }
}
