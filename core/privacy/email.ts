import { STOPWORDS } from '../pharmacy/stopwords.ts';
import type { PrivacyData } from './data.ts';
import { gapAfter, type Token } from './tokens.ts';
import type { Span } from './types.ts';

/** Plain words before the at sign that may be parts of the address: `joão silva arroba`. */
const MAX_WORDS = 3;
/** Words after an announcement that are taken for the first part of an address cut by a pause. */
const MAX_ANNOUNCED = 6;
/** What may stand inside a written address. */
const GLUE = /^[._+-]?$/u;

/** E-mail addresses, written or spoken, and the first half of one that goes on after a pause. */
export function emailSpans(text: string, tokens: readonly Token[], data: PrivacyData): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (!data.email.at.has(tokens[at]?.word ?? '')) continue;
    const first = localStart(text, tokens, at, data);
    const last = domainEnd(text, tokens, at, data);
    spans.push({ first, last, kind: 'EMAIL' });
    at = last;
  }
  return spans.length > 0 ? spans : announced(text, tokens, data);
}

function localStart(text: string, tokens: readonly Token[], at: number, data: PrivacyData): number {
  let first = at;
  let plain = 0;
  while (first > 0) {
    const index = first - 1;
    const { word, isDigits } = tokens[index] ?? { word: '', isDigits: false };
    const gap = gapAfter(text, tokens, index);
    if (GLUE.test(gap) || (first < at && data.email.joins.has(word))) {
      first = index;
      continue;
    }
    if (gap.trim() !== '') break;
    const isPart = isDigits || word.length === 1 || data.numberWords.has(word) || data.email.joins.has(word);
    const isJoined = data.email.joins.has(tokens[first]?.word ?? '');
    if (!isPart && !isJoined) {
      plain += 1;
      if (plain > MAX_WORDS || (STOPWORDS.has(word) && word !== 'e') || isCue(word)) break;
    }
    if (word === 'e' && !isJoined && first !== at) break;
    first = index;
  }
  return first;
}

function domainEnd(text: string, tokens: readonly Token[], at: number, data: PrivacyData): number {
  if (at + 1 >= tokens.length || /[,;:!?]/u.test(gapAfter(text, tokens, at))) return at;
  let last = at + 1;
  while (last + 1 < tokens.length) {
    const gap = gapAfter(text, tokens, last);
    const { word } = tokens[last + 1] ?? { word: '' };
    if (/^[._-]$/u.test(gap) || gap === '') last += 1;
    else if (gap.trim() !== '') break;
    else if (data.email.joins.has(word) && last + 2 < tokens.length) last += 2;
    else if (data.email.endings.has(word) || tokens[last]?.word.length === 1) last += 1;
    else break;
  }
  return last;
}

/** `meu e-mail é joão ponto silva`, and then a pause. */
function announced(text: string, tokens: readonly Token[], data: PrivacyData): Span[] {
  for (let index = 0; index < tokens.length; index++) {
    const cue = data.emailCues.at(tokens, index);
    if (!cue) continue;
    const first = cue.last + 2;
    const last = tokens.length - 1;
    const isSaid = tokens[cue.last + 1]?.word === 'e' && last >= first && last - first < MAX_ANNOUNCED;
    const rest = tokens.slice(first);
    if (isSaid && rest.every(({ word }) => !STOPWORDS.has(word) || data.email.joins.has(word) || word.length === 1)) {
      if (!/[?!;]/u.test(text.slice(tokens[first]?.from))) return [{ first, last, kind: 'EMAIL' }];
    }
  }
  return [];
}

function isCue(word: string): boolean {
  return word === 'email' || word === 'mail';
}
