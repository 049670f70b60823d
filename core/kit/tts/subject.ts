import type { KitSubject } from '../subject.ts';

/** A voice to prove: in most cases no more than `{ vendor, provider, start: startAcme }`. */
export interface TtsSubject extends KitSubject<'tts'> {
  /** A voice that is not the configured one, by the vendor's name. Without it, it is not proven that one can be chosen. */
  voice?: string;
}
