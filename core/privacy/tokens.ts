const MARKS = /\p{M}+/gu;
/** Digits, an at sign, or a word with its apostrophes. */
const TOKEN = /\d+|@|[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*/gu;

/** One word, one string of digits or an at sign, with its place in the text. */
export interface Token {
  from: number;
  to: number;
  /** Lower case, without accents. */
  word: string;
  isDigits: boolean;
  isCapital: boolean;
}

/** The tokens of a text in order; what lies between them is punctuation and space. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const raw = match[0];
    const word = raw.normalize('NFD').replace(MARKS, '').toLowerCase();
    const isDigits = raw >= '0' && raw < ':';
    tokens.push({ from: match.index, to: match.index + raw.length, word, isDigits, isCapital: /^\p{Lu}/u.test(raw) });
  }
  return tokens;
}

/** What stands between a token and the next one; past the end: nothing. */
export function gapAfter(text: string, tokens: readonly Token[], index: number): string {
  const token = tokens[index];
  return token ? text.slice(token.to, tokens[index + 1]?.from ?? text.length) : '';
}

/** Phrases by their first word, the longest first. */
export class Phrases<T> {
  readonly #byFirst = new Map<string, { words: string[]; value: T }[]>();

  add(phrase: string, value: T): void {
    const words = phrase.split(' ');
    const first = words[0] ?? '';
    const known = this.#byFirst.get(first) ?? [];
    known.push({ words, value });
    known.sort((a, b) => b.words.length - a.words.length);
    this.#byFirst.set(first, known);
  }

  /** The longest phrase that begins at this token, and its last token. */
  at(tokens: readonly Token[], index: number): { last: number; value: T } | null {
    for (const { words, value } of this.#byFirst.get(tokens[index]?.word ?? '') ?? []) {
      if (words.every((word, offset) => tokens[index + offset]?.word === word)) {
        return { last: index + words.length - 1, value };
      }
    }
    return null;
  }
}
