import { find, type Phrase, sentences } from './phrases.ts';
import { fold } from './text.ts';

/** Excerpts of a leaflet are outside text: so much of each is read. */
const MAX_EXCERPT = 4000;
/** Excerpts kept at hand, some 20 kB each at most: the same products come again and again. Past it the oldest goes. */
const MAX_KEPT = 1000;
const SENTENCE = /[^.?!;\n…]+[.?!;\n…]*/gu;
const CHILD_MONTHS = 12 * 12;

interface FoldedSentence {
  text: string;
  /** Folded words between blanks. */
  folded: string;
}

/** An excerpt, read once: a card waits for what is asked of it, and it has thousands of words. */
interface Excerpt {
  /** All of it, folded, between blanks. */
  whole: string;
  /** Of the same, as written; once something asked for may stand in it. */
  sentences: readonly FoldedSentence[] | null;
  /** Months below which it is not for somebody; empty: it says no age. */
  ages: readonly number[];
  /** What it was found to name, by the phrases it was asked for. */
  named: WeakMap<readonly Phrase[], boolean>;
}

const kept = new Map<string, Excerpt>();

/**
 * Whether an excerpt holds one of the phrases, as written or inflected: misspelt words do not count in print. A sentence
 * is compared word by word only where it holds the beginning of every word of a phrase.
 */
export function excerptNames(excerpt: string, wanted: readonly Phrase[]): boolean {
  if (wanted.length === 0) return false;
  const known = read(excerpt);
  let holds = known.named.get(wanted);
  if (holds === undefined) {
    holds = names(excerpt, known, wanted);
    known.named.set(wanted, holds);
  }
  return holds;
}

/** Whether an excerpt's ages, or its word of children, keep somebody of so many months from it. */
export function isUnderLeafletAge(excerpt: string, months: number | null): boolean {
  return months !== null && read(excerpt).ages.some((limit) => months < limit);
}

function names(excerpt: string, known: Excerpt, wanted: readonly Phrase[]): boolean {
  const looked = wanted
    .map((phrase) => ({ phrase, beginnings: phrase.words.map(({ stem }) => ` ${beginning(stem)}`) }))
    .filter(({ beginnings }) => beginnings.every((each) => known.whole.includes(each)));
  if (looked.length === 0) return false;
  known.sentences ??= sentencesOf(excerpt);
  return known.sentences.some(({ text, folded }) => {
    const likely = looked.filter(({ beginnings }) => beginnings.every((each) => folded.includes(each)));
    if (likely.length === 0) return false;
    return sentences(text).some((sentence) => likely.some(({ phrase }) => find(phrase, sentence)?.quality === 1));
  });
}

/** What every form of a word with this stem begins with: an ending may change up to two letters of the stem itself. */
function beginning(stem: string): string {
  return stem.slice(0, Math.max(1, stem.length - 2));
}

function read(excerpt: string): Excerpt {
  const known = kept.get(excerpt);
  if (known) return known;
  const whole = ` ${fold(excerpt.slice(0, MAX_EXCERPT))} `;
  const made = { whole, sentences: null, ages: agesIn(whole), named: new WeakMap() };
  if (excerpt.length > MAX_EXCERPT) return made;
  if (kept.size >= MAX_KEPT) for (const [oldest] of kept.entries().take(1)) kept.delete(oldest);
  kept.set(excerpt, made);
  return made;
}

function sentencesOf(excerpt: string): FoldedSentence[] {
  const texts = excerpt.slice(0, MAX_EXCERPT).match(SENTENCE) ?? [];
  return texts.map((text) => ({ text, folded: ` ${fold(text)} ` }));
}

const UNDER = /\b(?:menor(?:es)?|abaixo) de (\d{1,2}) (ano|mes)/gu;

/** `menores de 12 anos`, each of them; without one, children at all. */
function agesIn(whole: string): number[] {
  const limits = [...whole.matchAll(UNDER)].map(([, count, unit]) => Number(count) * (unit === 'ano' ? 12 : 1));
  if (limits.length > 0) return limits;
  return /\b(criancas?|uso pediatrico)\b/u.test(whole) ? [CHILD_MONTHS] : [];
}
