import {
  type Clock,
  CORE_SAMPLE_RATE_HZ,
  FRAME_MS,
  type SttCapabilities,
  type SttStream,
  type Usage,
} from '../contracts/index.ts';
import { Resampler } from './resampler.ts';
import type { StreamTurn } from './stream-turn.ts';

const SAMPLES_PER_MS = CORE_SAMPLE_RATE_HZ / 1000;
/** Frames are joined to this where the vendor allows it: three of the core's, about eleven messages a second. */
const CHUNK_MS = 3 * FRAME_MS;
/** Chunks handed over before other counters get their turn: 4.5 s of backlog. */
const CHUNKS_PER_TURN = 50;
/** What a vendor that wants real time may get at once after a pause. */
const REALTIME_BURST_MS = 500;

/**
 * Carries samples from the ring to one stream: joined to the vendor's chunk, at its rate, no faster than it takes them.
 * One buffer, reused for every chunk: nothing is allocated per frame.
 */
export class LaneFeed {
  readonly #clock: Clock;
  readonly #onReady: () => void;
  readonly #chunk: Int16Array;
  readonly #minSamples: number;
  readonly #isRealtime: boolean;
  #resampler: Resampler | undefined;
  #pushedSamples = 0;
  #billedSamples = 0;
  #credit = REALTIME_BURST_MS * SAMPLES_PER_MS;
  #creditAtMs: number;
  #cancelLater: (() => void) | undefined;

  constructor(clock: Clock, capabilities: SttCapabilities, onReady: () => void) {
    const { min } = capabilities.chunkMs;
    this.#clock = clock;
    this.#onReady = onReady;
    this.#chunk = new Int16Array(Math.max(1, Math.round(chunkMs(capabilities) * SAMPLES_PER_MS)));
    this.#minSamples = Math.min(Math.round(min * SAMPLES_PER_MS), this.#chunk.length);
    this.#isRealtime = capabilities.pushRate === 'realtime';
    this.#creditAtMs = clock.now();
  }

  /** Makes ready for the vendor's rate; needed before the first push. */
  async prepare(rateHz: number): Promise<void> {
    if (rateHz !== CORE_SAMPLE_RATE_HZ) this.#resampler = await Resampler.create(CORE_SAMPLE_RATE_HZ, rateHz);
  }

  /** Pushes what there is of `turn`; a dropped one has nothing left. True when all of a finished utterance is pushed; calls `onReady` when more may go later. */
  pump(turn: StreamTurn, stream: SttStream): boolean {
    for (let chunks = 0; turn.audio.samples - turn.cursor >= this.#chunk.length; chunks++) {
      if (chunks >= CHUNKS_PER_TURN) return this.#later(0);
      if (!this.#may(this.#chunk.length)) return false;
      this.#push(turn, stream, this.#chunk, this.#chunk.length);
    }
    if (!turn.isEnded) return false;
    const rest = turn.audio.samples - turn.cursor;
    if (rest > 0) {
      if (!this.#may(rest)) return false;
      // The vendor's shortest message is filled up with silence.
      this.#push(turn, stream, new Int16Array(Math.max(rest, this.#minSamples)), rest);
    }
    this.#flush(stream);
    return true;
  }

  /** The plugin says itself what its vendor bills. */
  billed(usage: readonly Usage[]): void {
    for (const used of usage) {
      if (used.unit === 'second' && used.of === 'audio_in') this.#billedSamples += used.quantity * CORE_SAMPLE_RATE_HZ;
    }
  }

  /** Samples given to the vendor that no bill covers yet; they are covered from now on. */
  takeUnbilled(): number {
    const samples = Math.max(0, this.#pushedSamples - this.#billedSamples);
    this.#billedSamples = Math.max(this.#billedSamples, this.#pushedSamples);
    // Less than a millisecond is the vendor's rounding, not audio.
    return samples < SAMPLES_PER_MS ? 0 : samples;
  }

  close(): void {
    this.#cancelLater?.();
    this.#resampler?.close();
    this.#resampler = undefined;
  }

  #push(turn: StreamTurn, stream: SttStream, buffer: Int16Array, samples: number): void {
    turn.audio.copyTo(buffer, turn.cursor, samples);
    const streamMs = this.#pushedSamples / SAMPLES_PER_MS;
    const pcm = this.#resampler ? this.#resampler.process(buffer) : buffer;
    if (pcm.length > 0) stream.push(pcm);
    this.#pushedSamples += buffer.length;
    turn.pushed(samples, streamMs);
  }

  #flush(stream: SttStream): void {
    const rest = this.#resampler?.flush();
    if (rest && rest.length > 0) stream.push(rest);
  }

  /** Spends real time; false when the vendor must not get so much yet. */
  #may(samples: number): boolean {
    if (!this.#isRealtime) return true;
    const now = this.#clock.now();
    const most = Math.max(REALTIME_BURST_MS * SAMPLES_PER_MS, this.#chunk.length);
    this.#credit = Math.min(most, this.#credit + (now - this.#creditAtMs) * SAMPLES_PER_MS);
    this.#creditAtMs = now;
    // Clocks count fractions: a sample's worth of missing credit must not cost another timer.
    if (this.#credit + 1 >= samples) {
      this.#credit -= samples;
      return true;
    }
    return this.#later((samples - this.#credit) / SAMPLES_PER_MS);
  }

  #later(ms: number): false {
    this.#cancelLater ??= this.#clock.after(ms, () => {
      this.#cancelLater = undefined;
      this.#onReady();
    });
    return false;
  }
}

/** Whole frames where the vendor's limits allow it: an utterance, made of frames, then leaves no tail too short to send. */
function chunkMs({ chunkMs: { min, max } }: SttCapabilities): number {
  const wanted = Math.max(CHUNK_MS, Math.ceil(min / FRAME_MS) * FRAME_MS);
  return wanted <= max ? wanted : Math.max(min, Math.floor(max / FRAME_MS) * FRAME_MS, Math.min(max, FRAME_MS));
}
