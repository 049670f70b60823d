interface TermLimits {
  max: number;
  maxChars: number;
}

/** By request the vendor takes 1,000, but bills at least 20 s for more than 100; fewer than 50 characters each. */
export const BATCH_TERMS: TermLimits = { max: 100, maxChars: 49 };
/** Live: 50 terms of at most 20 characters. */
export const REALTIME_TERMS: TermLimits = { max: 50, maxChars: 20 };

const MAX_WORDS = 5;
const FORBIDDEN = /[<>{}[\]\\]/;

/** Whether the vendor takes the term; it refuses the whole request for one it does not. */
export function isKeyterm(term: string, limits: TermLimits): boolean {
  return term.length <= limits.maxChars && !FORBIDDEN.test(term) && term.trim().split(/\s+/).length <= MAX_WORDS;
}
