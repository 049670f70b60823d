import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import { type ConfigDraft, type DraftState, toConfigDraft } from './config-drafts-table.ts';
import type { ConfigChange, Place } from './config-table.ts';
import type { Database } from './database.ts';
import { type Page, readCursor, toPage } from './page.ts';
import { cleanText, toJson } from './text.ts';

/** Half a year: what became of a draft stands in the versions and in the audit. One on trial is kept while it is. */
const KEPT_MS = 183 * 86_400_000;
/** Older ones that go with each new one. */
const SWEPT = 20;

/** Changes of the configuration that are not in force yet. */
export class ConfigDrafts {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** @param baseVersion what was in force when the changes were thought of. */
  create(input: Place & { changes: ConfigChange[]; baseVersion: number; author: string }): Promise<ConfigDraft> {
    return this.#db.system(async (trx) => {
      await sql`
        delete from config_drafts where id in (
          select id from config_drafts
          where created_at < ${new Date(this.#clock.date().getTime() - KEPT_MS)}
            and (canary is null or state in ('active', 'discarded')) limit ${SWEPT})`.execute(trx);
      const row = await trx
        .insertInto('config_drafts')
        .values({
          id: randomUUID(),
          cliente_id: input.clientId,
          balcao_id: input.counterId,
          base_version: input.baseVersion,
          changes: toJson(input.changes),
          author: cleanText(input.author),
          created_at: this.#clock.date(),
          validation: null,
          state: 'open',
          activated_version: null,
          canary: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return toConfigDraft(row);
    });
  }

  /** Null: there is none of that id. */
  byId(id: string): Promise<ConfigDraft | null> {
    return this.#db.system(async (trx) => {
      const query = trx.selectFrom('config_drafts').selectAll().where('id', '=', cleanText(id));
      const row = await query.executeTakeFirst();
      return row ? toConfigDraft(row) : null;
    });
  }

  /** Newest first; of one client, or of everyone (`null`). */
  list(filter: { clientId: string | null; limit: number }): Promise<ConfigDraft[]> {
    return this.#db.system(async (trx) => {
      const query = trx.selectFrom('config_drafts').selectAll();
      const of =
        filter.clientId === null
          ? query.where('cliente_id', 'is', null)
          : query.where('cliente_id', '=', filter.clientId);
      const rows = await of.orderBy('created_at', 'desc').orderBy('id').limit(filter.limit).execute();
      return rows.map(toConfigDraft);
    });
  }

  /** A part of them, newest first; `clientIds` null: of every client, and everyone's. */
  page(filter: { clientIds: string[] | null }, limit: number, cursor?: string): Promise<Page<ConfigDraft>> {
    const after = readCursor(cursor, ['number', 'text']);
    return this.#db.system(async (trx) => {
      let query = trx.selectFrom('config_drafts').selectAll();
      if (filter.clientIds) query = query.where('cliente_id', 'in', filter.clientIds);
      if (after) {
        const [time, id] = after;
        query = query.where((where) => where(where.refTuple('created_at', 'id'), '<', where.tuple(new Date(time), id)));
      }
      const rows = await query
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toConfigDraft, (row) => [row.created_at.getTime(), row.id]);
    });
  }

  /** What a validation found; a draft that was used or given up stays as it is. */
  validated(id: string, validation: object, state: Extract<DraftState, 'valid' | 'refused'>): Promise<void> {
    return this.#move(id, { validation: toJson(validation), state });
  }

  discard(id: string): Promise<void> {
    return this.#move(id, { state: 'discarded' });
  }

  /** It is in force at no counter any more. */
  endCanary(id: string): Promise<void> {
    return this.#move(id, { canary: null });
  }

  async #move(id: string, columns: { state?: DraftState; validation?: string; canary?: null }): Promise<void> {
    await this.#db.system((trx) =>
      trx
        .updateTable('config_drafts')
        .set(columns)
        .where('id', '=', cleanText(id))
        .where('state', 'in', ['open', 'valid', 'refused'])
        .execute(),
    );
  }
}
