/** A pause in which audio time went on and no sample came. */
export interface Gap {
  /** Audio time of the sample behind the last one heard, in samples. */
  position: number;
  samples: number;
}

/** Gaps kept: each takes a second and a half at least. Past it the oldest counts as before everything. */
const MAX_GAPS = 2048;

/** Which decoded sample stands at which audio time: pauses count in the one and not in the other. */
export class Timeline {
  readonly #gaps: Gap[];
  /** Audio time less samples, before the oldest gap that is kept. */
  #ahead: number;

  /** `sample` stands at `position`, and these gaps follow. */
  constructor(sample = 0, position = 0, gaps: readonly Gap[] = []) {
    this.#ahead = position - sample;
    this.#gaps = [...gaps];
  }

  gap(gap: Gap): void {
    if (gap.samples <= 0) return;
    this.#gaps.push(gap);
    if (this.#gaps.length > MAX_GAPS) this.#ahead += this.#gaps.shift()?.samples ?? 0;
  }

  /** The decoded sample at a place in audio time; in a gap, the one behind it. */
  sampleAt(position: number): number {
    let ahead = this.#ahead;
    for (const gap of this.#gaps) {
      if (gap.position >= position) break;
      ahead += Math.min(gap.samples, position - gap.position);
    }
    return position - ahead;
  }

  /** Gaps from a place on; those before it are forgotten. Ask in order. */
  from(position: number): readonly Gap[] {
    while (this.#gaps[0] && this.#gaps[0].position + this.#gaps[0].samples <= position) {
      this.#ahead += this.#gaps.shift()?.samples ?? 0;
    }
    return this.#gaps;
  }
}
