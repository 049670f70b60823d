import type { PrivacyData } from './data.ts';
import { gapAfter, type Token } from './tokens.ts';

/** One number as it was said or written: `vinte e três`, `987`, `dois zeros`. */
export interface NumberGroup {
  first: number;
  last: number;
  /** As they would be dialled. */
  digits: string;
}

/** Numbers said one after the other, with nothing but hesitation and marks between them. */
export interface NumberRun {
  groups: NumberGroup[];
}

/** `R$ 1.234,56`, `45,90`, `12,5`: never part of an identifier. */
const MONEY = /R\$\s*\d[\d.]*(?:,\d{1,2})?|(?<![\d.,-])\d{1,3}(?:\.\d{3})?,\d{1,2}(?!\d|[.,-]\d)/gu;
/** Tokens of hesitation between two numbers of one run. */
const MAX_FILLERS = 2;
/** Characters between two numbers of one run. */
const MAX_GAP = 8;
const LINK = 'e';

/** Finds the runs of numbers of a text, amounts of money left out and quantities cut off. */
export function numberRuns(text: string, tokens: readonly Token[], data: PrivacyData): NumberRun[] {
  const money = [...text.matchAll(MONEY)].map((match) => [match.index, match.index + match[0].length] as const);
  let amount = 0;
  // Tokens are asked about in their order, and so are amounts.
  const isMoney = ({ from }: Token) => {
    while (from >= (money[amount]?.[1] ?? Number.POSITIVE_INFINITY)) amount += 1;
    return from >= (money[amount]?.[0] ?? Number.POSITIVE_INFINITY);
  };
  const runs: NumberRun[] = [];
  let groups: NumberGroup[] = [];
  const end = () => {
    while (groups.length > 0 && isQuantity(text, tokens, groups.at(-1)?.last ?? 0, data)) groups.pop();
    if (groups.length > 0) runs.push({ groups });
    groups = [];
  };
  let at = 0;
  while (at < tokens.length) {
    const token = tokens[at];
    const group = token && !isMoney(token) ? readGroup(text, tokens, at, data) : null;
    if (!group) {
      end();
      at += 1;
      continue;
    }
    groups.push(group);
    const next = afterFillers(text, tokens, group.last, data);
    if (next === null) {
      end();
      at = group.last + 1;
    } else at = next;
  }
  end();
  return runs;
}

/** Whether a number is of something: `500 mg`, `dois comprimidos`, `30%`. */
function isQuantity(text: string, tokens: readonly Token[], last: number, data: PrivacyData): boolean {
  const gap = gapAfter(text, tokens, last);
  if (/^\s*[%°º]/u.test(gap)) return true;
  const next = tokens[last + 1];
  return next !== undefined && /^\s*$/u.test(gap) && data.quantityAfter.has(next.word);
}

/** Where the run goes on: the next token that may be a number; null where something else is said. */
function afterFillers(text: string, tokens: readonly Token[], last: number, data: PrivacyData): number | null {
  for (let skipped = 0; skipped <= MAX_FILLERS; skipped++) {
    const index = last + skipped;
    const next = tokens[index + 1];
    if (!next || gapAfter(text, tokens, index).length > MAX_GAP) return null;
    if (next.isDigits || data.numberWords.has(next.word) || next.word === data.thousand) return index + 1;
    if (!data.fillers.has(next.word)) return null;
  }
  return null;
}

function readGroup(text: string, tokens: readonly Token[], at: number, data: PrivacyData): NumberGroup | null {
  const token = tokens[at];
  if (!token) return null;
  if (token.isDigits) {
    // `B12`, `3M`: a name, no number. `500mg` is one, and a quantity.
    const isGlued = at > 0 && gapAfter(text, tokens, at - 1) === '' && !tokens[at - 1]?.isDigits;
    return isGlued && tokens[at - 1]?.word !== '@' ? null : { first: at, last: at, digits: token.word };
  }
  const word = data.numberWords.get(token.word);
  const repeated = data.plurals.get(tokens[at + 1]?.word ?? '');
  if (word?.rank === 'unit' && word.value > 0 && repeated !== undefined) {
    return { first: at, last: at + 1, digits: String(repeated).repeat(word.value) };
  }
  const below = word ? belowThousand(text, tokens, at, data) : null;
  const thousandAt = below ? below.last + 1 : at;
  if (tokens[thousandAt]?.word === data.thousand)
    return thousands(text, tokens, at, below?.value ?? 1, thousandAt, data);
  return below && { first: at, last: below.last, digits: String(below.value) };
}

function thousands(
  text: string,
  tokens: readonly Token[],
  first: number,
  count: number,
  thousandAt: number,
  data: PrivacyData,
): NumberGroup {
  const restAt = composed(text, tokens, thousandAt);
  const rest = restAt === null ? null : belowThousand(text, tokens, restAt, data);
  const value = count * 1000 + (rest?.value ?? 0);
  return { first, last: rest?.last ?? thousandAt, digits: String(value) };
}

/** `cento e vinte e três`, `noventa e oito`, `doze`, `sete`: each part of a lower rank than the one before. */
function belowThousand(
  text: string,
  tokens: readonly Token[],
  at: number,
  data: PrivacyData,
): { value: number; last: number } | null {
  const word = data.numberWords.get(tokens[at]?.word ?? '');
  if (!word) return null;
  if (word.rank === 'unit' || word.rank === 'teen') return { value: word.value, last: at };
  const restAt = composed(text, tokens, at);
  const rest = restAt === null ? undefined : data.numberWords.get(tokens[restAt]?.word ?? '');
  const isLower = word.rank === 'hundred' ? rest && rest.rank !== 'hundred' : rest?.rank === 'unit';
  if (restAt === null || !rest || !isLower || rest.value === 0) return { value: word.value, last: at };
  const lower = belowThousand(text, tokens, restAt, data);
  return { value: word.value + (lower?.value ?? 0), last: lower?.last ?? at };
}

/** The token that a compound number would go on with, behind an `e` or none; null across a punctuation mark. */
function composed(text: string, tokens: readonly Token[], at: number): number | null {
  if (gapAfter(text, tokens, at).trim() !== '') return null;
  const next = tokens[at + 1];
  if (!next) return null;
  if (next.word !== LINK) return at + 1;
  return gapAfter(text, tokens, at + 1).trim() === '' && tokens[at + 2] ? at + 2 : null;
}
