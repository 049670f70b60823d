interface Marker {
  marker: number;
  /** Milliseconds of audio pushed when it was set. */
  atMs: number;
  answered: boolean;
}

/** The vendor's seconds are floats rounded to 10 ms frames: so much short of a marker is still at it. */
export const WATERMARK_TOLERANCE_MS = 20;
const ACK_TOLERANCE_MS = 100;
/** Answered markers whose acknowledgement never came: "usually, not always". */
const MAX_UNACKNOWLEDGED = 16;

/**
 * Which `finalize` markers are answered. Two signs: the vendor's acknowledgement (`from_finalize`), and finals whose audio
 * time passes the marker, because the acknowledgement does not always come. A marker answered by its watermark still
 * waits for its acknowledgement, or the next one would be taken for it.
 */
export class Markers {
  #markers: Marker[] = [];
  readonly #onAnswered: (marker: number, throughMs: number) => void;

  constructor(onAnswered: (marker: number, throughMs: number) => void) {
    this.#onAnswered = onAnswered;
  }

  add(marker: number, atMs: number): void {
    this.#markers.push({ marker, atMs, answered: false });
  }

  get hasUnanswered(): boolean {
    return this.#markers.some((each) => !each.answered);
  }

  /** Whether an answer is owed for audio before `startMs`: then a final that begins there has overtaken it. */
  owesBefore(startMs: number): boolean {
    return this.#markers.some((each) => !each.answered && each.atMs <= startMs + WATERMARK_TOLERANCE_MS);
  }

  /** A final that covers audio up to `endMs` has come. */
  onFinal(endMs: number, isAcknowledgement: boolean): void {
    for (const each of this.#markers) {
      if (each.atMs <= endMs + WATERMARK_TOLERANCE_MS) this.#answer(each);
    }
    if (isAcknowledgement) this.#acknowledge(endMs);
    while (this.#markers.length > MAX_UNACKNOWLEDGED && this.#markers[0]?.answered) this.#markers.shift();
  }

  #acknowledge(endMs: number): void {
    const beyond = this.#markers.findIndex((each) => each.atMs > endMs + ACK_TOLERANCE_MS);
    const covered = beyond === -1 ? this.#markers.length : beyond;
    // One that ends short of every marker still answers the oldest: the vendor says there is nothing more.
    for (const each of this.#markers.splice(0, Math.max(1, covered))) this.#answer(each);
  }

  #answer(each: Marker): void {
    if (each.answered) return;
    each.answered = true;
    this.#onAnswered(each.marker, each.atMs);
  }
}
