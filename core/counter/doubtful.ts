import type { Transcript } from '../contracts/index.ts';
import { foldedWords } from '../pharmacy/text.ts';

/** Confidence (0 to 1) below which a heard word is doubtful: more likely wrong than right, by the vendor's own account. */
export const DOUBTFUL_BELOW = 0.5;

/**
 * Folded words of a transcript that its vendor was not sure of; all of them where it says so of the whole utterance
 * only. None where it says nothing: then nobody knows. Only words of `kept`, the text as it may be kept: what was masked
 * there is not in here either.
 */
export function doubtfulWords(transcript: Transcript | null, kept: string): string[] {
  if (!transcript) return [];
  const known = new Set(foldedWords(kept));
  const words = transcript.words?.filter(({ confidence }) => confidence !== undefined) ?? [];
  if (words.length > 0) {
    const doubted = words.filter(({ confidence = 1 }) => confidence < DOUBTFUL_BELOW);
    return [...new Set(doubted.flatMap(({ text }) => foldedWords(text)))].filter((word) => known.has(word));
  }
  return (transcript.confidence ?? 1) < DOUBTFUL_BELOW ? [...known] : [];
}
