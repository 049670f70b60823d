import type { Lexicon, Need } from './lexicon.ts';
import { find, negated, type Phrase, phrase, type Sentence, sentences } from './phrases.ts';
import { fold } from './text.ts';

/** A need somebody spoke of. */
export interface FoundNeed {
  need: Need;
  /** 0 to 1. */
  quality: number;
  /** Only a situation that hints at it was spoken of. */
  weak: boolean;
  /** The sentence it stands in, for the evidence. */
  quote: string;
}

/** A conversation read with the lexicon. */
export interface Reading {
  needs: FoundNeed[];
  /** Sentences that may trigger something: no price, payment or dosage talk, no question about a symptom. */
  open: Sentence[];
  /** Every sentence: what is named anywhere is named. */
  all: Sentence[];
  /** Ids of the intents that closed a sentence. */
  intents: string[];
}

/** A lone word says less than a phrase, and a nod to a question less than the complaint itself. */
const SINGLE_WORD = 0.92;
const NOD = 0.95;

/** A need with its phrases compiled. */
interface CompiledNeed {
  need: Need;
  forms: readonly Phrase[];
  hints: readonly Phrase[];
  unless: readonly Phrase[];
}

interface Rules {
  needs: readonly CompiledNeed[];
  intents: readonly { id: string; phrases: readonly Phrase[] }[];
  asking: readonly Phrase[];
  starts: readonly string[];
  statements: ReadonlySet<string>;
  yes: readonly string[];
  denials: Denials;
}

const compiled = new WeakMap<Lexicon, Rules>();

function rulesOf(lexicon: Lexicon): Rules {
  let rules = compiled.get(lexicon);
  if (!rules) {
    const { words, starts, statements, yes } = lexicon.questions;
    rules = {
      needs: lexicon.needs.map((need) => ({
        need,
        forms: [need.name, ...need.forms].map(phrase),
        hints: (need.hints ?? []).map(phrase),
        unless: (need.unless ?? []).map(phrase),
      })),
      intents: lexicon.intents.map(({ id, phrases }) => ({ id, phrases: phrases.map(phrase) })),
      asking: words.map(phrase),
      starts: starts.map((each) => `${fold(each)} `),
      statements: new Set(statements.map(fold)),
      yes: yes.map((each) => `${fold(each)} `),
      denials: denialsOf(lexicon),
    };
    compiled.set(lexicon, rules);
  }
  return rules;
}

/** How things are denied: before what is said, and after it. Folded words. */
export interface Denials {
  before: ReadonlySet<string>;
  after: ReadonlySet<string>;
}

/** The lexicon's words of denial. */
export function denialsOf({ negations }: Lexicon): Denials {
  const set = (words: readonly string[]) => new Set(words.map(fold));
  return { before: set(negations.before), after: set(negations.after) };
}

/**
 * What `text` says: needs that are complained of, not denied, not asked about, not part of price or dosage talk. A yes to
 * a question about a symptom is a complaint, also where the question is the last thing of `history`.
 */
export function read(text: string, lexicon: Lexicon, history: readonly string[] = []): Reading {
  const rules = rulesOf(lexicon);
  const all = sentences(text);
  const intents = new Set<string>();
  const open: Sentence[] = [];
  const needs = new Map<string, FoundNeed>();
  let asked = askedLast(history, rules);
  for (const sentence of all) {
    const closed = rules.intents.find(({ phrases }) => holdsAny(phrases, sentence));
    if (closed) intents.add(closed.id);
    const isQuestion = !closed && asksOfSymptom(sentence, rules);
    if (asked && !isQuestion && begins(sentence, rules.yes)) {
      collect(asked, rules, needs, { factor: NOD, quote: `${asked.text} ${sentence.text}` });
    }
    asked = isQuestion ? sentence : null;
    if (closed || isQuestion) continue;
    open.push(sentence);
    collect(sentence, rules, needs, { factor: 1, quote: sentence.text });
  }
  return { needs: [...needs.values()], open, all, intents: [...intents] };
}

function askedLast(history: readonly string[], rules: Rules): Sentence | null {
  const last = sentences(history.at(-1) ?? '').at(-1);
  return last && asksOfSymptom(last, rules) ? last : null;
}

function collect(
  sentence: Sentence,
  rules: Rules,
  needs: Map<string, FoundNeed>,
  { factor, quote }: { factor: number; quote: string },
): void {
  for (const each of rules.needs) {
    const strong = qualityOf(each.forms, sentence, rules.denials) * factor;
    const quality = strong > 0 ? strong : qualityOf(each.hints, sentence, rules.denials) * factor;
    if (quality === 0 || holdsAny(each.unless, sentence)) continue;
    const known = needs.get(each.need.name);
    const weak = strong === 0;
    if (known && (known.weak === weak ? known.quality >= quality : weak)) continue;
    needs.set(each.need.name, { need: each.need, quality, weak, quote });
  }
}

/** `Tem febre?` asks; `Tem alguma coisa para febre?` wants something. */
function asksOfSymptom(sentence: Sentence, rules: Rules): boolean {
  if (!sentence.question && !soundsLikeQuestion(sentence, rules)) return false;
  if (holdsAny(rules.asking, sentence)) return false;
  return rules.needs.some(({ forms }) => holdsAny(forms, sentence));
}

/** What is transcribed often comes without its mark: `tem febre ou dor no corpo`. */
function soundsLikeQuestion(sentence: Sentence, rules: Rules): boolean {
  return begins(sentence, rules.starts) && !sentence.words.some(({ folded }) => rules.statements.has(folded));
}

function begins({ words }: Sentence, starts: readonly string[]): boolean {
  const folded = `${words.map((word) => word.folded).join(' ')} `;
  return starts.some((start) => folded.startsWith(start));
}

function holdsAny(phrases: readonly Phrase[], sentence: Sentence): boolean {
  return phrases.some((each) => find(each, sentence) !== null);
}

/** How well the best of the phrases stands in the sentence, undenied; 0: none does. */
export function qualityOf(phrases: readonly Phrase[], sentence: Sentence, denials: Denials): number {
  let best = 0;
  for (const wanted of phrases) {
    const match = find(wanted, sentence);
    if (!match || (!wanted.negative && negated(match, sentence, denials.before, denials.after))) continue;
    best = Math.max(best, match.quality * (wanted.words.length === 1 ? SINGLE_WORD : 1));
  }
  return best;
}

/** The words to retrieve candidates with: what was said, the canonical names of the needs in it, and what else is meant. */
export function retrievalText(text: string, reading: Reading, also: readonly string[] = []): string {
  return [text, ...also, ...reading.needs.map(({ need }) => need.name)].join(' ').trim();
}
