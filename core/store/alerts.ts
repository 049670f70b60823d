import type { Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import { type Alert, toAlert } from './alerts-table.ts';
import type { Audit } from './audit.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import { type Page, readCursor, toPage } from './page.ts';
import type { Tables } from './tables.ts';

/** What somebody should look at, until somebody says that they have. */
export class Alerts {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** Raises an alert inside a transaction; while one of the same kind and subject is open, nothing. */
  async raiseIn(trx: Transaction<Tables>, alert: Pick<Alert, 'clientId' | 'kind' | 'subject'>): Promise<void> {
    await trx
      .insertInto('alertas')
      .values({
        cliente_id: alert.clientId,
        tipo: alert.kind,
        assunto: alert.subject,
        criado_em: this.#clock.date(),
        reconhecido_em: null,
        reconhecido_por: null,
      })
      .onConflict((conflict) => conflict.columns(['tipo', 'assunto']).where('reconhecido_em', 'is', null).doNothing())
      .execute();
  }

  byId(id: number): Promise<Alert | null> {
    return this.#db.system(async (trx) => {
      const row = await trx.selectFrom('alertas').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toAlert(row) : null;
    });
  }

  /** Newest first; `clientIds` null: of all, and of the installation. */
  page(
    filter: { clientIds: string[] | null; open?: boolean | undefined },
    limit: number,
    cursor?: string,
  ): Promise<Page<Alert>> {
    const after = readCursor(cursor, ['number']);
    return this.#db.system(async (trx) => {
      let query = trx.selectFrom('alertas').selectAll();
      if (filter.clientIds) query = query.where('cliente_id', 'in', filter.clientIds);
      if (filter.open !== undefined) query = query.where('reconhecido_em', filter.open ? 'is' : 'is not', null);
      if (after) query = query.where('id', '<', after[0]);
      const rows = await query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toAlert, (row) => [row.id]);
    });
  }

  /** Somebody has looked at it; who was first stays named. Null: no such alert. */
  acknowledge(id: number, by: Author): Promise<Alert | null> {
    return this.#db.system(async (trx) => {
      const row = await trx.selectFrom('alertas').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
      if (!row || row.reconhecido_em) return row ? toAlert(row) : null;
      const changed = await trx
        .updateTable('alertas')
        .set({ reconhecido_em: this.#clock.date(), reconhecido_por: by.actor })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      const about = row.cliente_id === null ? {} : { clientId: row.cliente_id };
      const after = { kind: row.tipo, subject: row.assunto };
      await this.#audit.appendIn(trx, { ...by, ...about, action: 'alert.acknowledge', target: `alert:${id}`, after });
      return toAlert(changed);
    });
  }
}
