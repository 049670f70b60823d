import type { RecommendedItem } from './choice.ts';
import type { GateDecision } from './gate-rules.ts';
import type { OtcList } from './otc.ts';

/** What devices show where a person is needed, not a product (protocol.md §1.3). */
const CALL = 'Chame o farmacêutico';
const ASKED = 'Nesta farmácia, o farmacêutico pediu para atender este caso antes de qualquer produto.';

/** A card's only item when a pharmacist is to be called; `text` is of our own data. */
export function pharmacistItem(text: string = ASKED): RecommendedItem {
  return { productId: null, name: CALL, explanation: text, tag: 'suporte', medicine: false };
}

/** A red flag in a conversation. */
export interface Alarm {
  /** Null: the same was said before in this conversation, and the counter has been told. */
  item: RecommendedItem | null;
  decision: GateDecision;
}

/** Whether a person is needed. Said once per flag and conversation; nothing is offered after it. */
export function alarmOf({ text, history }: { text: string; history: readonly string[] }, list: OtcList): Alarm | null {
  const flags = list.situation.read([...history, text]).redFlags;
  const [first] = flags;
  if (!first) return null;
  const earlier = new Set(list.situation.read(history).redFlags.map(({ rule }) => rule));
  const fresh = flags.find(({ rule }) => !earlier.has(rule));
  const { rule, title } = fresh ?? first;
  return {
    item: fresh ? pharmacistItem(fresh.text) : null,
    decision: {
      rule: 'sinal_de_alerta',
      ruleId: rule,
      listVersion: list.version,
      allowed: false,
      reason: `sinal de alerta na conversa: ${title}${fresh ? '' : ' (já avisado)'}`,
      candidateId: null,
      name: null,
    },
  };
}
