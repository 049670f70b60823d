import type { CatalogueCandidate } from './catalogue.ts';
import type { ItemChoice, RecommendedItem } from './choice.ts';
import { type GateData, type GateDecision, gate } from './gate.ts';
import type { Ground } from './gate-rules.ts';
import type { Lexicon } from './lexicon.ts';
import { type Reading, read } from './needs.ts';
import type { OtcList } from './otc.ts';
import { pharmacistItem } from './pharmacist-call.ts';
import type { Tightening } from './tightening.ts';

/** What may be offered here and now. */
export interface OtcRules {
  list: OtcList;
  /** What the client's pharmacist asks for beyond it, as it holds now. */
  tightening(clientId: string): Tightening;
  /** Day at the counter, `AAAA-MM-DD`. */
  today(): string;
}

/** What was said, and which folded words of it the transcription was unsure of. */
interface Heard {
  clientId: string;
  text: string;
  history: readonly string[];
  doubtful?: readonly string[];
}

/** What the gate decides by, for this conversation. */
export function groundOf(
  { clientId, text, history, doubtful }: Heard,
  reading: Reading,
  candidates: readonly CatalogueCandidate[],
  { otc, lexicon }: { otc: OtcRules; lexicon: Lexicon },
): Ground {
  const spoken = history.length === 0 ? reading : read([...history, text].join('\n'), lexicon);
  const needs = spoken.needs.map(({ need }) => need.name);
  const situation = otc.list.situation.read([...history, text], { needs, candidates, unsure: new Set(doubtful) });
  return { situation, list: otc.list, tightening: otc.tightening(clientId), today: otc.today() };
}

/** What passes the gate; where only a pharmacist may decide, a call for one. */
export function offered(
  choices: readonly ItemChoice[],
  candidates: readonly CatalogueCandidate[],
  ground: Ground,
  data: GateData,
): { items: RecommendedItem[]; decisions: GateDecision[] } {
  const { items, decisions, callPharmacist } = gate(choices, candidates, ground, data);
  return { items: callPharmacist ? [pharmacistItem()] : items, decisions };
}
