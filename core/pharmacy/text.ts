/** How the pharmacy compares Portuguese: without accents, case and punctuation, and forgiving of number, gender and size. */

const MARKS = /\p{M}+/gu;
const NOT_WORD = /[^\p{L}\p{N}]+/gu;

/** Lower case, no accents, one space between words, nothing but letters and digits: `E aí?` → `e ai`. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(MARKS, '').toLowerCase().replace(NOT_WORD, ' ').trim();
}

/** The folded words of a text, in order. */
export function foldedWords(text: string): string[] {
  const folded = fold(text);
  return folded === '' ? [] : folded.split(' ');
}

/** Words as they stand in the text, punctuation attached; a lone dash is no word. */
export function spokenWords(text: string): string[] {
  return text.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
}

const ENDINGS: readonly [ending: string, by: string, keep: number][] = [
  ['zinhos', '', 3],
  ['zinhas', '', 3],
  ['zinho', '', 3],
  ['zinha', '', 3],
  ['inhos', 'o', 3],
  ['inhas', 'a', 3],
  ['inho', 'o', 3],
  ['inha', 'a', 3],
  ['oes', 'ao', 2],
  ['aes', 'ao', 2],
  ['ais', 'al', 2],
  ['eis', 'el', 3],
  ['res', 'r', 2],
  ['zes', 'z', 2],
  ['ns', 'm', 2],
  ['s', '', 3],
];

/**
 * A light stem of a folded word: size, plural and final vowel go (`machucadinhos` → `machucad`). It only has to make the
 * forms of one noun or adjective equal; the database has the full Portuguese stemmer for retrieval.
 */
export function stem(word: string): string {
  let stemmed = word;
  for (const [ending, by, keep] of ENDINGS) {
    if (!stemmed.endsWith(ending) || stemmed.length - ending.length < keep) continue;
    stemmed = stemmed.slice(0, stemmed.length - ending.length) + by;
    break;
  }
  return stemmed.length >= 5 && /[aeo]$/u.test(stemmed) ? stemmed.slice(0, -1) : stemmed;
}

/** Edit distance of two short words (insert, delete, replace, swap of neighbours), given up above `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    if (Math.min(...row) > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? limit + 1;
}

/** Whether two folded words may be one word heard twice: one slip from 5 letters on, two from 9. */
export function soundsLike(a: string, b: string): boolean {
  if (a === b) return true;
  const shorter = Math.min(a.length, b.length);
  if (shorter < 4) return false;
  const slips = shorter >= 9 ? 2 : 1;
  if (shorter === 4 && a[0] !== b[0]) return false;
  return editDistance(a, b, slips) <= slips;
}

const SOUNDS: readonly [written: RegExp, heard: string][] = [
  [/ç|ss|sc(?=[ei])|c(?=[ei])|z/gu, 's'],
  [/^h/u, ''],
  [/ph/gu, 'f'],
  [/y/gu, 'i'],
  [/w/gu, 'v'],
  [/qu(?=[ei])|k/gu, 'c'],
  [/(.)\1+/gu, '$1'],
];

/** How a word sounds, as far as spelling hides it: `cabessa` and `cabeça`, `orrível` and `horrível` are one. */
export function soundOf(word: string): string {
  const lower = word.normalize('NFC').toLowerCase();
  const heard = SOUNDS.slice(0, 1).reduce((text, [written, sound]) => text.replace(written, sound), lower);
  return SOUNDS.slice(1).reduce((text, [written, sound]) => text.replace(written, sound), fold(heard));
}

/** At most `limit` UTF-16 units, cut between words where one ends near, never inside a character. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = limit - 1;
  const code = text.charCodeAt(end - 1);
  if (code >= 0xd800 && code <= 0xdbff) end -= 1;
  const space = text.lastIndexOf(' ', end);
  if (space > limit * 0.6) end = space;
  return `${text.slice(0, end).trimEnd()}…`;
}

const CONTROL = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;

/** One line of visible characters: control, format and private characters become spaces, runs of space one. */
export function oneLine(text: string): string {
  return text.replace(CONTROL, ' ').replace(/\s+/gu, ' ').trim();
}
