import { FRAME_MS, FRAME_SAMPLES } from '../contracts/index.ts';
import type { GateLevels } from './background.ts';
import type { FeatureMeter } from './features.ts';
import type { FrameRing } from './ring.ts';
import type { VadSettings } from './settings.ts';
import type { CutReason, Utterance } from './types.ts';

const SAMPLES_PER_MS = FRAME_SAMPLES / FRAME_MS;

/** Silences shorter than this do not part two ranges of speech (protocol.md §3): under 0.3 s. */
const JOIN_FRAMES = 10;

/** What is known of the open utterance beside its features; made when its speech is confirmed. */
export class UtteranceBuilder {
  readonly segment: number;
  readonly startSample: number;
  readonly overlapsPrevious: boolean;
  readonly #settings: VadSettings;
  readonly #start: GateLevels;
  /** First and last spoken frame of each range, counted from the utterance's start. */
  readonly #ranges: [first: number, last: number][] = [];
  #frames = 0;
  #energyIn = 0;
  #energyOut = 0;
  #endSample: number;
  #speechEndSample: number;
  #speechEndArrival = 0;
  #lastArrival = 0;

  constructor(init: {
    segment: number;
    startSample: number;
    /** One past the last sample of it that was heard before. */
    heardTo: number;
    overlapsPrevious: boolean;
    settings: VadSettings;
    levels: GateLevels;
  }) {
    this.segment = init.segment;
    this.startSample = init.startSample;
    this.overlapsPrevious = init.overlapsPrevious;
    this.#settings = init.settings;
    this.#start = init.levels;
    this.#endSample = init.heardTo;
    this.#speechEndSample = init.heardTo;
  }

  /** One past the last sample heard. */
  get endSample(): number {
    return this.#endSample;
  }

  /** It ends before what was heard last, in the midst of speech. */
  endAt(sample: number): void {
    this.#speechEndSample = Math.min(this.#speechEndSample, sample);
    this.#speechEndArrival = this.#lastArrival - Math.max(0, this.#endSample - sample) / SAMPLES_PER_MS;
    this.#endSample = Math.min(this.#endSample, sample);
  }

  /** The next frame, as the ring holds it. */
  add(ring: FrameRing, frame: number): void {
    this.#endSample = ring.position(frame) + ring.samples(frame);
    this.#lastArrival = ring.arrivedAt(frame);
    if (ring.cleaned(frame)) {
      this.#energyIn += (ring.rms(frame) / 32768) ** 2 * ring.samples(frame);
      this.#energyOut += ring.cleanedEnergy(frame);
    }
    if (ring.spoken(frame)) {
      this.#speechEndSample = this.#endSample;
      this.#speechEndArrival = this.#lastArrival;
      this.#addSpoken(this.#frames);
    }
    this.#frames += 1;
  }

  finish(end: {
    reason: CutReason;
    silenceFrames: number;
    levels: GateLevels;
    meter: FeatureMeter;
    noisePower: number | undefined;
    decodeMs: number;
    nowMs: number;
    /** Wall clock of a monotonic time. */
    wall: (monotonicMs: number) => Date;
  }): Utterance {
    return {
      segment: this.segment,
      startSample: this.startSample,
      overlapsPrevious: this.overlapsPrevious,
      endSample: this.#endSample,
      speechEndSample: this.#speechEndSample,
      cutReason: end.reason,
      receivedAt: end.wall(this.#lastArrival),
      speechEndAt: end.wall(this.#speechEndArrival || this.#lastArrival),
      cutAtMs: end.nowMs,
      timings: { decodeMs: end.decodeMs, vadMs: Math.max(0, end.nowMs - this.#lastArrival) },
      silenceFramesAtCut: end.silenceFrames,
      framesLen: this.#frames,
      speechRanges: this.#ranges.map(([first, last]) => [seconds(first), seconds(last + 1)]),
      noise: { start: this.#start.noise, end: end.levels.noise },
      threshold: { start: this.#start.threshold, end: end.levels.threshold },
      features: end.meter.finish({ noisePower: end.noisePower, cleanerGainDb: this.#cleanerGainDb() }),
      settings: this.#settings,
    };
  }

  #addSpoken(frame: number): void {
    const last = this.#ranges.at(-1);
    if (last && frame - last[1] - 1 < JOIN_FRAMES) last[1] = frame;
    else this.#ranges.push([frame, frame]);
  }

  /** Energy out over energy in, over the frames a cleaner heard; null where none did. */
  #cleanerGainDb(): number | null {
    if (this.#energyIn === 0 || this.#energyOut === 0) return null;
    return 10 * Math.log10(this.#energyOut / this.#energyIn);
  }
}

function seconds(frames: number): number {
  return (frames * FRAME_MS) / 1000;
}
