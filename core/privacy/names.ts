import { STOPWORDS } from '../pharmacy/stopwords.ts';
import type { NameCue, PrivacyData } from './data.ts';
import { gapAfter, type Token } from './tokens.ts';
import type { ClientWords, Span } from './types.ts';

/** Whether the next utterance may begin with a name. */
export interface NameHold {
  /** The last words announced one. */
  isOpen: boolean;
  /** Utterances in which the answer to a question for a name may come. */
  left: number;
}

export const NO_NAME_HELD: NameHold = { isOpen: false, left: 0 };

const MAX_NAME_TOKENS = 6;
const ASKED_UTTERANCES = 2;

/** What decides over one text. */
interface Reading {
  text: string;
  tokens: readonly Token[];
  words: ClientWords;
  data: PrivacyData;
  /** Written with capitals where they belong: a capital says something. */
  isCased: boolean;
}

/** Names after a phrase that announces them, in answer to a question for one, and of the client's employees. */
export function nameSpans(
  text: string,
  tokens: readonly Token[],
  held: NameHold,
  words: ClientWords,
  data: PrivacyData,
): { spans: Span[]; hold: NameHold } {
  const reading: Reading = { text, tokens, words, data, isCased: /\p{Ll}/u.test(text) && /\p{Lu}/u.test(text) };
  const spans: Span[] = [];
  let hold: NameHold = { isOpen: false, left: Math.max(0, held.left - 1) };
  let at = 0;
  const take = (last: number, first: number) => {
    if (last >= first) spans.push({ first, last, kind: 'NOME' });
    at = Math.max(at, last + 1);
  };
  if (held.isOpen || held.left > 0) {
    const first = skipped(reading, 0);
    take(nameEnd(reading, first, held.isOpen ? 'strong' : 'listed'), first);
  }
  while (at < tokens.length) {
    const cue = data.nameCues.at(tokens, at);
    if (cue?.value === 'asked') {
      hold = { isOpen: false, left: ASKED_UTTERANCES };
      at = cue.last + 1;
    } else if (cue && !isBroken(reading, cue.last)) {
      const { value, last } = innermost(reading, cue);
      const first = skipped(reading, last + 1);
      if (first >= tokens.length && value === 'strong') hold = { isOpen: true, left: ASKED_UTTERANCES };
      at = last + 1;
      take(nameEnd(reading, first, value), first);
    } else {
      const first = at;
      at += 1;
      take(employeeEnd(reading, first), first);
    }
  }
  return { spans, hold };
}

/** A cue that a stop follows announces nothing; an abbreviation's own point is none. */
function isBroken({ text, tokens }: Reading, last: number): boolean {
  return !/^(?:\.?\s*|\s*[:,]\s*)$/u.test(gapAfter(text, tokens, last)) && last + 1 < tokens.length;
}

/** `em nome da dona …`: the title inside counts, and what follows is as certain as the first of them said. */
function innermost(reading: Reading, cue: { last: number; value: NameCue }): { last: number; value: NameCue } {
  const next = reading.data.nameCues.at(reading.tokens, skipped(reading, cue.last + 1));
  if (!next || next.value === 'asked' || next.value === 'listed') return cue;
  const inner = innermost(reading, next);
  return cue.value === 'strong' ? { ...inner, value: 'strong' } : inner;
}

/** Past the article and the `é` before a name. */
function skipped({ tokens, data }: Reading, at: number): number {
  let index = at;
  while (index < at + 2 && data.skipped.has(tokens[index]?.word ?? '')) index += 1;
  return index;
}

/** The last token of a name that begins at `first`; less than `first`: there is none. */
function nameEnd(reading: Reading, first: number, cue: NameCue): number {
  const { text, tokens, data } = reading;
  const token = tokens[first];
  if (!token || !isFirst(reading, token, cue)) return first - 1;
  let last = first;
  const isLoose = cue === 'strong' && !token.isCapital;
  while (last + 1 < tokens.length && last - first < MAX_NAME_TOKENS && gapAfter(text, tokens, last).trim() === '') {
    const next = tokens[last + 1];
    const after = tokens[last + 2];
    if (!next) break;
    if (data.particles.has(next.word)) {
      const isLinked =
        after && gapAfter(text, tokens, last + 1).trim() === '' && isFurther(reading, after, next.word === 'e');
      if (!isLinked) break;
      last += 2;
    } else if (isFurther(reading, next, false) || (isLoose && last === first && isUnknown(reading, next))) last += 1;
    else break;
  }
  return last;
}

function isFirst(reading: Reading, token: Token, cue: NameCue): boolean {
  const { data, isCased } = reading;
  if (token.isDigits || token.word === '@' || data.numberWords.has(token.word)) return false;
  if (data.notNames.has(token.word)) return false;
  if (data.firstNames.has(token.word))
    return cue !== 'listed' || token.isCapital || !isCased || isAnswer(reading, token);
  if (cue === 'strong') return isUnknown(reading, token);
  return cue === 'weak' && isCased && token.isCapital && isUnknown(reading, token);
}

/** At the very beginning every word is capital or none is: what counts is that it is a name. */
function isAnswer({ tokens }: Reading, token: Token): boolean {
  return tokens[0] === token;
}

function isFurther(reading: Reading, { word, isCapital, isDigits }: Token, isListedOnly: boolean): boolean {
  const { data, isCased } = reading;
  if (isDigits || data.notNames.has(word) || isProduct(reading, word)) return false;
  if (data.firstNames.has(word) || data.lastNames.has(word)) return !isCased || isCapital || !STOPWORDS.has(word);
  return !isListedOnly && isCased && isCapital && isUnknown(reading, { word });
}

function isUnknown(reading: Reading, { word }: Pick<Token, 'word'>): boolean {
  return word.length > 2 && !STOPWORDS.has(word) && !reading.data.notNames.has(word) && !isProduct(reading, word);
}

function isProduct({ words, data }: Reading, word: string): boolean {
  return words.products.has(word) || data.products.has(word);
}

/** The last token of an employee's name, whole or the first name alone; less than `first`: it is none. */
function employeeEnd(reading: Reading, first: number): number {
  const { tokens, words } = reading;
  const word = tokens[first]?.word ?? '';
  const named = words.employees.get(word);
  if (!named) return first - 1;
  const whole = named.find(
    (name) => name.length > 1 && name.every((part, index) => tokens[first + index]?.word === part),
  );
  if (whole) return first + whole.length - 1;
  if (word.length < 3 || STOPWORDS.has(word) || isProduct(reading, word)) return first - 1;
  return Math.max(first, nameEnd(reading, first, 'weak'));
}
