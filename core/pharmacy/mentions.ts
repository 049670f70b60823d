import type { CatalogueCandidate } from './catalogue.ts';
import { calledName } from './keyterms.ts';
import type { MedicineBook } from './medicines.ts';
import { find, type Phrase, phrase, type Sentence } from './phrases.ts';

/** What a conversation has named already. */
export interface Mentions {
  /** Candidates called by name. */
  called: readonly CatalogueCandidate[];
  /** Those, and medicines of a substance that was named: nobody suggests to people what they came for. */
  named: ReadonlySet<CatalogueCandidate>;
  /** Substances named surely, as `config/otc/nomes.json` calls them. */
  substances: ReadonlySet<string>;
  /** Medicines that were perhaps named, as our own data writes them: nothing is done on their account. */
  doubtful: readonly string[];
}

/** What was said, and how well. */
export interface Said {
  sentences: readonly Sentence[];
  /** Folded words the recogniser was not sure of. */
  doubtful: ReadonlySet<string>;
}

/** Reads which candidates and medicines `said` names. */
export function mentionsIn(said: Said, candidates: readonly CatalogueCandidate[], book: MedicineBook): Mentions {
  const substances = new Set<string>();
  const doubtful = new Set<string>();
  const hinted = new Set<string>();
  for (const brand of book.namedIn(said.sentences)) {
    const isSure = brand.quality === 1 && !brand.heard.some((word) => said.doubtful.has(word));
    if (!isSure) doubtful.add(brand.name);
    for (const substance of brand.substances) (isSure ? substances : hinted).add(substance);
  }
  const called = new Set<CatalogueCandidate>();
  for (const candidate of candidates) {
    const how = calledIn(candidate, said);
    if (how === 'not') continue;
    called.add(candidate);
    if (how === 'perhaps' && candidate.medicine) doubtful.add(candidate.name);
    if (!candidate.medicine) continue;
    for (const each of book.substances(candidate.substance)) (how === 'surely' ? substances : hinted).add(each);
  }
  const shares = (candidate: CatalogueCandidate) =>
    candidate.medicine && book.substances(candidate.substance).some((each) => substances.has(each) || hinted.has(each));
  return {
    called: [...called],
    named: new Set(candidates.filter((candidate) => called.has(candidate) || shares(candidate))),
    substances,
    doubtful: [...doubtful],
  };
}

function calledIn(candidate: CatalogueCandidate, { sentences, doubtful }: Said): 'surely' | 'perhaps' | 'not' {
  let how: 'perhaps' | 'not' = 'not';
  for (const name of [calledName(candidate.name), ...candidate.synonyms].map(phrase)) {
    for (const sentence of sentences) {
      const heard = hearing(name, sentence, doubtful);
      if (heard === 'surely') return 'surely';
      // One misheard word of everyday language names nothing; of a medicine, or among others, it may.
      if (heard === 'perhaps' && (candidate.medicine || name.words.length > 1)) how = 'perhaps';
    }
  }
  return how;
}

/** How surely the phrase was heard: not when a word of it is misspelt, or the recogniser doubted it. */
export function hearing(
  wanted: Phrase,
  sentence: Sentence,
  doubtful: ReadonlySet<string>,
): 'surely' | 'perhaps' | 'not' {
  const match = find(wanted, sentence);
  if (!match) return 'not';
  if (match.quality < 1) return 'perhaps';
  const isDoubted = sentence.words.slice(match.from, match.to).some(({ folded }) => doubtful.has(folded));
  return isDoubted ? 'perhaps' : 'surely';
}
