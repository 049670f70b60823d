import type { LiveEvent } from './events.ts';

/** Events kept for whoever was away for a moment, and for how long. What people said is in them. */
const MOST = { events: 4096, bytes: 4 * 1024 * 1024, ageMs: 5 * 60_000 };

/** An event with its two texts: with what was said, and without. */
export interface Written {
  event: LiveEvent;
  full: string;
  bare: string;
}

/** The last events of this process, bounded in number, size and age. */
export class EventRing {
  readonly #limits: typeof MOST;
  #kept: Written[] = [];
  #bytes = 0;
  /** The newest event that is not kept any more. */
  #gone = 0;

  constructor(limits: Partial<typeof MOST> = {}) {
    this.#limits = { ...MOST, ...limits };
  }

  add(written: Written): void {
    this.#kept.push(written);
    this.#bytes += sizeOf(written);
    this.forget(written.event.at);
  }

  /** Lets go of what is too old, or too much. */
  forget(now: number): void {
    let drop = 0;
    for (const written of this.#kept) {
      const isTooMuch = this.#kept.length - drop > this.#limits.events || this.#bytes > this.#limits.bytes;
      if (!isTooMuch && now - written.event.at <= this.#limits.ageMs) break;
      this.#bytes -= sizeOf(written);
      this.#gone = written.event.seq ?? this.#gone;
      drop++;
    }
    if (drop > 0) this.#kept = this.#kept.slice(drop);
  }

  /** What came after this one; null: some of it is not kept any more. */
  after(seq: number): Written[] | null {
    if (seq < this.#gone) return null;
    return this.#kept.filter(({ event }) => (event.seq ?? 0) > seq);
  }

  /** Forgets everything up to this event. */
  clear(seq: number): void {
    this.#kept = [];
    this.#bytes = 0;
    this.#gone = seq;
  }
}

function sizeOf({ full, bare }: Written): number {
  return full.length + (bare === full ? 0 : bare.length);
}
