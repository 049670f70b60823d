import type { CatalogueCandidate } from './catalogue.ts';
import type { Classification, Confidence, ItemChoice } from './choice.ts';
import { templateExplanation } from './explanation.ts';
import type { Lexicon } from './lexicon.ts';
import type { FoundNeed, Reading } from './needs.ts';
import { find, negated, phrase, type Sentence, sentences } from './phrases.ts';
import { fold } from './text.ts';

/** What the catalogue's own ranking answers when no model does. */
export interface Ranked {
  /** In order; prescription items among them stay, so that the gate drops them and the row says so. */
  choices: ItemChoice[];
  /** Names of candidates the customer or clerk already named. */
  named: string[];
  normalized: string;
  classification: Classification;
  evidence: { type: string; quote: string }[];
}

interface Scored {
  candidate: CatalogueCandidate;
  score: number;
  kind: 'need' | 'companion';
  /** Need or companion phrase of our own data. */
  motive: string;
}

/** A companion suggests less strongly than a complaint; each further reason adds a little. */
const COMPANION = 0.75;
const FURTHER = 0.04;
/** An item's first indication is what it is for; each later one counts a little less. */
const LATER = 0.02;
const MAX_LATER = 4;
/** Alternatives of one kind are the clerk's to think of: a card does not line up painkillers. */
const MAX_MEDICINES_PER_MOTIVE = 2;
/** Most prescription items handed to the gate, so that the row says they were considered and dropped. */
const MAX_RESTRICTED = 5;

/**
 * Ranks candidates against what was said. Only a need (or something bought that the item goes with) triggers; what was
 * already named, in the text or earlier, is left out; one item per substance, one per need until every need has one.
 */
export function rank(
  reading: Reading,
  history: readonly string[],
  candidates: readonly CatalogueCandidate[],
  lexicon: Lexicon,
): Ranked {
  const earlier = history.flatMap((turn) => sentences(turn));
  const said = [...reading.all, ...earlier];
  const named = candidates.filter((candidate) => isNamed(candidate, said));
  const known = new Set(lexicon.needs.map(({ name }) => fold(name)));
  const denials = {
    before: new Set(lexicon.negations.before.map(fold)),
    after: new Set(lexicon.negations.after.map(fold)),
  };
  const scored = candidates
    .filter((candidate) => !named.includes(candidate))
    .map((candidate) => score(candidate, reading, known, denials))
    .filter((each): each is Scored => each !== null && each.score >= lexicon.limits.minScore)
    .sort(
      (a, b) =>
        b.score - a.score || Number(b.candidate.own) - Number(a.candidate.own) || b.candidate.score - a.candidate.score,
    );
  const restricted = candidates.filter(({ saleClass }) => saleClass !== 'venda_livre');
  const choices = spread(scored, lexicon.limits.maxItems).map((each) => toChoice(each, restricted, lexicon));
  return {
    choices,
    named: named.map(({ name }) => name),
    ...describe(reading, named, choices),
    evidence: reading.needs.slice(0, 5).map(({ quote }) => ({ type: 'A', quote: quote.slice(0, 300) })),
  };
}

function isNamed(candidate: CatalogueCandidate, said: readonly Sentence[]): boolean {
  const names = [candidate.name, ...candidate.synonyms].map(phrase);
  return said.some((sentence) =>
    names.some((name) => {
      const match = find(name, sentence);
      return match !== null && (match.quality === 1 || name.words.length > 1);
    }),
  );
}

function isNamedAmong(candidates: readonly CatalogueCandidate[], sentence: Sentence): boolean {
  return candidates.some((candidate) => isNamed(candidate, [sentence]));
}

interface Denials {
  before: ReadonlySet<string>;
  after: ReadonlySet<string>;
}

/** `known`: folded names of the lexicon's needs; those were read already, with all their forms. */
function score(
  candidate: CatalogueCandidate,
  reading: Reading,
  known: ReadonlySet<string>,
  denials: Denials,
): Scored | null {
  const reasons: { value: number; kind: Scored['kind']; motive: string }[] = [];
  for (const [place, indication] of candidate.indications.entries()) {
    const heard = known.has(fold(indication))
      ? (needCalled(indication, reading.needs)?.quality ?? 0)
      : spoken(indication, reading.open, denials);
    const value = heard * (1 - LATER * Math.min(place, MAX_LATER));
    if (value > 0) reasons.push({ value, kind: 'need', motive: indication });
  }
  for (const companion of candidate.goesWith) {
    const value = spoken(companion, reading.open, denials) * COMPANION;
    if (value > 0) reasons.push({ value, kind: 'companion', motive: companion });
  }
  const best = reasons.reduce<(typeof reasons)[number] | null>((a, b) => (a && a.value >= b.value ? a : b), null);
  if (!best) return null;
  const total = best.value + FURTHER * (reasons.length - 1);
  return { candidate, score: total, kind: best.kind, motive: best.motive };
}

function needCalled(indication: string, needs: FoundNeed[]): FoundNeed | undefined {
  const folded = fold(indication);
  return needs.find(({ need }) => fold(need.name) === folded);
}

function spoken(text: string, open: readonly Sentence[], denials: Denials): number {
  const wanted = phrase(text);
  let best = 0;
  for (const sentence of open) {
    const match = find(wanted, sentence);
    if (!match || (!wanted.negative && negated(match, sentence, denials.before, denials.after))) continue;
    best = Math.max(best, match.quality * (wanted.words.length === 1 ? 0.92 : 1));
  }
  return best;
}

/**
 * Best first, but every motive gets its best item before any gets a second; no substance and no name twice. Items that may
 * not be sold freely ride along, a few, without taking anybody's place.
 */
function spread(scored: readonly Scored[], maxItems: number): Scored[] {
  const restricted = scored.filter(({ candidate }) => candidate.saleClass !== 'venda_livre').slice(0, MAX_RESTRICTED);
  const free = scored.filter(({ candidate }) => candidate.saleClass === 'venda_livre');
  const chosen: Scored[] = [];
  const taken = new Set<string>();
  const passes: ((each: Scored) => boolean)[] = [
    (each) => !chosen.some(({ motive }) => motive === each.motive),
    (each) => !each.candidate.medicine || medicinesFor(each.motive, chosen) < MAX_MEDICINES_PER_MOTIVE,
  ];
  for (const allowed of passes) {
    for (const each of free) {
      const keys = [fold(each.candidate.name), fold(each.candidate.substance ?? '')].filter(Boolean);
      if (chosen.length >= maxItems || keys.some((key) => taken.has(key)) || !allowed(each)) continue;
      for (const key of keys) taken.add(key);
      chosen.push(each);
    }
  }
  return [...restricted, ...chosen];
}

function medicinesFor(motive: string, chosen: readonly Scored[]): number {
  return chosen.filter((each) => each.motive === motive && each.candidate.medicine).length;
}

/** An explanation names no prescription item, not even one that was spoken of. */
function toChoice(
  { candidate, score: value, kind, motive }: Scored,
  restricted: readonly CatalogueCandidate[],
  { templates, limits }: Lexicon,
): ItemChoice {
  const [about] = sentences(motive);
  const names = about !== undefined && isNamedAmong(restricted, about);
  const reason = names ? 'o tratamento citado' : motive;
  return {
    candidateId: candidate.id,
    explanation: templateExplanation(templates, candidate.medicine, { kind, motive: reason }),
    motive: reason,
    tag: candidate.tag,
    confidence: confidenceOf(value, limits),
  };
}

function confidenceOf(value: number, limits: Lexicon['limits']): Confidence {
  if (value >= limits.alta) return 'alta';
  return value >= limits.media ? 'media' : 'baixa';
}

/** `MED:…; SINT:…; DOENCA:… | HINT`, or `NADA_RELEVANTE | OUTRO` (protocol.md §3). */
function describe(
  { needs }: Reading,
  named: readonly CatalogueCandidate[],
  choices: readonly ItemChoice[],
): { normalized: string; classification: Classification } {
  const of = (kind: string) => needs.filter(({ need }) => need.kind === kind).map(({ need }) => need.name);
  const medicines = [...new Set(named.filter(({ medicine }) => medicine).map(({ name }) => name))];
  const parts = [
    ['MED', [...medicines, ...of('MED')]],
    ['SINT', of('SINT')],
    ['DOENCA', of('DOENCA')],
  ]
    .filter(([, names]) => (names?.length ?? 0) > 0)
    .map(([kind, names]) => `${kind}:${(names as string[]).slice(0, 5).join(', ')}`);
  const tags = [...new Set([...needs.map(({ need }) => need.tag), ...choices.map(({ tag }) => tag)])];
  const hint = tags[0]?.toUpperCase() ?? 'OUTRO';
  return {
    normalized: parts.length > 0 ? `${parts.join('; ')} | ${hint}` : 'NADA_RELEVANTE | OUTRO',
    classification: {
      macros_top2: tags.slice(0, 2),
      micro_categoria: needs[0]?.need.name ?? 'outro',
      ancoras_para_excluir: named.slice(0, 10).map(({ name }) => name),
    },
  };
}
