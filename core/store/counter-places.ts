import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { isConnected } from './live-sessions.ts';
import type { Tables } from './tables.ts';

/** `counter_reservations`. */
export interface CounterReservationsTable {
  id: string;
  process_id: string;
  cliente_id: string;
  ends_at: Date;
}

/** Longer than a process takes to tell the others of a new session. */
const RESERVED_S = 3;
/** As long as a process that says nothing counts as alive. */
const SILENT_S = 15;

/** How many counters of a client the other processes serve. Times are the database's, so that no two clocks matter. */
export class CounterPlaces {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Says that this process is about to serve one more counter of a client, beside the `own` ones, and how many the others
   * serve or are about to; null: that would be more than `most`. One asks after the other, so that of two processes that
   * ask at once the second knows of the first. What is told twice for a moment counts twice: a limit is never passed, and a
   * counter that is refused comes back in a few seconds.
   */
  reserve(processId: string, clientId: string, { own, most }: { own: number; most: number }): Promise<number | null> {
    return this.#db.system(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtext('balto_counters'), hashtext(${clientId}))`.execute(trx);
      const others = await countOf(trx, processId, clientId);
      if (own + others >= most) return null;
      await sql`delete from counter_reservations where ends_at < now()`.execute(trx);
      await sql`
        insert into counter_reservations (id, process_id, cliente_id, ends_at)
        values (${randomUUID()}, ${processId}, ${clientId}, now() + make_interval(secs => ${RESERVED_S}))`.execute(trx);
      return others;
    });
  }

  /** Sessions of each of these clients at the other processes; those without any are absent. */
  async others(processId: string, clientIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.#db.system((trx) =>
      trx
        .selectFrom('live_sessions')
        .select(['cliente_id', sql<number>`count(*)::integer`.as('sessions')])
        .where('process_id', '<>', processId)
        .where('cliente_id', 'in', [...clientIds])
        .where(isConnected)
        .where('seen_at', '>', sql<Date>`now() - make_interval(secs => ${SILENT_S})`)
        .groupBy('cliente_id')
        .execute(),
    );
    return new Map(rows.map((row) => [row.cliente_id, row.sessions]));
  }
}

async function countOf(trx: Transaction<Tables>, processId: string, clientId: string): Promise<number> {
  const { rows } = await sql<{ others: number }>`
    select ((select count(*) from live_sessions where cliente_id = ${clientId} and process_id <> ${processId}
        and ${isConnected} and seen_at > now() - make_interval(secs => ${SILENT_S}))
      + (select count(*) from counter_reservations where cliente_id = ${clientId} and process_id <> ${processId}
        and ends_at > now()))::integer as others`.execute(trx);
  return rows[0]?.others ?? 0;
}
