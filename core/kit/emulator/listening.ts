/** How an emulated speech vendor listens: what it hears in the audio it is given. */

/** One recognised word. Times in milliseconds from the start of the audio given (or of the stream). */
export interface HeardWord {
  /** As the script writes it, punctuation attached: `entupido,`. */
  text: string;
  startMs: number;
  endMs: number;
  /** 0 to 1. */
  confidence: number;
}

/** What was heard in a piece of audio. `text` is the words joined by one space; empty when no words were heard. */
export interface Heard {
  text: string;
  words: HeardWord[];
}

/** Listens to one live stream. All times count samples pushed on this stream. */
export interface HeardStream {
  /** Mono PCM at the stream's rate, any length, borrowed until return. */
  push(pcm: Int16Array): void;
  /** The text heard and not taken yet; may still change. */
  partial(): string;
  /** Every word heard since the last `take`, each once, in the order spoken. Call it at an end point or at finalize. */
  take(): Heard;
}

export interface Listening {
  /** Hears one whole piece of mono PCM. */
  transcribe(pcm: Int16Array, sampleRateHz: number): Heard;
  openStream(sampleRateHz: number): HeardStream;
}

/** Nothing was heard. */
export const NOTHING_HEARD: Readonly<Heard> = Object.freeze({ text: '', words: [] });

/** Joins words the way a vendor does. */
export function heardOf(words: HeardWord[]): Heard {
  return { text: words.map((word) => word.text).join(' '), words };
}
