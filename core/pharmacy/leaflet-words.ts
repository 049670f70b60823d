import { find, type Phrase, sentences } from './phrases.ts';
import { fold } from './text.ts';

/** Excerpts of a leaflet are outside text: so much of each is read. */
const MAX_EXCERPT = 4000;
/** Excerpts kept at hand: the same products come again and again. Past it all are read anew. */
const MAX_KEPT = 500;
const SENTENCE = /[^.?!;\n…]+[.?!;\n…]*/gu;

interface FoldedSentence {
  text: string;
  /** Folded words between blanks. */
  folded: string;
}

const kept = new Map<string, FoldedSentence[]>();

/** The folded words of an excerpt, one sentence after the other. */
export function foldedExcerpt(excerpt: string): string {
  return read(excerpt)
    .map(({ folded }) => folded.trim())
    .join(' ');
}

/**
 * Whether an excerpt holds one of the phrases, as written or inflected: misspelt words do not count in print. A sentence
 * is compared word by word only where it holds the beginning of every word of a phrase: a leaflet has thousands of
 * words, and a card waits for it.
 */
export function excerptNames(excerpt: string, wanted: readonly Phrase[]): boolean {
  if (wanted.length === 0) return false;
  const looked = wanted.map((phrase) => ({
    phrase,
    beginnings: phrase.words.map(({ stem }) => ` ${beginning(stem)}`),
  }));
  return read(excerpt).some(({ text, folded }) => {
    const likely = looked.filter(({ beginnings }) => beginnings.every((each) => folded.includes(each)));
    if (likely.length === 0) return false;
    return sentences(text).some((sentence) => likely.some(({ phrase }) => find(phrase, sentence)?.quality === 1));
  });
}

/** What every form of a word with this stem begins with: an ending may change up to two letters of the stem itself. */
function beginning(stem: string): string {
  return stem.slice(0, Math.max(1, stem.length - 2));
}

function read(excerpt: string): FoldedSentence[] {
  const known = kept.get(excerpt);
  if (known) return known;
  const found = (excerpt.slice(0, MAX_EXCERPT).match(SENTENCE) ?? []).map((text) => ({
    text,
    folded: ` ${fold(text)} `,
  }));
  if (excerpt.length > MAX_EXCERPT) return found;
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(excerpt, found);
  return found;
}
