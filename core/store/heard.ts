import { sql } from 'kysely';
import type { Database } from './database.ts';

/** What was heard in a period. */
export interface Heard {
  /** Stored utterances of real voices. */
  interactions: number;
  /** Of them, those with a card that was shown. */
  cards: number;
  /** Counters and recognised employees that spoke at least once. */
  counters: number;
  employees: number;
  /** Speech, in seconds. */
  speechSeconds: number;
}

/** Counts a period (`to` not included) of these clients; null: of all. */
export async function heardIn(
  db: Database,
  { clientIds, from, to }: { clientIds: readonly string[] | null; from: Date; to: Date },
): Promise<Heard> {
  const clients = clientIds === null ? sql`` : sql`and cliente_id = any(${[...clientIds]})`;
  const { rows } = await db.system((trx) =>
    sql<Heard>`
      select count(*)::int as interactions, count(ts_client_sent)::int as cards,
        count(distinct balcao_id)::int as counters, count(distinct funcionario_id)::int as employees,
        (coalesce(sum(segment_duration_ms), 0) / 1000.0)::float8 as "speechSeconds"
      from interacoes
      where timestamp >= ${from} and timestamp < ${to} and interaction_type <> 'mock_voice' ${clients}`.execute(trx),
  );
  return rows[0] ?? { interactions: 0, cards: 0, counters: 0, employees: 0, speechSeconds: 0 };
}
