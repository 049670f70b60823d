import { GRAMMAR, STOPWORDS } from './stopwords.ts';
import { fold, soundOf, soundsLike, stem } from './text.ts';

/** Stopwords that change a phrase's meaning when it holds them. */
const MEANINGFUL = new Set(['nao', 'sem', 'mal']);

/** One telling word. */
export interface PhraseWord {
  folded: string;
  stem: string;
  sound: string;
}

/** A phrase of our own data, ready to be looked for. */
export interface Phrase {
  text: string;
  words: PhraseWord[];
  /** Holds a negation itself (`não consigo dormir`). */
  negative: boolean;
}

const compiled = new Map<string, Phrase>();
const MAX_COMPILED = 20_000;

/** Compiles once per distinct phrase; the cache is bounded and only a cache. */
export function phrase(text: string): Phrase {
  const known = compiled.get(text);
  if (known) return known;
  const words = tellingWords(text);
  const made = { text, words, negative: words.some(({ folded }) => MEANINGFUL.has(folded)) };
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(text, made);
  return made;
}

/** Without stopwords; where one word would be left, only without grammar: `mês passado` is not `passado`. */
function tellingWords(text: string): PhraseWord[] {
  const all = wordsOf(text);
  const without = (dull: ReadonlySet<string>) =>
    all.filter(({ folded }) => !dull.has(folded) || MEANINGFUL.has(folded));
  const telling = without(STOPWORDS);
  if (telling.filter(({ folded }) => !MEANINGFUL.has(folded)).length > 1) return telling;
  const more = without(GRAMMAR);
  return more.some(({ folded }) => !MEANINGFUL.has(folded)) ? more : all;
}

/** All words of a text, ready to be compared. */
export function wordsOf(text: string): PhraseWord[] {
  return text.split(/[^\p{L}\p{M}\p{N}]+/u).flatMap((raw) => {
    const folded = fold(raw);
    return folded === '' ? [] : [{ folded, stem: stem(folded), sound: soundOf(raw) }];
  });
}

/** One sentence of a conversation, ready to be searched. */
export interface Sentence {
  text: string;
  question: boolean;
  words: (PhraseWord & { barrier: boolean })[];
  /** Where words stand, by the first letter of their sound: what sounds alike begins alike. */
  places: ReadonlyMap<string, readonly number[]>;
}

/** Sentences end at `.`, `?`, `!`, `;` and line ends; a comma is a barrier that a negation does not cross. */
export function sentences(text: string): Sentence[] {
  const found: Sentence[] = [];
  for (const part of text.match(/[^.?!;\n…]+[.?!;\n…]*/gu) ?? []) {
    const words = part
      .trim()
      .split(/\s+/u)
      .flatMap((token) => {
        const words = wordsOf(token);
        const ends = /[,:]$/u.test(token);
        return words.map((word, index) => ({ ...word, barrier: ends && index === words.length - 1 }));
      });
    if (words.length > 0) {
      found.push({ text: part.trim(), question: part.includes('?'), words, places: placesOf(words) });
    }
  }
  return found;
}

function placesOf(words: Sentence['words']): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, { sound }] of words.entries()) {
    const known = places.get(sound[0] ?? '');
    if (known) known.push(at);
    else places.set(sound[0] ?? '', [at]);
  }
  return places;
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

/** The first place behind the word `after` where the phrase stands: all its telling words, close together, in any order. */
export function find(wanted: Phrase, sentence: Sentence, after = -1): Match | null {
  const [first, ...others] = wanted.words;
  if (!first) return null;
  for (const at of sentence.places.get(first.sound[0] ?? '') ?? []) {
    const quality = at > after ? likeness(first, sentence.words[at], wanted.words.length) : 0;
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
/** Letters from which one slip still leaves a word what it was: alone, and among the others of its phrase. */
const ALONE = 6;
const AMONG = 5;
const SHORTEST_SOUND = 4;

function likeness(word: PhraseWord, heard: Sentence['words'][number] | undefined, phraseWords: number): number {
  if (!heard) return 0;
  if (heard.folded === word.folded || heard.stem === word.stem) return 1;
  if (STOPWORDS.has(heard.folded) || STOPWORDS.has(word.folded)) return 0;
  if (heard.sound === word.sound && word.sound.length >= SHORTEST_SOUND) return MISHEARD;
  const shortest = phraseWords === 1 ? ALONE : AMONG;
  if (Math.min(heard.folded.length, word.folded.length) < shortest || heard.folded[0] !== word.folded[0]) return 0;
  return soundsLike(heard.folded, word.folded) ? MISHEARD : 0;
}

/** Negations reach this many words ahead. */
const NEGATION_REACH = 3;
/** After a denial these say that it goes on: `a tosse não passa`. */
const PERSISTS = new Set(
  'passa passou melhora melhorou sai saiu para parou some cede vai acaba sara muito tao so pra'.split(' '),
);
/** May stand between what is denied and its denial. */
const BETWEEN = new Set(['ja', 'eu', 'ela', 'ele', 'dela', 'dele']);

/** Whether what was found is denied: `não tenho febre`, `sem dor`, `febre não`, `a tosse passou`. Folded words. */
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
  return deniedAfter(match, sentence, after);
}

function deniedAfter(match: Match, { words }: Sentence, after: ReadonlySet<string>): boolean {
  if (words[match.to - 1]?.barrier) return false;
  let at = match.to;
  while (BETWEEN.has(words[at]?.folded ?? '')) at += 1;
  const next = words[at];
  if (!next || !after.has(next.folded)) return false;
  const following = next.barrier ? undefined : words[at + 1];
  if (following && PERSISTS.has(following.folded)) return false;
  return next.folded !== 'nao' || !following || STOPWORDS.has(following.folded);
}
