import type { PrivacyData } from './data.ts';
import { emailSpans } from './email.ts';
import { type NameHold, NO_NAME_HELD, nameSpans } from './names.ts';
import { NOTHING_HELD, type NumberHold, numberSpans } from './number-spans.ts';
import { type Token, tokensOf } from './tokens.ts';
import { type ClientWords, type Counts, LABELS, type Masked, type Span } from './types.ts';

/** What the utterances so far have left open. It holds nobody's digits and nobody's name. */
interface Held {
  numbers: NumberHold;
  names: NameHold;
}

const NOTHING: Held = { numbers: NOTHING_HELD, names: NO_NAME_HELD };

/** Nobody's catalogue and nobody's employees. */
export const NO_CLIENT_WORDS: ClientWords = { products: new Set(), employees: new Map() };

/**
 * Takes what tells people apart out of one conversation's texts: CPF, CNPJ, telephones, e-mail addresses, cards and names,
 * spoken or written. An identifier that goes on after a pause is known by what was said before.
 */
export class Masker {
  readonly #data: PrivacyData;
  readonly #words: () => ClientWords;
  #held: Held = NOTHING;

  /** `words` is asked for each text: a new employee counts from the next one on. */
  constructor(data: PrivacyData, words: () => ClientWords) {
    this.#data = data;
    this.#words = words;
  }

  /** The next utterance, in the order spoken. */
  next(text: string): Masked {
    const { held, ...masked } = this.#mask(text, this.#held);
    this.#held = held;
    return masked;
  }

  /** Another version of what is being said (a partial): sees what is held, and changes nothing. */
  beside(text: string): Masked {
    return this.now()(text);
  }

  /** `beside` as of this moment, for versions of an utterance that come after it was masked. */
  now(): (text: string) => Masked {
    const at = this.#held;
    return (text) => {
      const { held: _held, ...masked } = this.#mask(text, at);
      return masked;
    };
  }

  #mask(text: string, held: Held): Masked & { held: Held } {
    const tokens = tokensOf(text);
    const words = this.#words();
    const emails = emailSpans(text, tokens, this.#data);
    const numbers = numberSpans(text, tokens, held.numbers, this.#data);
    const names = nameSpans(text, tokens, held.names, words, this.#data);
    const spans = apart([...emails, ...numbers.spans, ...names.spans]);
    return { ...written(text, tokens, spans), held: { numbers: numbers.hold, names: names.hold } };
  }
}

/** Masks a text that belongs to no conversation. */
export function maskText(text: string, data: PrivacyData, words: ClientWords = NO_CLIENT_WORDS): Masked {
  return new Masker(data, () => words).beside(text);
}

/** In order; of two that overlap the first one's kind covers both: nothing of either stays. */
function apart(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before && span.first <= before.last) before.last = Math.max(before.last, span.last);
    else joined.push({ ...span });
  }
  return joined;
}

function written(text: string, tokens: readonly Token[], spans: readonly Span[]): Masked {
  const counts: Counts = {};
  let kept = '';
  let at = 0;
  for (const { first, last, kind } of spans) {
    const [from, to] = bounds(text, tokens[first]?.from ?? 0, tokens[last]?.to ?? 0);
    kept += text.slice(at, from) + LABELS[kind];
    at = to;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return { text: kept + text.slice(at), counts };
}

/** A bracket or plus sign that belongs to a number goes with it: `+55 (11) …`. */
function bounds(text: string, from: number, to: number): [from: number, to: number] {
  let start = from;
  if (text[start - 1] === '(' && text.slice(start, to).includes(')')) start -= 1;
  if (text[start - 1] === '+') start -= 1;
  return [start, to];
}
