import { type Ground, type Refusal, refuse, type Weighed } from './gate-rules.ts';
import type { Line, OtcList } from './otc.ts';
import { isAtMost } from './otc-dose.ts';
import { brazilianNumber } from './presentation.ts';
import { fold, foldedWords, oneLine, soundsLike } from './text.ts';

const ADDRESS = /https?:|www\.|:\/\/|\.com\.br\b/iu;
/** Of a folded name: how to take it is not what it is called. */
const ORDER = /\b(?:tome|tomar|ingira|aplique)\b|\bvezes (?:ao|por) dia\b|\bde \p{N}+ em \p{N}+ h|\ba cada \p{N}+ h/u;

/** A name that no product has: nothing to read, an address, an instruction, letters of another alphabet among ours. */
export function nameRefusal({ candidate: { name } }: Weighed): Refusal | null {
  const shown = oneLine(name);
  const isFaulty =
    !/\p{Script=Latin}/u.test(shown) ||
    /[^\p{Script=Latin}\P{L}]/u.test(shown.normalize('NFKC').replace(/[µμΩω]/gu, '')) ||
    ADDRESS.test(shown) ||
    ORDER.test(fold(shown));
  return isFaulty ? refuse('nome_improprio', null, 'o nome no catálogo não é o de um produto').refusal : null;
}

/** What its name or its column of substances holds beside its composition: then nobody knows which of them is right. */
export function compositionRefusal({ candidate, substances }: Weighed, { list }: Ground): Refusal | null {
  const column = (candidate.substance ?? '').split(/[;+]/u).filter((part) => fold(part) !== '');
  const stray = [
    ...namedIn(candidate.name, list),
    ...column.flatMap((part) => {
      const named = list.names.within(part);
      return named.length > 0 ? named : [list.names.substance(part)];
    }),
  ].find((each) => !substances.includes(each));
  if (stray !== undefined)
    return refuse('composicao_duvidosa', null, `o cadastro traz ${stray}, que a composição não traz`).refusal;
  const isRepeated = candidate.ingredients.length !== substances.length;
  return isRepeated ? refuse('composicao_duvidosa', null, 'a composição traz uma substância duas vezes').refusal : null;
}

const DOSE = /(\d[\d.]*(?:,\d+)?)\s*(mg|mcg|g)(?![\p{L}/])/giu;

/** Whether every dose that the name of something swallowed by the piece says is one that the line allows. */
export function nameFits(name: string, { limits }: Line): boolean {
  const most = [...limits.values()];
  if (!most.every((limit) => limit?.unit === 'mg')) return true;
  return [...name.matchAll(DOSE)].every(([, value = '', unit = '']) => {
    const dose = { value: brazilianNumber(value), unit };
    return most.some((limit) => limit !== null && isAtMost(dose, limit) === true);
  });
}

/** Shortest name of a substance that is recognised with a slip. */
const LETTERS = 8;
/** Names kept at hand: the same products come again and again. Past it all are read anew. */
const MAX_KEPT = 5000;

interface Looked {
  long: readonly { name: string; folded: string }[];
  kept: Map<string, readonly string[]>;
}

const looked = new WeakMap<OtcList, Looked>();

/** Substances that a product's name holds, by any of their names, also glued to a dose, in the plural or misspelt. */
export function namedIn(name: string, list: OtcList): readonly string[] {
  let known = looked.get(list);
  if (!known) {
    known = { long: longNames(list), kept: new Map() };
    looked.set(list, known);
  }
  const before = known.kept.get(name);
  if (before) return before;
  const plain = name.normalize('NFKC').replace(/\p{Cf}/gu, '');
  const apart = plain.replace(/(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/gu, ' ');
  const exact = [plain, apart].flatMap((text) => list.names.within(text));
  const words = foldedWords(apart).filter((word) => word.length >= LETTERS - 1);
  const { long } = known;
  const slips = words
    .filter((word) => list.names.within(word).length === 0)
    .flatMap((word) => long.filter(({ folded }) => isSlip(word, folded)).map(({ name: of }) => of));
  const found = [...new Set([...exact, ...slips])];
  if (known.kept.size >= MAX_KEPT) known.kept.clear();
  known.kept.set(name, found);
  return found;
}

function isSlip(word: string, substance: string): boolean {
  return word[0] === substance[0] && soundsLike(word, substance);
}

function longNames({ names }: OtcList): Looked['long'] {
  return names.spoken.flatMap(({ text, substances }) => {
    const folded = fold(text);
    const [own] = substances;
    const isOwnName = own !== undefined && names.substance(text) === own;
    return isOwnName && folded.length >= LETTERS && !folded.includes(' ') ? [{ name: own, folded }] : [];
  });
}
