import type { CatalogueCandidate } from './catalogue.ts';
import type { Lexicon } from './lexicon.ts';
import type { MedicineBook } from './medicines.ts';
import { hearing, type Mentions } from './mentions.ts';
import { type Denials, denialsOf, qualityOf, type Reading } from './needs.ts';
import { phrase, sentences } from './phrases.ts';
import { fold } from './text.ts';

/**
 * How strongly something speaks for an item: `need`: a complaint it serves; `companion`: something bought or named that it
 * goes with; `weak`: only a situation that hints at it.
 */
export type Strength = 'need' | 'companion' | 'weak';

/** Why an item may help. */
export interface Reason {
  strength: Strength;
  /** What `motive` is. */
  kind: 'need' | 'companion' | 'situation';
  /** 0 to 1. */
  value: number;
  /** Need or companion phrase of our own data. */
  motive: string;
  /** The need stands only in the item's leaflet (`indicacao`). */
  leaflet: boolean;
}

/** What reasons are looked for in. */
export interface Grounds {
  reading: Reading;
  mentions: Mentions;
  /** Folded words the recogniser was not sure of. */
  doubtful: ReadonlySet<string>;
  lexicon: Lexicon;
  book: MedicineBook;
}

/** A companion suggests less strongly than a complaint. */
const COMPANION = 0.75;
/** An item's first indication is what it is for; each later one counts a little less. */
const LATER = 0.02;
const MAX_LATER = 4;
/** A leaflet names a need among many other things. */
const LEAFLET = 0.85;
const MAX_LEAFLET = 3000;

interface Known {
  needs: ReadonlySet<string>;
  situations: ReadonlySet<string>;
  denials: Denials;
}

const known = new WeakMap<Lexicon, Known>();

function knownOf(lexicon: Lexicon): Known {
  let found = known.get(lexicon);
  if (!found) {
    found = {
      needs: new Set(lexicon.needs.map(({ name }) => fold(name))),
      situations: new Set(lexicon.situations.map(fold)),
      denials: denialsOf(lexicon),
    };
    known.set(lexicon, found);
  }
  return found;
}

/** Everything that speaks for the item, and medicines that would, had they been heard surely. */
export function reasonsFor(candidate: CatalogueCandidate, grounds: Grounds): { reasons: Reason[]; doubtful: string[] } {
  const rules = knownOf(grounds.lexicon);
  const companions = companionsOf(candidate, grounds, rules);
  const needs = needReasons(candidate, grounds, rules);
  const ofLeaflet = needs.length === 0 ? leafletReasons(candidate, grounds, rules) : [];
  return { reasons: [...needs, ...ofLeaflet, ...companions.reasons], doubtful: companions.doubtful };
}

function needReasons(candidate: CatalogueCandidate, { reading, book }: Grounds, rules: Known): Reason[] {
  const reasons: Reason[] = [];
  for (const [place, motive] of book.needsOf(candidate).entries()) {
    const folded = fold(motive);
    const isKnown = rules.needs.has(folded);
    const found = isKnown ? reading.needs.find(({ need }) => fold(need.name) === folded) : undefined;
    const heard = isKnown ? (found?.quality ?? 0) : spoken(motive, reading, rules.denials);
    const value = heard * (1 - LATER * Math.min(place, MAX_LATER));
    if (value > 0)
      reasons.push({ strength: found?.weak ? 'weak' : 'need', kind: 'need', value, motive, leaflet: false });
  }
  return reasons;
}

/** A client's row without needs of its own may say what it is for in its leaflet. */
function leafletReasons({ indications, leaflet }: CatalogueCandidate, { reading }: Grounds, rules: Known): Reason[] {
  if (indications.length > 0 || !leaflet?.indication || reading.needs.length === 0) return [];
  const excerpt = sentences(leaflet.indication.slice(0, MAX_LEAFLET));
  return reading.needs.flatMap(({ need, quality, weak }): Reason[] => {
    const forms = [need.name, ...need.forms].map(phrase);
    const written = Math.max(0, ...excerpt.map((sentence) => qualityOf(forms, sentence, rules.denials)));
    if (written === 0) return [];
    const value = quality * written * LEAFLET;
    return [{ strength: weak ? 'weak' : 'need', kind: 'need', value, motive: need.name, leaflet: true }];
  });
}

function companionsOf(
  candidate: CatalogueCandidate,
  { reading, mentions, doubtful, book }: Grounds,
  rules: Known,
): { reasons: Reason[]; doubtful: string[] } {
  const reasons: Reason[] = [];
  const doubted: string[] = [];
  for (const motive of candidate.goesWith) {
    const isSituation = rules.situations.has(fold(motive));
    const how = isSituation
      ? ({ strength: 'weak', kind: 'situation' } as const)
      : ({ strength: 'companion', kind: 'companion' } as const);
    const isMedicine = book.isMedicine(motive);
    if (
      isMedicine &&
      book.substances(motive).some((each) => mentions.substances.has(each)) &&
      reading.open.length > 0
    ) {
      reasons.push({ ...how, value: COMPANION, motive, leaflet: false });
      continue;
    }
    const value = spoken(motive, reading, rules.denials) * COMPANION;
    if (value === 0) continue;
    const isSure = reading.open.some((sentence) => hearing(phrase(motive), sentence, doubtful) === 'surely');
    if (isMedicine && !isSure) doubted.push(motive);
    else reasons.push({ ...how, value, motive, leaflet: false });
  }
  return { reasons, doubtful: doubted };
}

function spoken(text: string, { open }: Reading, denials: Denials): number {
  const wanted = [phrase(text)];
  return Math.max(0, ...open.map((sentence) => qualityOf(wanted, sentence, denials)));
}
