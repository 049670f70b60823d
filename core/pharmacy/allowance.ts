import type { CatalogueCandidate } from './catalogue.ts';
import type { Lexicon } from './lexicon.ts';
import { find, phrase, sentences } from './phrases.ts';
import type { Strength } from './reasons.ts';
import { fold } from './text.ts';

/** What the evidence of one send carries. */
export interface Allowance {
  /** Items at most. */
  items: number;
  /** Nothing but low-risk items. */
  lowRiskOnly: boolean;
  /** Why, for the row: an id of the lexicon's caps, or of these. */
  rule: 'evidencia_forte' | 'so_acompanha' | 'contexto_fraco' | (string & {});
}

/** How many items the needs and their strength carry: fewer for a single small complaint, few and harmless for a mere hint. */
export function allowanceFor(strength: Strength, needs: readonly string[], lexicon: Lexicon): Allowance {
  const { limits, caps } = lexicon;
  if (strength === 'weak') return { items: limits.weakItems, lowRiskOnly: true, rule: 'contexto_fraco' };
  if (strength === 'companion') return { items: limits.companionItems, lowRiskOnly: false, rule: 'so_acompanha' };
  const spoken = needs.map(fold);
  const cap =
    spoken.length > 0
      ? caps.find(({ needs: of }) => spoken.every((each) => of.some((name) => fold(name) === each)))
      : undefined;
  if (cap) return { items: Math.min(cap.items, limits.maxItems), lowRiskOnly: false, rule: cap.id };
  return { items: limits.maxItems, lowRiskOnly: false, rule: 'evidencia_forte' };
}

/** Whether weak context may bring the item: it is of one of the named kinds, and no medicine where the kind is none. */
export function isLowRisk(candidate: CatalogueCandidate, { lowRisk }: Lexicon): boolean {
  return lowRisk.some(({ tags, names, medicine = false }) => {
    if (candidate.medicine && !medicine) return false;
    if (tags?.includes(candidate.tag)) return true;
    const called = [candidate.name, ...candidate.synonyms].flatMap((name) => sentences(name));
    return names?.some((name) => called.some((sentence) => find(phrase(name), sentence)?.quality === 1)) ?? false;
  });
}
