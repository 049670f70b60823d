import { FRAME_MS } from '../contracts/index.ts';
import type { VadSettings } from './settings.ts';
import type { CutReason } from './types.ts';

/** Longest opening that waits for its minimum speech, without the pre-roll: 3 s. Older frames leave it. */
const MAX_UNCONFIRMED_FRAMES = 100;

/** Speech frames beyond the minimum after which an opening that is still not confirmed is taken for noise: 300 ms. */
const DOUBT_FRAMES = 10;

/** In samples of an utterance: where it ends, and where the sound of the one that goes on begins. */
export interface SplitPlace {
  through: number;
  from: number;
}

/** What the segmenter decides. Frames are numbered for the whole session, `last` included. */
export interface SegmenterSink {
  /** Speech confirmed: the utterance is `first` to `last` so far, and grows by `extend`. */
  open(first: number, last: number, overlapsPrevious: boolean): 'segment' | 'stream';
  extend(frame: number): void;
  close(reason: CutReason, silenceFrames: number): void;
  /** What is open ends where the first place says, and what is told next is of another utterance, which begins at the second. */
  split(at: SplitPlace, silenceFrames: number): 'segment' | 'stream';
}

/** The values of {@link VadSettings} that decide where an utterance begins and ends. */
export type SegmenterSettings = Pick<
  VadSettings,
  'silenceFramesNeeded' | 'preRollFrames' | 'segmentLimitFrames' | 'overlapFrames' | 'minSpeechMs' | 'hardLimitMs'
>;

/**
 * Cuts what the VAD calls speech into utterances: pre-roll, minimum speech, hang-over, length limit, overlap. Nothing is
 * announced before the minimum speech is there, so a beep costs no vendor anything; then all of it is, pre-roll first.
 */
export class Segmenter {
  readonly #sink: SegmenterSink;
  #settings: SegmenterSettings;
  #state: 'idle' | 'unconfirmed' | 'open' = 'idle';
  #mode: 'segment' | 'stream' = 'segment';
  /** First frame of the utterance, pre-roll or overlap included. */
  #first = 0;
  /** Frames before it belong to the past: no pre-roll reaches behind. */
  #floor = 0;
  #speechFrames = 0;
  #silence = 0;
  /** Goes on from a forced cut, of which `overlapFrames` are repeated. */
  #continues = false;

  constructor(settings: SegmenterSettings, sink: SegmenterSink) {
    this.#settings = settings;
    this.#sink = sink;
  }

  /** Whether an utterance is open or may become one: the noise floor rests, and new settings wait. */
  get busy(): boolean {
    return this.#state !== 'idle';
  }

  /** Whether this is probably speech: the noise floor rests. What stays unconfirmed for long is noise. */
  get likely(): boolean {
    if (this.#state !== 'unconfirmed') return this.#state === 'open';
    return (this.#speechFrames - DOUBT_FRAMES) * FRAME_MS < this.#settings.minSpeechMs;
  }

  /** Oldest frame that may still be asked for; undefined when none. */
  get needed(): number | undefined {
    return this.#state === 'unconfirmed' ? this.#first : undefined;
  }

  get floor(): number {
    return this.#floor;
  }

  /** Frames of the utterance before that what runs, or is to come next, repeats. */
  get repeats(): number {
    return this.#continues && this.#state !== 'idle' ? Math.max(0, this.#floor - this.#first) : 0;
  }

  /** What follows goes on from a forced cut that another segmenter made: its first `overlap` frames are repeated. */
  continueFrom(overlap: number): void {
    this.#begin(0);
    this.#floor = overlap;
    this.#continues = true;
  }

  set settings(settings: SegmenterSettings) {
    this.#settings = settings;
  }

  /** The next frame: whether it is speech, and whether what was heard so far may be confirmed as such. */
  frame(frame: number, spoken: boolean, credible: boolean): void {
    if (this.#state === 'idle') {
      if (!spoken) return;
      this.#begin(Math.max(frame - this.#settings.preRollFrames, this.#floor));
    }
    if (this.#continues && frame < this.#floor) return;
    if (spoken) this.#speechFrames += 1;
    this.#silence = spoken ? 0 : this.#silence + 1;
    if (this.#state === 'open') this.#extend(frame);
    else this.#consider(frame, credible);
  }

  /** Ends whatever runs before `next`, the first frame that does not belong to it. An unconfirmed opening is dropped. */
  cut(reason: CutReason, next: number): void {
    if (this.#state === 'open') this.#sink.close(reason, this.#silence);
    this.#idle(next);
  }

  /** Ends what is open before `next`, until it is known whether what comes goes on from it: then as from a forced cut. */
  breakOff(reason: CutReason, next: number): void {
    if (this.#state === 'open')
      this.#endForNow(reason, next, Math.min(this.#settings.overlapFrames, next - this.#first));
  }

  /** A streamed utterance past the length limit becomes two: frame `next` is the second one's. False: it stays as it is. */
  split(next: number, at: SplitPlace): boolean {
    const isLong = next - this.#first >= this.#settings.segmentLimitFrames;
    if (this.#state !== 'open' || !isLong) return false;
    this.#first = next;
    this.#floor = next;
    this.#mode = this.#sink.split(at, this.#silence);
    return true;
  }

  #begin(first: number): void {
    this.#state = 'unconfirmed';
    this.#first = first;
    this.#speechFrames = 0;
    this.#silence = 0;
    this.#continues = false;
  }

  #consider(frame: number, credible: boolean): void {
    if (this.#confirmed(credible)) {
      this.#state = 'open';
      this.#mode = this.#sink.open(this.#first, frame, this.#continues && this.#first < this.#floor);
      this.#limit(frame);
      return;
    }
    if (this.#silence >= this.#settings.silenceFramesNeeded) {
      this.#idle(this.#floor);
      return;
    }
    const { preRollFrames, segmentLimitFrames } = this.#settings;
    this.#first = Math.max(
      this.#first,
      frame - Math.min(preRollFrames + MAX_UNCONFIRMED_FRAMES, segmentLimitFrames - 2),
    );
  }

  /** After a forced cut the speech was confirmed already: one more frame of it must not be lost. */
  #confirmed(credible: boolean): boolean {
    if (this.#continues) return this.#speechFrames > 0;
    return credible && this.#speechFrames * FRAME_MS >= this.#settings.minSpeechMs;
  }

  #extend(frame: number): void {
    this.#sink.extend(frame);
    this.#limit(frame);
  }

  #limit(frame: number): void {
    if (this.#silence >= this.#settings.silenceFramesNeeded) {
      this.cut('silence_end', frame + 1);
      return;
    }
    const limit =
      this.#mode === 'segment' ? this.#settings.segmentLimitFrames : Math.floor(this.#settings.hardLimitMs / FRAME_MS);
    if (frame + 1 - this.#first >= limit) this.#forceCut(frame + 1);
  }

  #forceCut(next: number): void {
    // An overlap of the whole segment would never move on.
    const overlap = this.#mode === 'segment' ? Math.min(this.#settings.overlapFrames, (next - this.#first) >> 1) : 0;
    this.#endForNow('safety_limit', next, overlap);
  }

  /** What follows belongs to the same speech: it opens at its first spoken frame, repeating the overlap. */
  #endForNow(reason: CutReason, next: number, overlap: number): void {
    const silence = this.#silence;
    this.#sink.close(reason, silence);
    this.#floor = next;
    this.#begin(next - overlap);
    this.#silence = silence;
    this.#continues = true;
  }

  #idle(floor: number): void {
    this.#state = 'idle';
    this.#floor = floor;
  }
}
