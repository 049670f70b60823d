import { type Allowance, allowanceFor, isLowRisk } from './allowance.ts';
import type { CatalogueCandidate } from './catalogue.ts';
import type { Classification, Confidence, ItemChoice } from './choice.ts';
import { templateExplanation } from './explanation.ts';
import type { Lexicon } from './lexicon.ts';
import type { MedicineBook } from './medicines.ts';
import { type Mentions, mentionsIn } from './mentions.ts';
import type { Reading } from './needs.ts';
import { find, phrase, sentences } from './phrases.ts';
import { type Reason, reasonsFor, type Strength } from './reasons.ts';
import { fold } from './text.ts';

/** One conversation's send, ready to be ranked. */
export interface RankInput {
  reading: Reading;
  /** Earlier turns, oldest first. */
  history: readonly string[];
  candidates: readonly CatalogueCandidate[];
  /** Folded words the recogniser was not sure of. */
  doubtful: ReadonlySet<string>;
  lexicon: Lexicon;
  book: MedicineBook;
}

/** What the catalogue's own ranking answers when no model does. */
export interface Ranked {
  /** In order, with spares behind those that fit on a card: the gate may drop some. Prescription items among them stay, so that the row says so. */
  choices: ItemChoice[];
  /** Candidates with something that speaks for them, best first. */
  scored: readonly Scored[];
  allowance: Allowance;
  mentions: Mentions;
  normalized: string;
  classification: Classification;
  evidence: { type: string; quote: string }[];
}

/** A candidate and what speaks for it. */
export interface Scored {
  candidate: CatalogueCandidate;
  score: number;
  reason: Reason;
}

/** Each further reason adds a little. */
const FURTHER = 0.04;
/** Alternatives of one kind are the clerk's to think of: a card does not line up painkillers. */
const MAX_MEDICINES_PER_MOTIVE = 2;
/** Most prescription items handed to the gate, so that the row says they were considered and dropped. */
const MAX_RESTRICTED = 5;
/** Handed to the gate beside what fits on the card. */
const SPARES = 5;
const MAX_EVIDENCE = 5;
const MAX_QUOTE = 300;
const LETTER: Record<Strength, string> = { need: 'A', companion: 'B', weak: 'C' };
const ORDER: readonly Strength[] = ['need', 'companion', 'weak'];

/**
 * Ranks candidates against what was said. Only a need (or something bought that the item goes with) triggers; what was
 * already named, in the text or earlier, is left out; one item per substance, one per need until every need has one.
 */
export function rank(input: RankInput): Ranked {
  const { reading, candidates, doubtful, lexicon, book } = input;
  const earlier = input.history.flatMap((turn) => sentences(turn));
  const mentions = mentionsIn({ sentences: [...reading.all, ...earlier], doubtful }, candidates, book);
  const now = mentionsIn({ sentences: reading.open, doubtful }, candidates, book);
  const doubted = new Set<string>(mentions.doubtful);
  const scored: Scored[] = [];
  for (const candidate of candidates) {
    if (mentions.named.has(candidate)) continue;
    const found = reasonsFor(candidate, { reading, mentions: now, doubtful, lexicon, book });
    for (const name of found.doubtful) doubted.add(name);
    const each = score(candidate, found.reasons);
    if (each && each.score >= lexicon.limits.minScore) scored.push(each);
  }
  scored.sort(byWorth);
  const strength = strongest(scored);
  const needs = reading.needs.filter(({ weak }) => !weak).map(({ need }) => need.name);
  const allowance = allowanceFor(strength, needs, lexicon);
  const fitting = scored.filter(({ candidate, reason }) => reason.strength !== 'weak' || isLowRisk(candidate, lexicon));
  const restricted = candidates.filter(({ saleClass }) => saleClass !== 'venda_livre');
  const choices = spread(fitting, allowance.items + SPARES, book).map((each) => toChoice(each, restricted, lexicon));
  return {
    choices,
    scored,
    allowance,
    mentions: { ...mentions, doubtful: [...doubted] },
    ...describe(reading, mentions.called, choices),
    evidence: evidenceOf(reading, scored),
  };
}

function byWorth(a: Scored, b: Scored): number {
  const owned = Number(b.candidate.own) - Number(a.candidate.own);
  return b.score - a.score || owned || b.candidate.score - a.candidate.score;
}

function strongest(scored: readonly Scored[]): Strength {
  return ORDER.find((strength) => scored.some(({ reason }) => reason.strength === strength)) ?? 'weak';
}

function score(candidate: CatalogueCandidate, reasons: readonly Reason[]): Scored | null {
  const reason = reasons.reduce<Reason | null>((a, b) => (a && a.value >= b.value ? a : b), null);
  if (!reason) return null;
  return { candidate, score: reason.value + FURTHER * (reasons.length - 1), reason };
}

/**
 * Best first, but every motive gets its best item before any gets a second; no substance and no name twice. Items that may
 * not be sold freely ride along, a few, without taking anybody's place.
 */
function spread(scored: readonly Scored[], most: number, book: MedicineBook): Scored[] {
  const restricted = scored.filter(({ candidate }) => candidate.saleClass !== 'venda_livre').slice(0, MAX_RESTRICTED);
  const free = scored.filter(({ candidate }) => candidate.saleClass === 'venda_livre');
  const chosen: Scored[] = [];
  const taken = new Set<string>();
  const passes: ((each: Scored) => boolean)[] = [
    ({ reason }) => !chosen.some((other) => other.reason.motive === reason.motive),
    ({ candidate, reason }) => !candidate.medicine || medicinesFor(reason.motive, chosen) < MAX_MEDICINES_PER_MOTIVE,
  ];
  for (const allowed of passes) {
    for (const each of free) {
      const keys = [fold(each.candidate.name), book.key(each.candidate.substance)].filter(Boolean);
      if (chosen.length >= most || keys.some((key) => taken.has(key)) || !allowed(each)) continue;
      for (const key of keys) taken.add(key);
      chosen.push(each);
    }
  }
  return [...restricted, ...chosen];
}

function medicinesFor(motive: string, chosen: readonly Scored[]): number {
  return chosen.filter(({ reason, candidate }) => reason.motive === motive && candidate.medicine).length;
}

/** An explanation names no prescription item, not even one that was spoken of. */
function toChoice(
  { candidate, score: value, reason }: Scored,
  restricted: readonly CatalogueCandidate[],
  { templates, limits }: Lexicon,
): ItemChoice {
  const about = sentences(reason.motive);
  const names = restricted.some((each) =>
    [each.name, ...each.synonyms].some((name) => about.some((sentence) => find(phrase(name), sentence))),
  );
  const motive = names ? 'o tratamento citado' : reason.motive;
  const { kind } = reason;
  const why = kind === 'situation' ? null : { kind, motive };
  return {
    candidateId: candidate.id,
    explanation: templateExplanation(templates, candidate.medicine, why),
    motive,
    tag: candidate.tag,
    confidence: reason.strength === 'weak' ? 'baixa' : confidenceOf(value, limits),
  };
}

function confidenceOf(value: number, limits: Lexicon['limits']): Confidence {
  if (value >= limits.alta) return 'alta';
  return value >= limits.media ? 'media' : 'baixa';
}

function evidenceOf({ needs, open }: Reading, scored: readonly Scored[]): Ranked['evidence'] {
  const complaints = needs.map(({ weak, quote }) => ({ type: weak ? 'C' : 'A', quote }));
  const others = scored
    .filter(({ reason }) => reason.strength !== 'need')
    .flatMap(({ reason }) => {
      const sentence = open.find((each) => find(phrase(reason.motive), each));
      return sentence ? [{ type: LETTER[reason.strength], quote: sentence.text }] : [];
    });
  const all = new Map(
    [...complaints, ...others].map((each) => [each.quote, each]).reverse() as [string, Ranked['evidence'][number]][],
  );
  return [...all.values()]
    .reverse()
    .slice(0, MAX_EVIDENCE)
    .map(({ type, quote }) => ({ type, quote: quote.slice(0, MAX_QUOTE) }));
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
