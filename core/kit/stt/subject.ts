import type { Audio, ProviderErrorCode } from '../../contracts/index.ts';
import type { EmulatorOptions, Listening } from '../emulator/index.ts';
import type { KitSubject } from '../subject.ts';

/** Options every STT emulator takes: the kit brings the ear, so it knows what is in the audio it sends. */
export interface SttEmulatorOptions extends EmulatorOptions {
  listening: Listening;
}

/** An STT provider to prove: in most cases no more than `{ vendor, provider, start: startAcme }`. */
export interface SttSubject extends KitSubject<'stt', SttEmulatorOptions> {
  /** Audio with words that are known, for a provider that really listens (in this process, or live). 16 kHz. */
  speech?: Speech;
  /** The model takes no whole utterance: transcribe() refuses as `unsupported`, and only streams are proven. */
  streamOnly?: boolean;
  /** Codes this vendor closes a stream with, besides 1011 and none at all, and what they mean. */
  closes?: readonly { code: number; reason?: string; means: ProviderErrorCode }[];
}

export interface Speech {
  audio: Audio;
  /** What is said in it, in order, without punctuation. */
  words: readonly string[];
}
