import type { Database } from './database.ts';
import type { Purpose } from './interaction.ts';

/** One billed thing of an utterance. */
export interface InteractionCost {
  kind: string;
  provider: string;
  model: string;
  unit: string;
  of: string;
  quantity: number;
  costMicroUsd: number;
  purpose: Purpose;
  priceVersion: string | null;
}

/** More than any utterance has: a few attempts of a few billed things. */
const MOST_ROWS = 500;

/** What an utterance and its card cost, in the order it was billed. */
export function costsOf(db: Database, interactionId: number): Promise<InteractionCost[]> {
  return db.system((trx) =>
    trx
      .selectFrom('usage_ledger')
      .select(['kind', 'provider', 'model', 'unit', 'of_what as of', 'quantity', 'purpose'])
      .select(['cost_micro_usd as costMicroUsd', 'price_version as priceVersion'])
      .where('interacao_id', '=', interactionId)
      .orderBy('id')
      .limit(MOST_ROWS)
      .execute(),
  );
}
