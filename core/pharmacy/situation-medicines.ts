import type { CatalogueCandidate } from './catalogue.ts';
import { keytermsOf } from './keyterms.ts';
import type { Names } from './otc-names.ts';
import type { Phrase } from './phrases.ts';
import { type Said, type Talk, wholePhrase } from './situation-talk.ts';

/** A medicine somebody spoke of. */
export interface Mention {
  /** As our data calls it. */
  name: string;
  substances: readonly string[];
  classes: ReadonlySet<string>;
  /** False: it was heard badly, or resembles the name only; it may be another one. */
  certain: boolean;
  /** `in_use`: said or asked for; `refused`: said not to be taken; `allergy`: somebody does not stand it. */
  as: 'in_use' | 'refused' | 'allergy';
}

/** A name people call medicines by. */
export interface SpokenName {
  phrase: Phrase;
  substances: readonly string[];
  classes: ReadonlySet<string>;
  /** Long names of substances are recognised with a slip; brands, which resemble ordinary words, are not. */
  forgiving: boolean;
  /** Means something only where somebody does not stand it. */
  onlyAllergy?: boolean;
}

/** Shortest substance name that is recognised with a slip. */
const FORGIVING_LETTERS = 8;

export function compileSpoken(
  names: Names,
  classes: readonly { classe: string; falas: readonly string[]; so_alergia?: boolean }[],
): SpokenName[] {
  const called = names.spoken.map(({ text, substances }) => spokenName(text, substances, names));
  const of = classes.flatMap(({ classe, falas, so_alergia: onlyAllergy = false }) =>
    falas.map((text) => ({
      phrase: wholePhrase(text),
      substances: [],
      classes: new Set([classe]),
      forgiving: false,
      onlyAllergy,
    })),
  );
  return [...called, ...of];
}

function spokenName(text: string, substances: readonly string[], names: Names): SpokenName {
  const phrase = wholePhrase(text);
  const letters = phrase.words.reduce((sum, { folded }) => sum + folded.length, 0);
  return {
    phrase,
    substances,
    classes: new Set(substances.flatMap((each) => [...names.classes(each)])),
    forgiving: letters >= FORGIVING_LETTERS && substances.includes(names.substance(text)),
  };
}

/** A client's own medicines by what people say of their names: brands nobody else knows. */
export function namesOf(candidates: readonly CatalogueCandidate[], names: Names): SpokenName[] {
  return candidates.flatMap((candidate) => {
    if (!candidate.own || !candidate.medicine) return [];
    const [term] = keytermsOf([{ name: candidate.name, substance: null }], 1);
    const substances = candidate.ingredients.map(({ substance }) => names.substance(substance));
    return term && substances.length > 0 ? [spokenName(term, substances, names)] : [];
  });
}

/**
 * The medicines spoken of. A word that is some name exactly is not also a misheard other one. `unsure`: folded words that
 * the transcription itself was unsure of.
 */
export function mentionsIn(
  talk: Talk,
  spoken: readonly SpokenName[],
  allergy: readonly Phrase[],
  unsure: ReadonlySet<string>,
): Mention[] {
  const found: { said: Said; name: SpokenName }[] = [];
  for (const name of spoken) {
    for (const said of talk.places(name.phrase)) {
      if (said.quality === 1 || name.forgiving) found.push({ said, name });
    }
  }
  const harms = allergy.flatMap((each) => [...talk.places(each)]).filter((said) => !said.denied && !isAim(said));
  const exact = found.filter(({ said }) => said.quality === 1);
  const isOther = ({ said }: { said: Said }) =>
    said.quality < 1 &&
    exact.some((each) => each.said.at === said.at && each.said.from < said.to && said.from < each.said.to);
  const heard = found
    .filter((each) => !isOther(each))
    .sort((a, b) => a.said.at - b.said.at || a.said.from - b.said.from);
  const not = new Set<Said>();
  for (const { said } of heard) if (harms.some((harm) => isHarmedBy(harm, said, [...not]))) not.add(said);
  const mentions = heard
    .filter(({ said, name }) => !name.onlyAllergy || not.has(said))
    .map(({ said, name }): [string, Mention] => {
      const words = said.sentence.words.slice(said.from, said.to);
      const certain = said.quality === 1 && !words.some(({ folded }) => unsure.has(folded));
      const as = not.has(said) ? 'allergy' : said.denied ? 'refused' : 'in_use';
      const { phrase, substances, classes } = name;
      // One substance by two of its names is spoken of once.
      const key = [as, certain, ...(substances.length > 0 ? substances : classes)].join(' ');
      return [key, { name: phrase.text, substances, classes, certain, as }];
    });
  return [...new Map(mentions.toReversed()).values()].toReversed();
}

/** `remédio para alergia` says what something is for, not who is allergic. */
function isAim({ from, sentence }: Said): boolean {
  const before = sentence.words[from - 1]?.folded;
  return before === 'para' || before === 'pra' || before === 'contra';
}

const NEAR_WORDS = 3;
/** Between the members of a list. */
const LISTING = new Set(['a', 'as', 'ao', 'aos', 'o', 'os', 'e', 'ou', 'de', 'da', 'do', 'nem', 'tambem']);

/**
 * Whether the allergy spoken of is one to this: named in one breath with it, in a list that begins with it (`alérgica a
 * iodo, penicilina e dipirona`), or in the answer to a question about allergies.
 */
function isHarmedBy(harm: Said, said: Said, others: readonly Said[]): boolean {
  if (isNear(harm, said)) return true;
  if (harm.sentence.question && said.at === harm.at + 1) return true;
  if (said.at !== harm.at || said.from < harm.to) return false;
  const begun = others.some((other) => other.at === said.at && other.to <= said.from && !hasMoreBetween(other, said));
  return begun || (LISTING.has(said.sentence.words[harm.to]?.folded ?? '') && isInList(harm, said));
}

function hasMoreBetween(a: Said, b: Said): boolean {
  return a.sentence.words.slice(a.to, b.from).some(({ folded }) => !LISTING.has(folded));
}

/** Members of one word each, between commas; the last of them it is. */
function isInList(harm: Said, said: Said): boolean {
  let words = 0;
  for (const { folded, barrier } of said.sentence.words.slice(harm.to, said.from)) {
    if (!LISTING.has(folded)) words += 1;
    if (words > 1) return false;
    if (barrier || folded === 'e' || folded === 'ou') words = 0;
  }
  return words === 0;
}

/** In one breath: few words apart, and no comma between them. */
function isNear(a: Said, b: Said): boolean {
  if (a.at !== b.at) return false;
  const [first, second] = a.from <= b.from ? [a, b] : [b, a];
  if (second.from - first.to > NEAR_WORDS) return false;
  return !first.sentence.words.slice(first.to - 1, second.from).some(({ barrier }) => barrier);
}
