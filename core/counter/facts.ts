import type { Utterance } from '../audio/types.ts';
import type { UtteranceFacts } from '../runtime/types.ts';

/** What routing and the providers' health ask of a finished utterance. */
export function factsOf({ features, speechRanges }: Utterance): UtteranceFacts {
  const { durationMs, snrDb, class: heardAs } = features;
  const speechS = speechRanges.reduce((sum, [startS, endS]) => sum + endS - startS, 0);
  return { durationMs, speechMs: Math.round(speechS * 1000), snrDb, class: heardAs };
}
