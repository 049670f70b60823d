import type { Generated, Insertable } from 'kysely';
import type { Shadow } from './interaction.ts';
import { cleanText } from './text.ts';

/** `shadow_results`. */
export interface ShadowTable {
  id: Generated<number>;
  idempotency_key: string;
  cliente_id: string;
  interacao_id: number;
  at: Date;
  answer_provider: string;
  answer_text: string;
  provider: string;
  model: string | null;
  outcome: Shadow['outcome'];
  text: string | null;
  error_code: string | null;
  duration_ms: number;
  cost_micro_usd: number;
}

export function fromShadow(interactionId: number, shadow: Shadow): Insertable<ShadowTable> {
  return {
    idempotency_key: shadow.idempotencyKey,
    cliente_id: shadow.clientId,
    interacao_id: interactionId,
    at: shadow.at,
    answer_provider: shadow.answer.provider,
    answer_text: cleanText(shadow.answer.text),
    provider: shadow.provider,
    model: shadow.model,
    outcome: shadow.outcome,
    text: shadow.text === null ? null : cleanText(shadow.text),
    error_code: shadow.errorCode,
    duration_ms: shadow.durationMs,
    cost_micro_usd: shadow.costMicroUsd,
  };
}
