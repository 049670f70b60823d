import { isCard, isCnpj, isCpf, isPhone } from './check-digits.ts';
import type { PrivacyData } from './data.ts';
import { type NumberRun, numberRuns } from './numbers.ts';
import type { Token } from './tokens.ts';
import type { NumberKind, Span } from './types.ts';

/** What numbers of the next utterance may belong to. Holds no digit of anybody's. */
export interface NumberHold {
  /** What somebody was asked for, or began to say; null: nothing. */
  kind: NumberKind | null;
  /** Digits of it that were masked. */
  digits: number;
  /** The last thing said was a part of it. */
  isOpen: boolean;
  /** Digits at the very end that were too few to be masked. */
  tail: number;
  /** Utterances for which this still holds. */
  left: number;
}

export const NOTHING_HELD: NumberHold = { kind: null, digits: 0, isOpen: false, tail: 0, left: 0 };

/** Utterances that may come between a question and its answer. */
const HELD_UTTERANCES = 3;
/** Digits from which a number without any announcement is somebody's; a dose or a price has fewer. */
const TELLING_DIGITS = 7;
/** Tokens for which an announcement holds, and within which it holds for a single digit. */
const CUE_REACH = { any: 30, near: 8 };
/** Doses of one thing that somebody may list; more groups than that are a number read out. */
const MOST_DOSES = 5;
/** Tokens that may stand before what goes on with the utterance before. */
const LEADING_TOKENS = 3;
const WHOLE: Record<NumberKind, number> = { CPF: 11, CNPJ: 14, TELEFONE: 10, CARTAO: 16, NUMERO: 11 };

/** The numbers of an utterance that tell somebody apart, and what is held of it for the next. */
export function numberSpans(
  text: string,
  tokens: readonly Token[],
  held: NumberHold,
  data: PrivacyData,
): { spans: Span[]; hold: NumberHold } {
  const cues = cuesOf(tokens, data);
  const spans: Span[] = [];
  const runs = numberRuns(text, tokens, data);
  let hold = aged(held, tokens.length);
  for (const run of runs) {
    const place = placeOf(run, tokens, cues, hold, spans.length === 0, data);
    const kind = kindOf(run, place, hold, data);
    const digits = digitsOf(run).length;
    if (kind === null) {
      hold = place.isTrailing ? { ...hold, tail: hold.tail + digits, left: HELD_UTTERANCES } : hold;
      continue;
    }
    const { first } = run.groups[0] ?? { first: 0 };
    spans.push({ first, last: run.groups.at(-1)?.last ?? first, kind });
    hold = afterMasked(place.isContinued ? hold : NOTHING_HELD, kind, digits, run, place.isTrailing);
  }
  const lastRun = runs.at(-1)?.groups.at(-1)?.last ?? -1;
  const asked = cues.at(-1);
  // A question without its answer: the next utterance will hold it.
  if (asked && asked.at > lastRun)
    hold = { kind: asked.kind, digits: 0, isOpen: false, tail: 0, left: HELD_UTTERANCES };
  return { spans, hold };
}

interface Place {
  /** What was announced, and how many tokens before. */
  cue: NumberKind | null;
  distance: number;
  isTrailing: boolean;
  /** Goes on with what the utterance before ended with. */
  isContinued: boolean;
  isPriced: boolean;
  isAlone: boolean;
}

function cuesOf(tokens: readonly Token[], data: PrivacyData): { at: number; kind: NumberKind }[] {
  const cues: { at: number; kind: NumberKind }[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const found = data.numberCues.at(tokens, index);
    if (!found) continue;
    cues.push({ at: found.last, kind: found.value });
    index = found.last;
  }
  return cues;
}

function aged(held: NumberHold, tokens: number): NumberHold {
  if (held.left === 0 || tokens === 0) return held.left === 0 ? NOTHING_HELD : held;
  return { ...held, left: held.left - 1 };
}

function placeOf(
  run: NumberRun,
  tokens: readonly Token[],
  cues: readonly { at: number; kind: NumberKind }[],
  hold: NumberHold,
  isFirst: boolean,
  data: PrivacyData,
): Place {
  const first = run.groups[0]?.first ?? 0;
  const last = run.groups.at(-1)?.last ?? 0;
  const cue = cueBefore(cues, first);
  const isFiller = ({ word }: Token) => data.fillers.has(word);
  let after = last + 1;
  while (data.fillers.has(tokens[after]?.word ?? '')) after += 1;
  const isTrailing = after >= tokens.length;
  return {
    cue: cue?.kind ?? hold.kind,
    distance: cue ? first - cue.at : Number.POSITIVE_INFINITY,
    isTrailing,
    isContinued: isFirst && first <= LEADING_TOKENS && (hold.isOpen || hold.tail > 0),
    isPriced: tokens.slice(Math.max(0, first - 2), first).some(({ word }) => data.moneyBefore.has(word)),
    isAlone: isTrailing && tokens.slice(0, first).every(isFiller),
  };
}

/** The nearest announcement before a token, where it still holds. */
function cueBefore(cues: readonly { at: number; kind: NumberKind }[], token: number) {
  let low = 0;
  let high = cues.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cues[middle]?.at ?? 0) < token) low = middle + 1;
    else high = middle;
  }
  const cue = cues[low - 1];
  return cue && token - cue.at <= CUE_REACH.any ? cue : undefined;
}

function kindOf(run: NumberRun, place: Place, hold: NumberHold, data: PrivacyData): NumberKind | null {
  const digits = digitsOf(run);
  const { length } = digits;
  if (place.isPriced && length < TELLING_DIGITS) return null;
  const kind = shapeOf(digits, place.cue, data);
  if (place.isContinued && hold.isOpen) return length < TELLING_DIGITS ? (hold.kind ?? kind) : kind;
  if (place.isContinued && hold.tail + length >= TELLING_DIGITS && !isRound(run, data)) return kind;
  if (place.cue !== null) {
    const isNear = place.distance <= CUE_REACH.near && place.isTrailing;
    const least = isNear && place.cue !== 'CARTAO' ? 1 : place.isAlone ? 2 : 3;
    return length >= least ? kind : null;
  }
  if (isExact(digits)) return kind;
  if (isRound(run, data)) return null;
  if (length >= TELLING_DIGITS) return kind;
  // The first piece of something that goes on after a pause.
  const groups = run.groups.length;
  return place.isTrailing && ((groups >= 3 && length >= 3) || (groups >= 2 && length >= 5)) ? 'NUMERO' : null;
}

function isExact(digits: string): boolean {
  return isCpf(digits) || isCnpj(digits) || isCard(digits);
}

/** What digits are: by what was announced where that fits, else by their check digits, else by their shape. */
function shapeOf(digits: string, cue: NumberKind | null, data: PrivacyData): NumberKind {
  const isTelephone = digits.length >= 8 && isPhone(digits, data.areaCodes);
  if (cue === 'TELEFONE' && (isTelephone || !isExact(digits))) return 'TELEFONE';
  if (isCpf(digits)) return 'CPF';
  if (isCnpj(digits)) return 'CNPJ';
  if (isCard(digits)) return 'CARTAO';
  if (cue !== null) return cue;
  if (isTelephone) return 'TELEFONE';
  return digits.length === 11 ? 'CPF' : 'NUMERO';
}

/** Doses side by side (`500, 750 e 1000`): nobody's number is made of a few round figures alone. */
function isRound({ groups }: NumberRun, data: PrivacyData): boolean {
  return (
    groups.length < MOST_DOSES &&
    groups.every(({ digits }) => digits.length >= 2 && digits[0] !== '0' && data.strengths.has(Number(digits)))
  );
}

function afterMasked(
  before: NumberHold,
  kind: NumberKind,
  digits: number,
  run: NumberRun,
  isTrailing: boolean,
): NumberHold {
  const sum = before.digits + before.tail + digits;
  const isWhole = isExact(digitsOf(run)) || sum >= WHOLE[kind];
  if (isWhole) return NOTHING_HELD;
  return { kind, digits: sum, isOpen: isTrailing, tail: 0, left: HELD_UTTERANCES };
}

function digitsOf({ groups }: NumberRun): string {
  return groups.map(({ digits }) => digits).join('');
}
