import { sql } from 'kysely';
import type { Database } from './database.ts';
import { fromLiveSession, type LiveSession, toLiveSession } from './live-sessions-table.ts';
import { toJson } from './text.ts';

/** A process that says nothing for this long is gone, and its counters with it. Three of its signs of life. */
const SILENT_S = 15;
/** Rows written by one statement. */
const ROWS = 500;

/** Not one of those that only wait for their device. */
export const isConnected = sql<boolean>`coalesce(state->>'now', '') <> 'away'`;

/** Where a page of sessions goes on: after this one, by time and id. */
export interface LiveSessionFilter {
  /** Null: of every client. */
  clientIds: string[] | null;
  counterId?: string | undefined;
  /** Also those whose connection broke and that may come back. */
  withAway?: boolean;
  after?: { since: Date; sessionId: string } | undefined;
  limit: number;
}

/** What each process tells the others of the counters it serves. Times are the database's, so that no two clocks matter. */
export class LiveSessionRows {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Writes what changed, takes away what ended, and says that this process lives. */
  async tell(processId: string, changed: readonly LiveSession[], ended: readonly string[]): Promise<void> {
    await this.#db.system(async (trx) => {
      for (let at = 0; at < changed.length; at += ROWS) {
        const rows = changed.slice(at, at + ROWS).map((session) => fromLiveSession(processId, session));
        await sql`
          insert into live_sessions (session_id, process_id, cliente_id, balcao_id, counter_name, protocol, since, bytes,
            config_version, providers, last_utterance_at, state, seen_at)
          select session_id, process_id, cliente_id, balcao_id, counter_name, protocol, since, bytes, config_version,
            providers, last_utterance_at, state, now()
          from json_populate_recordset(null::live_sessions, ${toJson(rows)}::json)
          on conflict (session_id) do update set process_id = excluded.process_id, bytes = excluded.bytes,
            config_version = excluded.config_version, providers = excluded.providers,
            last_utterance_at = excluded.last_utterance_at, state = excluded.state, seen_at = excluded.seen_at`.execute(
          trx,
        );
      }
      if (ended.length > 0) {
        // Another process may have taken a session over: only what is still ours is taken away.
        await trx
          .deleteFrom('live_sessions')
          .where('session_id', 'in', [...ended])
          .where('process_id', '=', processId)
          .execute();
      }
    });
  }

  /** This process still serves what it told; what was told by processes that are gone is cleared away. */
  async beat(processId: string): Promise<void> {
    await this.#db.system(async (trx) => {
      await sql`update live_sessions set seen_at = now() where process_id = ${processId}`.execute(trx);
      await sql`delete from live_sessions where seen_at < now() - make_interval(secs => ${SILENT_S})`.execute(trx);
    });
  }

  /** Sessions of the other processes, the longest connected first. */
  others(processId: string, filter: LiveSessionFilter): Promise<LiveSession[]> {
    const { clientIds, counterId, after, limit } = filter;
    return this.#db.system(async (trx) => {
      let query = trx
        .selectFrom('live_sessions')
        .selectAll()
        .where('process_id', '<>', processId)
        .where('seen_at', '>', sql<Date>`now() - make_interval(secs => ${SILENT_S})`);
      if (clientIds) query = query.where('cliente_id', 'in', clientIds);
      if (!filter.withAway) query = query.where(isConnected);
      if (counterId !== undefined) query = query.where('balcao_id', '=', counterId);
      if (after) {
        query = query.where((where) =>
          where(where.refTuple('since', 'session_id'), '>', where.tuple(after.since, after.sessionId)),
        );
      }
      const rows = await query.orderBy('since').orderBy('session_id').limit(limit).execute();
      return rows.map(toLiveSession);
    });
  }

  /** This process ends. */
  async leave(processId: string): Promise<void> {
    await this.#db.system((trx) => trx.deleteFrom('live_sessions').where('process_id', '=', processId).execute());
  }
}
