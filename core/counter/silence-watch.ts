import type { Clock } from '../contracts/index.ts';

/** Frames whose audio length decides what a pause of the device is. */
const REMEMBERED = 20;

/** A timer this late, in ms, found the event loop blocked: what the device sent meanwhile is read right after it. */
const LATE_MS = 250;

/** Asks the device for a sign of life; `alive` is called when it comes, after everything the device sent before it. */
export type Probe = (alive: () => void) => void;

/**
 * Sees when a device stops sending: no audio for max(1.5 s, 2 × the longest audio held by one of the last 20 frames)
 * (protocol.md §1.1). Devices mute, suppress silence, or end a file without `fim`. One timer per connection, re-armed
 * when it fires and never per frame. With a probe, a pause is the device's only once it has given a sign of life: a
 * network that is gone says nothing either.
 */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #onGap: (elapsedMs: number) => void;
  readonly #probe: Probe | undefined;
  readonly #lengths = new Float64Array(REMEMBERED);
  #next = 0;
  #lastAt = 0;
  #cancel: (() => void) | undefined;
  /** Milliseconds of wall time already told as a gap since the last audio. */
  #told = 0;
  #held = false;
  #isClosed = false;

  constructor(clock: Clock, onGap: (elapsedMs: number) => void, probe?: Probe) {
    this.#clock = clock;
    this.#onGap = onGap;
    this.#probe = probe;
  }

  /**
   * Bytes arrived. Returns the part of the pause before them that was not told yet (0 unless a gap was open): to be told
   * before what they hold is heard.
   */
  resumed(): number {
    const now = this.#clock.now();
    const rest = this.#told > 0 ? Math.max(0, now - this.#lastAt - this.#told) : 0;
    this.#lastAt = now;
    this.#told = 0;
    return rest;
  }

  /** The longest audio held by one of the last frames, in milliseconds. */
  get longestMs(): number {
    let longest = 0;
    for (const length of this.#lengths) if (length > longest) longest = length;
    return longest;
  }

  /** How much audio they held. */
  heard(audioMs: number): void {
    this.#lengths[this.#next] = audioMs;
    this.#next = (this.#next + 1) % REMEMBERED;
    this.#lastAt = this.#clock.now();
    this.#cancel ??= this.#arm(this.#limitMs());
  }

  /** While we do not read the socket ourselves, silence is ours and not the device's. */
  hold(held: boolean): void {
    this.#held = held;
    if (held || this.#lastAt === 0) return;
    this.#lastAt = this.#clock.now();
    if (this.#told === 0 && !this.#isClosed) this.#cancel ??= this.#arm(this.#limitMs());
  }

  /** Stops for good. */
  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #limitMs(): number {
    return Math.max(1500, 2 * this.longestMs);
  }

  #arm(ms: number): () => void {
    const due = this.#clock.now() + ms;
    return this.#clock.after(ms, () => {
      this.#cancel = undefined;
      const now = this.#clock.now();
      const elapsed = now - this.#lastAt;
      const limit = this.#limitMs();
      if (this.#held || elapsed < limit) {
        this.#cancel = this.#arm(this.#held ? limit : limit - elapsed);
        return;
      }
      if (now - due > LATE_MS) {
        this.#cancel = this.#arm(LATE_MS);
        return;
      }
      if (this.#probe) this.#ask(this.#probe);
      else this.#tell(elapsed);
    });
  }

  /** The sign may come when audio has come too, or when nobody reads any more: then the watch begins again. */
  #ask(probe: Probe): void {
    const askedAfter = this.#lastAt;
    probe(() => {
      if (this.#cancel || this.#told > 0 || this.#isClosed) return;
      if (this.#held || this.#lastAt !== askedAfter) this.#cancel = this.#arm(this.#limitMs());
      else this.#tell(this.#clock.now() - this.#lastAt);
    });
  }

  #tell(elapsedMs: number): void {
    this.#told = elapsedMs;
    this.#onGap(elapsedMs);
  }
}
