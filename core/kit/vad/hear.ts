import type { Vad, VadStream } from '../../contracts/index.ts';

/** Frames the core lets a detector be behind (2 s). */
const MAX_AHEAD = 64;
const QUIET_MS = 1000;
/** Runs in batches of different sizes round differently. */
const TOLERANCE = 1e-3;

export interface Heard {
  /** As they came. */
  results: { seq: number; probability: number }[];
  /** By frame; NaN where no result came. */
  probabilities: Float64Array;
}

export interface HearOptions {
  quietMs?: number | undefined;
  /** Number of the first frame. Default 0. */
  firstSeq?: number;
  /** Frames that may wait for their results. Default: as many as the core lets wait. */
  ahead?: number;
  /** Called around each push, with the frame the detector was given. */
  push?(stream: VadStream, frame: Float32Array, seq: number): void;
}

/** A stream that is fed and waited for. */
export class Listener {
  readonly results: Heard['results'] = [];
  readonly stream: VadStream;
  readonly #vad: Vad;
  readonly #options: HearOptions;
  #pushed = 0;
  #wake: (() => void) | undefined;

  constructor(vad: Vad, options: HearOptions = {}) {
    this.#vad = vad;
    this.#options = options;
    this.stream = vad.open((seq, probability) => {
      this.results.push({ seq, probability });
      this.#wake?.();
    });
  }

  /** Pushes all whole frames of `pcm` and waits for their results. */
  async hear(pcm: Float32Array): Promise<Heard> {
    const size = this.#vad.frameSamples;
    const first = this.#pushed + (this.#options.firstSeq ?? 0);
    const before = this.results.length;
    const frames = Math.floor(pcm.length / size);
    const give = this.#options.push ?? ((stream, frame, seq) => stream.push(frame, seq));
    for (let i = 0; i < frames; i++) {
      if (!(await this.#room(this.#options.ahead ?? MAX_AHEAD))) break;
      give(this.stream, pcm.slice(i * size, (i + 1) * size), first + i);
      this.#pushed++;
    }
    await this.#room(1);
    const results = this.results.slice(before);
    const probabilities = new Float64Array(frames).fill(Number.NaN);
    for (const { seq, probability } of results) probabilities[seq - first] = probability;
    return { results, probabilities };
  }

  /** Waits until fewer than `ahead` frames have no result; false when results have ceased to come. */
  async #room(ahead: number): Promise<boolean> {
    while (this.#pushed - this.results.length >= ahead) {
      if (!(await this.#next())) return false;
    }
    return true;
  }

  #next(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(false), this.#options.quietMs ?? QUIET_MS);
      const settle = (came: boolean) => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(came);
      };
      this.#wake = () => settle(true);
    });
  }
}

/** What a new stream makes of `pcm`. */
export async function hear(vad: Vad, pcm: Float32Array, options: HearOptions = {}): Promise<Heard> {
  const listener = new Listener(vad, options);
  try {
    return await listener.hear(pcm);
  } finally {
    listener.stream.close();
  }
}

/** Whether two runs gave each frame the same probability; a result that is missing in one of them has a check of its own. */
export function same(a: Heard, b: Heard): boolean {
  let compared = 0;
  for (let i = 0; i < a.probabilities.length; i++) {
    const apart = Math.abs((a.probabilities[i] as number) - (b.probabilities[i] as number));
    if (apart > TOLERANCE) return false;
    if (!Number.isNaN(apart)) compared++;
  }
  return compared > a.probabilities.length / 2;
}
