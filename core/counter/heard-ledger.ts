/** An utterance's place in audio time, in samples. */
export interface Span {
  segment: number;
  from: number;
  to: number;
}

interface Entry {
  segment: number;
  from: number;
  /** Undefined while it is spoken. */
  to: number | undefined;
  /** Samples at its beginning that repeat the utterance before it. */
  overlap: number;
  state: 'open' | 'stored' | 'failed';
}

/** Where the next one would have to begin, and what of the speech behind it is stored already. */
export interface Unstored {
  position: number;
  overlap: number;
}

/**
 * Which utterances are stored. Up to the first that is not, what was heard need not be heard again; behind it, those
 * that are must not be. Bounded by the runtime's bounds on unanswered speech.
 */
export class HeardLedger {
  #entries: Entry[] = [];
  #lastEnd = 0;

  /** What another process has stored. */
  take(stored: readonly Span[]): void {
    for (const span of stored) this.#entries.push({ ...span, overlap: 0, state: 'stored' });
  }

  begin(segment: number, from: number, overlapsPrevious: boolean): void {
    const overlap = overlapsPrevious ? Math.max(0, this.#lastEnd - from) : 0;
    this.#entries.push({ segment, from, to: undefined, overlap, state: 'open' });
  }

  end(segment: number, to: number): void {
    const entry = this.#find(segment);
    if (entry) entry.to = to;
    this.#lastEnd = to;
  }

  /** It was no utterance. */
  cancel(segment: number): void {
    this.#entries = this.#entries.filter((entry) => entry.segment !== segment);
  }

  stored(segment: number): void {
    const entry = this.#find(segment);
    if (entry) entry.state = 'stored';
  }

  /** It could not be stored: it holds the place as long as somebody may still have its sound. */
  failed(segment: number): void {
    const entry = this.#find(segment);
    if (entry) entry.state = 'failed';
  }

  /**
   * The first utterance that is not stored; null: all are. `forgetBefore`: audio time before which nobody has the sound
   * any more, so that what could not be stored is given up.
   */
  first(forgetBefore: number): Unstored | null {
    const gone = ({ state, to }: Entry) => state === 'failed' && to !== undefined && to < forgetBefore;
    if (this.#entries.some(gone)) this.#entries = this.#entries.filter((entry) => !gone(entry));
    let first: Entry | undefined;
    for (const entry of this.#entries)
      if (entry.state !== 'stored' && (!first || entry.from < first.from)) first = entry;
    return first ? { position: first.from, overlap: first.overlap } : null;
  }

  /** What is stored and begins at `position` or behind it; what is stored before it is forgotten. */
  storedFrom(position: number): Span[] {
    this.#entries = this.#entries.filter(({ state, to }) => state !== 'stored' || (to ?? 0) > position);
    const open = this.#entries.filter(({ state, overlap }) => state !== 'stored' && overlap > 0);
    return this.#entries.flatMap(({ segment, from, to, state }) => {
      if (state !== 'stored' || to === undefined || from < position) return [];
      // What the next one repeats of it is needed to hear that one whole.
      const next = open.find((entry) => entry.from > from && entry.from < to);
      return [{ segment, from, to: next?.from ?? to }];
    });
  }

  /** Numbers of the utterances that are not stored. */
  unstoredSegments(): number[] {
    return this.#entries.flatMap(({ segment, state }) => (state === 'stored' ? [] : [segment]));
  }

  #find(segment: number): Entry | undefined {
    return this.#entries.find((entry) => entry.segment === segment);
  }
}
