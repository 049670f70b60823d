import { STOPWORDS } from './stopwords.ts';
import { foldedWords, soundsLike, stem } from './text.ts';

/** Stopwords that change a phrase's meaning when it holds them. */
const MEANINGFUL = new Set(['nao', 'sem', 'mal']);

/** A phrase of our own data, ready to be looked for. */
export interface Phrase {
  text: string;
  words: { folded: string; stem: string }[];
  /** Holds a negation itself (`não consigo dormir`). */
  negative: boolean;
}

const compiled = new Map<string, Phrase>();
const MAX_COMPILED = 20_000;

/** Compiles once per distinct phrase; the cache is bounded and only a cache. */
export function phrase(text: string): Phrase {
  const known = compiled.get(text);
  if (known) return known;
  const all = foldedWords(text);
  const telling = all.filter((word) => !STOPWORDS.has(word) || MEANINGFUL.has(word));
  const words = (telling.some((word) => !MEANINGFUL.has(word)) ? telling : all).map((word) => ({
    folded: word,
    stem: stem(word),
  }));
  const made = { text, words, negative: words.some(({ folded }) => MEANINGFUL.has(folded)) };
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(text, made);
  return made;
}

/** One sentence of a conversation, ready to be searched. */
export interface Sentence {
  text: string;
  question: boolean;
  words: { folded: string; stem: string; barrier: boolean }[];
}

/** Sentences end at `.`, `?`, `!`, `;` and line ends; a comma is a barrier that a negation does not cross. */
export function sentences(text: string): Sentence[] {
  const found: Sentence[] = [];
  for (const part of text.match(/[^.?!;\n…]+[.?!;\n…]*/gu) ?? []) {
    const words = part
      .trim()
      .split(/\s+/u)
      .flatMap((token) => {
        const folded = foldedWords(token);
        const ends = /[,:]$/u.test(token);
        return folded.map((word, index) => ({
          folded: word,
          stem: stem(word),
          barrier: ends && index === folded.length - 1,
        }));
      });
    if (words.length > 0) found.push({ text: part.trim(), question: part.includes('?'), words });
  }
  return found;
}

export interface Match {
  /** Index of the first and one past the last word in the sentence. */
  from: number;
  to: number;
  /** 1: every word as written or inflected; lower: a word was misspelt or misheard. */
  quality: number;
}

/** Words a phrase may be spread over beyond its own. */
const SLACK = 3;

/** The first place where the phrase stands: all its telling words, close together, in any order. */
export function find(wanted: Phrase, sentence: Sentence): Match | null {
  const [first, ...others] = wanted.words;
  if (!first) return null;
  for (let at = 0; at < sentence.words.length; at++) {
    const quality = likeness(first, sentence.words[at], wanted.words.length);
    if (quality === 0) continue;
    const match = complete(wanted, others, sentence, { from: at, to: at + 1, quality });
    if (match) return match;
  }
  return null;
}

function complete(wanted: Phrase, others: Phrase['words'], sentence: Sentence, start: Match): Match | null {
  const reach = wanted.words.length + SLACK;
  const match = { ...start };
  for (const word of others) {
    let best = 0;
    let place = -1;
    const lowest = Math.max(0, start.from - reach);
    const highest = Math.min(sentence.words.length - 1, start.from + reach);
    for (let at = lowest; at <= highest; at++) {
      const quality = at === start.from ? 0 : likeness(word, sentence.words[at], wanted.words.length);
      if (quality > best) {
        best = quality;
        place = at;
      }
    }
    if (place < 0) return null;
    match.from = Math.min(match.from, place);
    match.to = Math.max(match.to, place + 1);
    match.quality = Math.min(match.quality, best);
  }
  return match.to - match.from <= reach ? match : null;
}

const MISHEARD = 0.8;

function likeness(
  word: { folded: string; stem: string },
  heard: Sentence['words'][number] | undefined,
  phraseWords: number,
): number {
  if (!heard) return 0;
  if (heard.folded === word.folded || heard.stem === word.stem) return 1;
  if (STOPWORDS.has(heard.folded) || STOPWORDS.has(word.folded)) return 0;
  const shortest = phraseWords === 1 ? 6 : 4;
  if (Math.min(heard.folded.length, word.folded.length) < shortest || heard.folded[0] !== word.folded[0]) return 0;
  return soundsLike(heard.folded, word.folded) ? MISHEARD : 0;
}

/** Negations reach this many words ahead. */
const NEGATION_REACH = 3;

/** Whether what was found is denied: `não tenho febre`, `sem dor`, `febre não`. */
export function negated(
  match: Match,
  sentence: Sentence,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): boolean {
  for (let at = match.from - 1; at >= Math.max(0, match.from - NEGATION_REACH); at--) {
    const word = sentence.words[at];
    if (!word || word.barrier) break;
    if (before.has(word.folded)) return true;
  }
  const last = sentence.words[match.to - 1];
  const next = sentence.words[match.to];
  if (!next || last?.barrier || !after.has(next.folded)) return false;
  const following = sentence.words[match.to + 1];
  return next.barrier || !following || STOPWORDS.has(following.folded);
}
