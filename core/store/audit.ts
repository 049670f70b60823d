import type { Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import { type AuditEntry, type StoredAuditEntry, toAuditEntry } from './audit-table.ts';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';
import { cleanText, toJson } from './text.ts';

/** Who changed what, and why. Rows are added, never changed. */
export class Audit {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  async append(entry: AuditEntry): Promise<void> {
    await this.#db.system((trx) => this.appendIn(trx, entry));
  }

  /** The same inside a transaction that changes what the row tells of: both or neither. */
  async appendIn(trx: Transaction<Tables>, entry: AuditEntry): Promise<void> {
    const row = {
      at: this.#clock.date(),
      actor: cleanText(entry.actor),
      action: entry.action,
      target: cleanText(entry.target),
      cliente_id: entry.clientId ?? null,
      why: entry.why === undefined ? null : cleanText(entry.why),
      before: entry.before ? toJson(entry.before) : null,
      after: entry.after ? toJson(entry.after) : null,
      address: entry.address ?? null,
    };
    await trx.insertInto('audit_log').values(row).execute();
  }

  /** Newest first. `beforeId`: the id the page before ended with. */
  list(limit = 100, beforeId?: number): Promise<StoredAuditEntry[]> {
    return this.#db.system(async (trx) => {
      let query = trx.selectFrom('audit_log').selectAll().orderBy('id', 'desc').limit(limit);
      if (beforeId !== undefined) query = query.where('id', '<', beforeId);
      return (await query.execute()).map(toAuditEntry);
    });
  }
}
