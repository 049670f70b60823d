import { fold } from './text.ts';

/** What a product's names are taken from. */
export interface Named {
  name: string;
  substance: string | null;
}

/** Longest term: past it a vendor that limits terms refuses them, and nobody says it in one breath. */
const MAX_CHARS = 40;
const MAX_WORDS = 4;
/** Units and packaging: where they begin, the name is over (`Dorflex 300 mg c/ 10 comp` is said "Dorflex"). */
const PACKAGING = /\s+(?:\d|c\/|com\s+\d|cx\b|cpr|comp|caps|fr\b|un\b|ml\b|mg\b|g\b).*$/iu;

/** What people say of a product's name: without strength and packaging. */
export function calledName(name: string): string {
  return name.replace(PACKAGING, '');
}

/**
 * The words a speech vendor should expect, from a client's products: what people say of a name, and its substance; each
 * once, in the order of the products. Nothing but letters, digits, spaces and hyphens: they go into vendors' requests.
 */
export function keytermsOf(products: readonly Named[], limit: number): string[] {
  const terms = new Map<string, string>();
  for (const { name, substance } of products) {
    for (const text of [calledName(name), ...(substance ?? '').split(/[+;,]/)]) {
      const term = text
        .replace(/[^\p{L}\p{N} -]+/gu, ' ')
        .replace(/\s+/g, ' ')
        .trim();
      const key = fold(term);
      const isFit = key.length >= 3 && term.length <= MAX_CHARS && term.split(' ').length <= MAX_WORDS;
      if (isFit && !terms.has(key)) terms.set(key, term);
      if (terms.size >= limit) return [...terms.values()];
    }
  }
  return [...terms.values()];
}
