import type { LevelMeter } from '../audio/level-meter.ts';

/** Frames that make one level: 90 ms, so eleven a second. */
const FRAMES = 3;

/** How loud it was at a counter for 90 ms. Energies are RMS of 30 ms in int16 units. */
export interface Level {
  /** The loudest of its frames. */
  rms: number;
  noise: number;
  /** What opens the ear. */
  threshold: number;
  /** The surest of its frames, 0 to 1; null: the ear was shut, no VAD was asked. */
  probability: number | null;
  /** Taken for speech. */
  isSpoken: boolean;
}

type Tell = (level: Level) => void;

/** What each counter's ears hear, for whoever watches one: nothing is gathered where nobody does. */
export class Levels {
  readonly #meters = new Map<string, Set<SessionMeter>>();
  readonly #watchers = new Map<string, Set<Tell>>();

  /** A session's meter; close it when the session is over. */
  open(counterId: string): SessionMeter {
    const meter = new SessionMeter(this.#watchers.get(counterId), () => {
      const left = this.#meters.get(counterId);
      left?.delete(meter);
      if (left?.size === 0) this.#meters.delete(counterId);
    });
    const meters = this.#meters.get(counterId) ?? new Set();
    this.#meters.set(counterId, meters.add(meter));
    return meter;
  }

  /** Whether a session of this counter is in this process. */
  isHere(counterId: string): boolean {
    return this.#meters.has(counterId);
  }

  /** Tells every level of this counter, now and in sessions to come, until what is returned is called. */
  watch(counterId: string, tell: Tell): () => void {
    const watchers = this.#watchers.get(counterId) ?? new Set();
    watchers.add(tell);
    this.#show(counterId, watchers);
    return () => {
      watchers.delete(tell);
      if (watchers.size === 0 && this.#watchers.get(counterId) === watchers) this.#show(counterId, undefined);
    };
  }

  #show(counterId: string, watchers: Set<Tell> | undefined): void {
    if (watchers) this.#watchers.set(counterId, watchers);
    else this.#watchers.delete(counterId);
    for (const meter of this.#meters.get(counterId) ?? []) meter.show(watchers);
  }
}

/** Joins the frames of one session's ear to levels. */
export class SessionMeter implements LevelMeter {
  readonly close: () => void;
  #watchers: ReadonlySet<Tell> | undefined;
  #frames = 0;
  #rms = 0;
  #probability = -1;
  #isSpoken = false;

  constructor(watchers: ReadonlySet<Tell> | undefined, close: () => void) {
    this.#watchers = watchers;
    this.close = close;
  }

  get isWatched(): boolean {
    return this.#watchers !== undefined;
  }

  show(watchers: ReadonlySet<Tell> | undefined): void {
    this.#watchers = watchers;
    this.#reset();
  }

  frame(rms: number, noise: number, threshold: number, probability: number, isSpoken: boolean): void {
    this.#frames += 1;
    this.#rms = Math.max(this.#rms, rms);
    this.#probability = Math.max(this.#probability, probability);
    this.#isSpoken ||= isSpoken;
    if (this.#frames < FRAMES || !this.#watchers) return;
    const level: Level = {
      rms: this.#rms,
      noise,
      threshold,
      probability: this.#probability < 0 ? null : this.#probability,
      isSpoken: this.#isSpoken,
    };
    this.#reset();
    for (const tell of this.#watchers) tell(level);
  }

  #reset(): void {
    this.#frames = 0;
    this.#rms = 0;
    this.#probability = -1;
    this.#isSpoken = false;
  }
}
