import { fold, soundsLike, spokenWords } from './text.ts';

/** Longest repeat looked for: 800 ms of overlap hold about four words of fast speech; settings may make it longer. */
const MAX_WORDS = 8;

/** Spoken forms that one recogniser writes out and the other does not. */
const WRITTEN_OUT: ReadonlyMap<string, string> = new Map([
  ['pra', 'para'],
  ['pro', 'para'],
  ['pras', 'para'],
  ['pros', 'para'],
  ['ta', 'esta'],
  ['to', 'estou'],
  ['tava', 'estava'],
  ['ce', 'voce'],
]);

export interface WithoutOverlap {
  text: string;
  removedWords: number;
}

/**
 * Removes from the start of `nextText` the words that repeat the end of `previousText`. To be called only for the two
 * neighbours of a forced cut, whose audio overlaps: anywhere else people do repeat themselves.
 *
 * The two are transcriptions of the same sound, so words may differ by a slip, one may be missing, the first word of
 * `nextText` may be the tail of a word cut in two, and the last of `previousText` its head (then the whole word stays).
 */
export function removeOverlap(previousText: string, nextText: string): WithoutOverlap {
  const next = spokenWords(nextText);
  const tail = spokenWords(previousText).slice(-MAX_WORDS).map(comparable);
  const head = next.slice(0, MAX_WORDS).map(comparable);
  for (let taken = head.length; taken >= 1; taken--) {
    const removed = repeated(tail, head.slice(0, taken));
    if (removed > 0) return { text: next.slice(removed).join(' '), removedWords: removed };
  }
  return { text: nextText, removedWords: 0 };
}

function comparable(word: string): string {
  const folded = fold(word);
  return WRITTEN_OUT.get(folded) ?? folded;
}

/** How many words of `head` repeat the end of `tail` when all of it does; 0 when it does not. */
function repeated(tail: string[], head: string[]): number {
  const same = tail.slice(-head.length);
  if (same.length === head.length) {
    const whole = wordByWord(same, head);
    if (whole > 0) return whole;
  }
  if (head.length < 3) return 0;
  for (const length of [head.length - 1, head.length + 1]) {
    if (length <= tail.length && oneWordApart(tail.slice(-length), head)) return head.length;
  }
  return 0;
}

function wordByWord(tail: string[], head: string[]): number {
  const slips = head.length >= 4 ? 1 : 0;
  let different = 0;
  for (let index = 0; index < head.length; index++) {
    const heard = tail[index] ?? '';
    const word = head[index] ?? '';
    const last = index === head.length - 1;
    if (last && heard.length >= 2 && word.length > heard.length && word.startsWith(heard)) return index;
    if (soundsLike(heard, word)) continue;
    if (index === 0 && word.length >= 2 && heard.endsWith(word)) continue;
    if (index === 0 || last || ++different > slips) return 0;
  }
  return head.length;
}

/** One of the two has a word more (`pra` heard as `para a`); the first and the last must agree. */
function oneWordApart(tail: string[], head: string[]): boolean {
  const [shorter, longer] = tail.length < head.length ? [tail, head] : [head, tail];
  for (let skipped = 1; skipped < longer.length - 1; skipped++) {
    if (shorter.every((word, index) => soundsLike(word, longer[index < skipped ? index : index + 1] ?? '')))
      return true;
  }
  return false;
}
