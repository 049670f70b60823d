import { type Clock, FRAME_SAMPLES } from '../contracts/index.ts';
import type { Background } from './background.ts';
import { FeatureMeter } from './features.ts';
import type { Hearing } from './hearing.ts';
import type { PitchTracker } from './pitch.ts';
import type { FrameRing } from './ring.ts';
import type { SegmenterSink, SplitPlace } from './segmenter.ts';
import type { VadSettings } from './settings.ts';
import type { Spectrum } from './spectrum.ts';
import type { CutReason, EarListener } from './types.ts';
import { UtteranceBuilder } from './utterance-builder.ts';

/** What the teller reads; `pitch` and `spectrum` are borrowed: nobody else uses them while an utterance is open. */
export interface TellerParts {
  listener: EarListener;
  clock: Clock;
  ring: FrameRing;
  background: Background;
  hearing: Pick<Hearing, 'sttHearsCleaned'>;
  spectrum: Spectrum;
  pitch: PitchTracker;
  /** Numbers the utterances; default: from 1 on. */
  nextSegment?: (() => number) | undefined;
}

/** Tells the listener of the utterance that runs: its start, its samples, and at its end all that is known of it. */
export class UtteranceTeller {
  /** Milliseconds of the utterance that runs: the owner adds what decoding took, each end starts again from 0. */
  readonly timings = { decodeMs: 0 };
  readonly #parts: TellerParts;
  readonly #meter: FeatureMeter;
  readonly #scratch = new Int16Array(FRAME_SAMPLES);
  #utterance: UtteranceBuilder | undefined;
  #settings: VadSettings | undefined;
  #segments = 0;

  constructor(parts: TellerParts) {
    this.#parts = parts;
    this.#meter = new FeatureMeter(parts.spectrum, parts.pitch);
  }

  /** Whether an utterance is open. */
  get open(): boolean {
    return this.#utterance !== undefined;
  }

  /** Number of the utterance that is open. */
  get segment(): number | undefined {
    return this.#utterance?.segment;
  }

  /** Tells what a segmenter decides. `settings`: those of an utterance that begins now. */
  sink(settings: () => VadSettings): SegmenterSink {
    return {
      open: (first, last, overlaps) => this.#open(first, last, overlaps, settings()),
      extend: (frame) => this.#extend(frame),
      close: (reason, silenceFrames) => this.#end(reason, silenceFrames),
      split: (at, silenceFrames) => this.#split(at, silenceFrames, settings()),
    };
  }

  /** Speech confirmed: it runs from `first`, and everything up to `last` is told at once. */
  #open(first: number, last: number, overlapsPrevious: boolean, settings: VadSettings): 'segment' | 'stream' {
    const mode = this.#begin(this.#parts.ring.position(first), overlapsPrevious, settings);
    for (let frame = first; frame <= last; frame++) this.#extend(frame);
    return mode;
  }

  #split({ through, from }: SplitPlace, silenceFrames: number, settings: VadSettings): 'segment' | 'stream' {
    const { startSample = 0, endSample } = this.#utterance ?? {};
    this.#utterance?.endAt(startSample + through);
    this.#end('safety_limit', silenceFrames);
    return this.#begin(startSample + from, true, settings, endSample);
  }

  /** `heardTo`: what of its sound was heard before it began. */
  #begin(startSample: number, overlapsPrevious: boolean, settings: VadSettings, heardTo = startSample) {
    const { background, listener } = this.#parts;
    this.#segments = this.#parts.nextSegment?.() ?? this.#segments + 1;
    const start = { segment: this.#segments, startSample, overlapsPrevious };
    this.#settings = settings;
    this.#utterance = new UtteranceBuilder({ ...start, heardTo, settings, levels: background.levels(settings) });
    this.#meter.begin();
    return listener.start(start).mode;
  }

  #extend(frame: number): void {
    const utterance = this.#utterance;
    if (!utterance) return;
    const { ring, hearing, listener } = this.#parts;
    const samples = ring.samples(frame);
    ring.read(frame, this.#scratch, hearing.sttHearsCleaned);
    utterance.add(ring, frame);
    this.#meter.add(this.#scratch, samples, ring.rms(frame), ring.spoken(frame));
    const whole = samples === FRAME_SAMPLES;
    listener.audio(utterance.segment, whole ? this.#scratch : this.#scratch.subarray(0, samples));
  }

  #end(reason: CutReason, silenceFrames: number): void {
    const utterance = this.#utterance;
    const settings = this.#settings;
    if (!utterance || !settings) return;
    this.#utterance = undefined;
    const { clock, listener, background } = this.#parts;
    const nowMs = clock.now();
    const wallNow = clock.date().getTime();
    const finished = utterance.finish({
      reason,
      silenceFrames,
      levels: background.levels(settings),
      meter: this.#meter,
      noisePower: background.power,
      decodeMs: this.timings.decodeMs,
      nowMs,
      wall: (monotonicMs) => new Date(wallNow - (nowMs - monotonicMs)),
    });
    this.timings.decodeMs = 0;
    listener.end(finished);
  }
}
