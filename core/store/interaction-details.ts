import type { Database } from './database.ts';
import type { Shadow } from './interaction.ts';

/** What a second provider heard of an utterance. */
export interface Comparison {
  provider: string;
  outcome: Shadow['outcome'];
  text: string | null;
  /** What whoever answered heard, before any filter. */
  answered: string;
  durationMs: number;
  costMicroUsd: number;
}

/** More than anybody compares one utterance with. */
const MOST_ROWS = 20;

/** What others heard of an utterance, in the order it was heard. */
export function comparisonsOf(db: Database, interactionId: number): Promise<Comparison[]> {
  return db.system((trx) =>
    trx
      .selectFrom('shadow_results')
      .select(['provider', 'outcome', 'text', 'answer_text as answered'])
      .select(['duration_ms as durationMs', 'cost_micro_usd as costMicroUsd'])
      .where('interacao_id', '=', interactionId)
      .orderBy('id')
      .limit(MOST_ROWS)
      .execute(),
  );
}
