import type { Lexicon, Need } from './lexicon.ts';
import { find, negated, phrase, type Sentence, sentences } from './phrases.ts';
import { fold } from './text.ts';

/** A need somebody spoke of. */
export interface FoundNeed {
  need: Need;
  /** 0 to 1. */
  quality: number;
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

/** A lone word says less than a phrase. */
const SINGLE_WORD = 0.92;

/** What `text` says: needs that are complained of, not denied, not asked about, not part of price or dosage talk. */
export function read(text: string, lexicon: Lexicon): Reading {
  const all = sentences(text);
  const before = new Set(lexicon.negations.before.map(fold));
  const after = new Set(lexicon.negations.after.map(fold));
  const asking = lexicon.questions.words.map(phrase);
  const intents = new Set<string>();
  const open: Sentence[] = [];
  const needs = new Map<string, FoundNeed>();
  for (const sentence of all) {
    const closed = lexicon.intents.find(({ phrases }) => phrases.some((each) => find(phrase(each), sentence)));
    if (closed) intents.add(closed.id);
    if (closed || (sentence.question && asksOfSymptom(sentence, asking, lexicon))) continue;
    open.push(sentence);
    for (const need of lexicon.needs) {
      const quality = qualityOf(need, sentence, before, after);
      if (quality === 0 || (needs.get(need.name)?.quality ?? 0) >= quality) continue;
      needs.set(need.name, { need, quality, quote: sentence.text });
    }
  }
  return { needs: [...needs.values()], open, all, intents: [...intents] };
}

/** `Tem febre?` asks; `Tem alguma coisa para febre?` wants something. */
function asksOfSymptom(sentence: Sentence, asking: ReturnType<typeof phrase>[], lexicon: Lexicon): boolean {
  if (asking.some((each) => find(each, sentence))) return false;
  return lexicon.needs.some(
    ({ name, forms }) => find(phrase(name), sentence) || forms.some((form) => find(phrase(form), sentence)),
  );
}

function qualityOf(need: Need, sentence: Sentence, before: ReadonlySet<string>, after: ReadonlySet<string>): number {
  let best = 0;
  for (const form of [need.name, ...need.forms]) {
    const wanted = phrase(form);
    const match = find(wanted, sentence);
    if (!match || (!wanted.negative && negated(match, sentence, before, after))) continue;
    best = Math.max(best, match.quality * (wanted.words.length === 1 ? SINGLE_WORD : 1));
  }
  return best;
}

/** The words to retrieve candidates with: what was said, and the canonical names of the needs in it. */
export function retrievalText(text: string, reading: Reading): string {
  return `${text} ${reading.needs.map(({ need }) => need.name).join(' ')}`.trim();
}
