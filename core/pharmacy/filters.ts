import { type Static, Type } from 'typebox';
import { parseData } from './parse.ts';
import { fold, foldedWords } from './text.ts';

const id = Type.String({ pattern: '^[a-z0-9_]{1,60}$' });
const phrases = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 500 });

const RuleSchema = Type.Union([
  Type.Object(
    { id, type: Type.Literal('enclosed'), pairs: Type.Array(Type.String({ minLength: 2, maxLength: 2 })) },
    { additionalProperties: false },
  ),
  Type.Object({ id, type: Type.Literal('alone'), phrases }, { additionalProperties: false }),
  Type.Object(
    { id, type: Type.Literal('short'), belowCharacters: Type.Integer({ minimum: 1, maximum: 200 }), phrases },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      id,
      type: Type.Literal('repetition'),
      minWords: Type.Integer({ minimum: 2 }),
      maxDistinct: Type.Integer({ minimum: 1 }),
    },
    { additionalProperties: false },
  ),
]);

const FiltersSchema = Type.Object(
  { version: Type.String({ minLength: 1, maxLength: 60 }), rules: Type.Array(RuleSchema, { maxItems: 100 }) },
  { additionalProperties: false },
);

/**
 * - `enclosed`: text between the pairs goes; - `alone`: the text is exactly one of the phrases; - `short`: a text under
 * `belowCharacters` holds one of the phrases; - `repetition`: at least `minWords` words, at most `maxDistinct` different.
 */
export type FilterRule = Static<typeof RuleSchema>;

/** Rules in the order they are tried. */
export type TranscriptFilters = Static<typeof FiltersSchema>;

/** What one rule took away; stored with the interaction. */
export interface Removed {
  rule: string;
  removed: string;
}

export interface FilteredTranscript {
  text: string;
  /** Nothing is left of a text that was not empty. */
  dropped: boolean;
  rules: Removed[];
}

/** Filters from data (`config/transcript-filters.json`, or a client's own). Throws BaltoError naming the field. */
export function parseFilters(value: unknown, source: string): TranscriptFilters {
  return parseData(FiltersSchema, value, source);
}

/** A client's filters over the common ones: a known id of the same type gains phrases or changes its figures, a new id is added. */
export function mergeFilters(base: TranscriptFilters, client: TranscriptFilters): TranscriptFilters {
  const rules = base.rules.map((rule) => {
    const own = client.rules.find((each) => each.id === rule.id && each.type === rule.type);
    return own ? mergeRule(rule, own) : rule;
  });
  const added = client.rules.filter((rule) => !base.rules.some((each) => each.id === rule.id));
  return { version: `${base.version}+${client.version}`, rules: [...rules, ...added] };
}

function mergeRule(base: FilterRule, own: FilterRule): FilterRule {
  if ('phrases' in base && 'phrases' in own) {
    return { ...base, ...own, phrases: [...new Set([...base.phrases, ...own.phrases])] } as FilterRule;
  }
  if (base.type === 'enclosed' && own.type === 'enclosed') {
    return { ...base, pairs: [...new Set([...base.pairs, ...own.pairs])] };
  }
  return own;
}

/**
 * Removes what vendors write for noise and what they invent on silence. Accents, case and punctuation make no
 * difference. What is removed is returned with its rule, never silently gone.
 */
export function filterTranscript(text: string, filters: TranscriptFilters): FilteredTranscript {
  const rules: Removed[] = [];
  let kept = text.trim();
  for (const rule of filters.rules) {
    if (fold(kept) === '') break;
    if (rule.type === 'enclosed') {
      kept = removeEnclosed(kept, rule.pairs, (removed) => rules.push({ rule: rule.id, removed }));
    } else if (matchesWhole(kept, rule)) {
      rules.push({ rule: rule.id, removed: kept });
      kept = '';
    }
  }
  if (fold(kept) === '') kept = '';
  return { text: kept, dropped: kept === '' && text.trim() !== '', rules };
}

function matchesWhole(text: string, rule: Exclude<FilterRule, { type: 'enclosed' }>): boolean {
  const folded = fold(text);
  switch (rule.type) {
    case 'alone':
      return rule.phrases.some((phrase) => fold(phrase) === folded);
    case 'short':
      return (
        text.length < rule.belowCharacters && rule.phrases.some((phrase) => ` ${folded} `.includes(` ${fold(phrase)} `))
      );
    case 'repetition': {
      const words = foldedWords(text);
      return words.length >= rule.minWords && new Set(words).size <= rule.maxDistinct;
    }
  }
}

/** One pass with a stack: nested pairs go with the outermost, an opening without its end stays as it is. */
function removeEnclosed(text: string, pairs: string[], onRemoved: (removed: string) => void): string {
  const closes = new Map(pairs.map((pair) => [pair[1] ?? '', pair[0] ?? '']));
  const opens = new Set(closes.values());
  const open: { bracket: string; at: number }[] = [];
  const spans: { from: number; to: number }[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (opens.has(character)) open.push({ bracket: character, at });
    const opening = closes.get(character);
    if (opening === undefined || open.at(-1)?.bracket !== opening) continue;
    const from = open.pop()?.at ?? at;
    while (spans.length > 0 && (spans.at(-1)?.from ?? 0) >= from) spans.pop();
    spans.push({ from, to: at + 1 });
  }
  if (spans.length === 0) return text;
  let kept = '';
  let last = 0;
  for (const { from, to } of spans) {
    kept += `${text.slice(last, from)} `;
    onRemoved(text.slice(from, to));
    last = to;
  }
  return (kept + text.slice(last))
    .replace(/\s+/gu, ' ')
    .replace(/ ([.,;:!?])/gu, '$1')
    .trim();
}
