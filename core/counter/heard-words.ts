import type { Transcript } from '../contracts/index.ts';
import { foldedWords } from '../pharmacy/text.ts';
import type { HeardWords } from '../store/interaction.ts';
import { DOUBTFUL_BELOW } from './doubtful.ts';

/** A minute of speech has 200 words; comparing costs the product of both lengths. */
const MOST_WORDS = 1000;

/**
 * The words a vendor heard with their times, as they may be kept: those of `kept`, the text of the utterance as it is
 * stored, in its order. A word that is not there (masked, filtered out, an overlap) keeps its time and loses its text.
 * Null where the vendor gave neither words nor a confidence.
 */
export function heardWords(transcript: Transcript | null, kept: string | null): HeardWords | null {
  const words = (transcript?.words ?? []).slice(0, MOST_WORDS);
  const confidence = transcript?.confidence ?? null;
  if (words.length === 0 && confidence === null) return null;
  const said = words.map(({ text }) => foldedWords(text));
  const found = commonOf(said.flat(), foldedWords(kept ?? '').slice(0, MOST_WORDS));
  let token = 0;
  const shown = words.map(({ text, ...times }, index) => {
    const tokens = said[index] ?? [];
    const isKept = tokens.length > 0 && tokens.every((_, place) => found[token + place]);
    token += tokens.length;
    return { text: isKept ? text : null, ...times };
  });
  const doubted = shown.filter((word) => word.text !== null && (word.confidence ?? 1) < DOUBTFUL_BELOW).length;
  const all = (kept ?? '') !== '' && (confidence ?? 1) < DOUBTFUL_BELOW ? Math.max(1, words.length) : 0;
  return { confidence, doubtful: Math.max(doubted, all), words: shown };
}

/** Which of `said` are in the longest sequence that both have. */
function commonOf(said: readonly string[], kept: readonly string[]): boolean[] {
  const width = kept.length + 1;
  const lengths = new Uint16Array((said.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = said.length - 1; row >= 0; row--) {
    for (let column = kept.length - 1; column >= 0; column--) {
      lengths[row * width + column] =
        said[row] === kept[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const found = said.map(() => false);
  for (let row = 0, column = 0; row < said.length && column < kept.length; ) {
    if (said[row] === kept[column]) {
      found[row++] = true;
      column++;
    } else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return found;
}
