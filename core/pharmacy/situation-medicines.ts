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
}

/** Shortest substance name that is recognised with a slip. */
const FORGIVING_LETTERS = 8;

export function compileSpoken(
  names: Names,
  classes: readonly { classe: string; falas: readonly string[] }[],
): SpokenName[] {
  const called = names.spoken.map(({ text, substances }) => spokenName(text, substances, names));
  const of = classes.flatMap(({ classe, falas }) =>
    falas.map((text) => ({ phrase: wholePhrase(text), substances: [], classes: new Set([classe]), forgiving: false })),
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
  const mentions = found
    .filter((each) => !isOther(each))
    .map(({ said, name }): [string, Mention] => {
      const heard = said.sentence.words.slice(said.from, said.to);
      const certain = said.quality === 1 && !heard.some(({ folded }) => unsure.has(folded));
      const as = harms.some((harm) => isNear(harm, said)) ? 'allergy' : said.denied ? 'refused' : 'in_use';
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

/** In one breath: few words apart, and no comma between them. */
function isNear(a: Said, b: Said): boolean {
  if (a.at !== b.at) return false;
  const [first, second] = a.from <= b.from ? [a, b] : [b, a];
  if (second.from - first.to > NEAR_WORDS) return false;
  return !first.sentence.words.slice(first.to - 1, second.from).some(({ barrier }) => barrier);
}
