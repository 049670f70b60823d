import type { Script } from '../../helpers/conversation.ts';
import { ClosedSetStream } from './closed-set-stream.ts';
import { type Features, featuresOf, framesOf } from './features.ts';
import { type Heard, type HeardStream, type HeardWord, heardOf, type Listening } from './index.ts';
import { DIMENSIONS, type Frame, HOP_MS } from './mfcc.ts';
import { type Phrase, type PhraseBook, phraseBook, wordsBetween } from './phrases.ts';
import { type Spurt, talkSpurts } from './talk-spurts.ts';
import { ToRate } from './to-rate.ts';
import { Warp } from './warp.ts';

/**
 * Mean cost per frame above which a sound is none of the phrases. Measured on the bundled conversation: see
 * `docs/decisions/0031-closed-set-listening.md`.
 */
export const FARTHEST = 3.7;

/** A recognised phrase, or the part of it that was given. */
export interface Recognised {
  text: string;
  words: HeardWord[];
  /** Mean cost per frame: 0 is identical, {@link FARTHEST} the limit. */
  distance: number;
}

/**
 * Recognises the conversation's own phrases by their sound (MFCC, dynamic time warping): for audio that is no copy of the
 * reference, such as a browser's microphone. It knows nothing else, and half a second lost seldom changes its answer: no
 * test about loss may use it.
 */
export class ClosedSet implements Listening {
  readonly book: PhraseBook;

  /** Templates come from `pcm` (16 kHz mono), whose times are those of `script`. */
  constructor(pcm: Int16Array, script: Script) {
    this.book = phraseBook(pcm, script);
  }

  /** Everything said in the audio, phrase by phrase; what is not recognised is left out. */
  transcribe(pcm: Int16Array, sampleRateHz: number): Heard {
    return heardOf(this.recogniseAll(pcm, sampleRateHz).flatMap(({ words }) => words));
  }

  /** The one phrase, or the nearest of several; null when nothing in the audio is near enough. */
  recognise(pcm: Int16Array, sampleRateHz: number): Recognised | null {
    const all = this.recogniseAll(pcm, sampleRateHz);
    return all.reduce<Recognised | null>((best, one) => (best && best.distance <= one.distance ? best : one), null);
  }

  recogniseAll(pcm: Int16Array, sampleRateHz: number): Recognised[] {
    const frames = framesOf(new ToRate(sampleRateHz, 16_000).convert(pcm));
    return talkSpurts(frames).flatMap((spurt) => this.#recogniseSpurt(frames, spurt) ?? []);
  }

  openStream(sampleRateHz: number): HeardStream {
    return new ClosedSetStream(this, sampleRateHz);
  }

  #recogniseSpurt(frames: Frame[], spurt: Spurt): Recognised | null {
    const input = featuresOf(frames.slice(spurt.first, spurt.last), this.book.norm);
    let nearest: Phrase | null = null;
    let distance = FARTHEST;
    for (const phrase of this.book.phrases) {
      const { cost } = warped(input, phrase, false).best();
      if (cost >= distance) continue;
      distance = cost;
      nearest = phrase;
    }
    if (!nearest) return null;
    const words = timedWords(warped(input, nearest, true), nearest, spurt.first, distance);
    return words.length === 0 ? null : { ...heardOf(words), distance };
  }
}

function warped(input: Features, phrase: Phrase, keepPath: boolean): Warp {
  const warp = new Warp(phrase.features, keepPath);
  for (let frame = 0; frame < input.count; frame++) warp.push(input.values, frame * DIMENSIONS);
  return warp;
}

function timedWords(warp: Warp, phrase: Phrase, firstFrame: number, distance: number): HeardWord[] {
  const path = warp.path();
  const { start, end } = warp.best();
  const confidence = Math.round((1 - distance / FARTHEST / 2) * 100) / 100;
  return wordsBetween(phrase, start, end).map(({ text, first, last }) => {
    const from = path.findIndex((place) => place >= first);
    const to = path.findLastIndex((place) => place < last);
    const startMs = (firstFrame + Math.max(0, from)) * HOP_MS;
    return { text, startMs, endMs: Math.max(startMs + HOP_MS, (firstFrame + to + 1) * HOP_MS), confidence };
  });
}
