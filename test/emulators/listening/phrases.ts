import type { Script } from '../../helpers/conversation.ts';
import { type Features, featuresOf, framesOf, type Norm, normOf } from './features.ts';
import { HOP_MS } from './mfcc.ts';

/** A word's place in its phrase, in template frames, last excluded. */
export interface PhraseWord {
  text: string;
  first: number;
  last: number;
}

export interface Phrase {
  text: string;
  words: PhraseWord[];
  features: Features;
}

export interface PhraseBook {
  phrases: Phrase[];
  norm: Norm;
}

/** Templates cut from a recording of the conversation itself: 16 kHz mono, with the script whose times are its own. */
export function phraseBook(pcm: Int16Array, script: Script): PhraseBook {
  const cut = script.utterances.map((line) => {
    const fromMs = line.startMs - 30;
    const toMs = line.endMs + 30;
    return { line, fromMs, frames: framesOf(pcm.slice(fromMs * 16, toMs * 16)) };
  });
  const norm = normOf(cut.flatMap(({ frames }) => frames));
  const phrases = cut.map(({ line, fromMs, frames }) => ({
    text: line.text,
    features: featuresOf(frames, norm),
    words: line.words.map(({ text, startMs, endMs }) => ({
      text,
      first: Math.floor((startMs - fromMs) / HOP_MS),
      last: Math.ceil((endMs - fromMs) / HOP_MS),
    })),
  }));
  return { phrases, norm };
}

/** The words of a phrase of which at least half lies in the matched stretch of its template. */
export function wordsBetween(phrase: Phrase, start: number, end: number): PhraseWord[] {
  return phrase.words.filter(({ first, last }) => {
    const inside = Math.min(last, end + 1) - Math.max(first, start);
    return inside >= (last - first) / 2;
  });
}
