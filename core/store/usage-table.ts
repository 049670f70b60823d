import type { Generated, Insertable } from 'kysely';
import type { Purpose, UsageEntry } from './interaction.ts';

/** `usage_ledger`. */
export interface UsageTable {
  id: Generated<number>;
  idempotency_key: string;
  cliente_id: string;
  balcao_id: string | null;
  interacao_id: number | null;
  at: Date;
  kind: string;
  provider: string;
  model: string;
  unit: string;
  of_what: string;
  quantity: number;
  cost_micro_usd: number;
  price_version: string | null;
  purpose: Generated<Purpose>;
  mode: 'batch' | 'stream' | null;
  channels: number | null;
}

export function fromUsage(entry: UsageEntry): Insertable<UsageTable> {
  return {
    idempotency_key: entry.idempotencyKey,
    cliente_id: entry.clientId,
    balcao_id: entry.counterId,
    interacao_id: entry.interactionId,
    at: entry.at,
    kind: entry.kind,
    provider: entry.provider,
    model: entry.model,
    unit: entry.unit,
    of_what: entry.of,
    quantity: entry.quantity,
    cost_micro_usd: entry.costMicroUsd,
    price_version: entry.priceVersion,
    // A journal written before attempts said these.
    purpose: entry.purpose ?? 'answer',
    mode: entry.mode ?? null,
    channels: entry.channels ?? null,
  };
}
