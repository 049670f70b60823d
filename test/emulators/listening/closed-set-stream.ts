import type { ClosedSet } from './closed-set.ts';
import { featuresOf, RunningMean } from './features.ts';
import { type Heard, type HeardStream, heardOf } from './index.ts';
import { DIMENSIONS, type Frame, MfccStream } from './mfcc.ts';
import { wordsBetween } from './phrases.ts';
import { SampleBuffer } from './sample-buffer.ts';
import { PAUSE_FRAMES } from './talk-spurts.ts';
import { ToRate } from './to-rate.ts';
import { Warp } from './warp.ts';

/** What is not taken within a minute is forgotten. */
const MOST_SAMPLES = 60 * 16_000;
const ABOVE_NOISE_DB = 9;
/** The guess is told from half a second of speech on, and while it is this near. */
const FIRST_GUESS_FRAMES = 33;
const FARTHEST_GUESS = 4.2;
/** The noise floor follows a louder room by 5 dB a second. */
const FLOOR_RISE_DB = 0.075;
/** Deltas look two frames ahead. */
const LOOK_AHEAD = 2;

/** A cheap running guess while speech goes on; `take` recognises the whole with care. */
export class ClosedSetStream implements HeardStream {
  readonly #set: ClosedSet;
  readonly #toRate: ToRate;
  readonly #mfcc = new MfccStream();
  readonly #buffer = new SampleBuffer();
  #warps: Warp[] = [];
  /** The last frames of the speech that goes on, as many as the deltas of the middle one need. */
  #recent: Frame[] = [];
  #mean: RunningMean;
  #warped = 0;
  #quietFrames = 0;
  #floorDb = Number.POSITIVE_INFINITY;
  /** Guesses at the phrases that have ended since the last take. */
  #ended: string[] = [];

  constructor(set: ClosedSet, sampleRateHz: number) {
    this.#set = set;
    this.#mean = new RunningMean(set.book.norm);
    this.#toRate = new ToRate(sampleRateHz, 16_000);
  }

  push(pcm: Int16Array): void {
    const samples = this.#toRate.convert(pcm);
    this.#buffer.append(samples);
    this.#buffer.dropBefore(this.#buffer.end - MOST_SAMPLES);
    this.#mfcc.push(samples, (frame) => this.#frame(frame));
  }

  partial(): string {
    return [...this.#ended, this.#guess()].filter((text) => text !== '').join(' ');
  }

  take(): Heard {
    const startMs = Math.round(this.#buffer.base / 16);
    const { words } = this.#set.transcribe(this.#buffer.samples, 16_000);
    this.#buffer.dropBefore(this.#buffer.end);
    this.#ended = [];
    this.#startAnew();
    return heardOf(words.map((word) => ({ ...word, startMs: word.startMs + startMs, endMs: word.endMs + startMs })));
  }

  #frame(frame: Frame): void {
    this.#floorDb = Math.min(this.#floorDb + FLOOR_RISE_DB, frame.levelDb);
    this.#quietFrames = frame.levelDb > this.#floorDb + ABOVE_NOISE_DB ? 0 : this.#quietFrames + 1;
    if (this.#quietFrames === PAUSE_FRAMES) this.#endPhrase();
    if (this.#quietFrames > 0 && (this.#recent.length === 0 || this.#quietFrames > LOOK_AHEAD)) return;
    this.#mean.add(frame);
    this.#recent.push(frame);
    if (this.#recent.length > LOOK_AHEAD * 2) this.#warp();
  }

  /** Warps the frame whose deltas are now known, normalised by the mean of the speech so far. */
  #warp(): void {
    const { phrases, norm } = this.#set.book;
    const features = featuresOf(this.#recent, norm, this.#mean.value());
    this.#recent.shift();
    if (this.#warped === 0) this.#warps = phrases.map(({ features }) => new Warp(features));
    for (const warp of this.#warps) warp.push(features.values, LOOK_AHEAD * DIMENSIONS);
    this.#warped++;
  }

  #guess(): string {
    if (this.#warped < FIRST_GUESS_FRAMES) return '';
    const stretches = this.#warps.map((warp) => warp.best());
    const nearest = stretches.reduce((best, { cost }, index) => (cost < stretches[best]!.cost ? index : best), 0);
    const { cost, start, end } = stretches[nearest]!;
    if (cost > FARTHEST_GUESS) return '';
    const words = wordsBetween(this.#set.book.phrases[nearest]!, start, end);
    return words.map(({ text }) => text).join(' ');
  }

  #endPhrase(): void {
    const guess = this.#guess();
    if (guess !== '') this.#ended.push(guess);
    this.#startAnew();
  }

  #startAnew(): void {
    this.#recent = [];
    this.#mean = new RunningMean(this.#set.book.norm);
    this.#warps = [];
    this.#warped = 0;
  }
}
