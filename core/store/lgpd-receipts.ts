import { createHash, randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import type { Author } from './config-versions.ts';
import type { ReceiptsTable } from './data-protection-table.ts';
import type { Database } from './database.ts';

/** What was done with somebody's data, for whoever asked for it. Holds numbers and reach, nothing that was said. */
export interface LgpdReceipt {
  id: string;
  clientId: string;
  action: 'export' | 'erase';
  scope: Record<string, unknown>;
  /** Rows per table, and files. */
  counts: Record<string, number>;
  /** Copies that are out of reach, in pt-BR. */
  unreached: string[];
  /** SHA-256 of everything else in it, in this order. */
  hash: string;
  at: Date;
  by: string;
}

const MOST_LISTED = 200;

/** Receipts are rows of their own and rows of the audit: both or neither. */
export class LgpdReceipts {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  async issue(
    done: Pick<LgpdReceipt, 'clientId' | 'action' | 'scope' | 'counts' | 'unreached'>,
    by: Author,
    contentHash?: string,
  ): Promise<LgpdReceipt> {
    const unsealed = { id: randomUUID(), ...done, at: this.#clock.date(), by: by.actor };
    const hash = createHash('sha256')
      .update(JSON.stringify([unsealed, contentHash ?? null]))
      .digest('hex');
    const receipt: LgpdReceipt = { ...unsealed, hash };
    await this.#db.system(async (trx) => {
      await trx
        .insertInto('recibos_lgpd')
        .values({
          id: receipt.id,
          cliente_id: receipt.clientId,
          acao: receipt.action,
          escopo: JSON.stringify(receipt.scope),
          contagens: JSON.stringify(receipt.counts),
          nao_alcancado: JSON.stringify(receipt.unreached),
          hash,
          em: receipt.at,
          por: receipt.by,
        })
        .execute();
      const { clientId, action, scope, counts } = receipt;
      const after = { scope, counts, receipt: receipt.id, hash };
      await this.#audit.appendIn(trx, {
        ...by,
        clientId,
        action: `lgpd.${action}`,
        target: `client:${clientId}`,
        after,
      });
    });
    return receipt;
  }

  /** Newest first. */
  list(clientId: string): Promise<LgpdReceipt[]> {
    return this.#db.tenant(clientId, async (trx) => {
      const rows = await trx
        .selectFrom('recibos_lgpd')
        .selectAll()
        .where('cliente_id', '=', clientId)
        .orderBy('em', 'desc')
        .limit(MOST_LISTED)
        .execute();
      return rows.map(toReceipt);
    });
  }

  /** When anything was erased last, of whomever. */
  async lastErasure(): Promise<Date | null> {
    const row = await this.#db.system((trx) =>
      trx
        .selectFrom('recibos_lgpd')
        .select(({ fn }) => fn.max('em').as('em'))
        .where('acao', '=', 'erase')
        .executeTakeFirst(),
    );
    return row?.em ?? null;
  }
}

function toReceipt(row: Selectable<ReceiptsTable>): LgpdReceipt {
  return {
    id: row.id,
    clientId: row.cliente_id,
    action: row.acao,
    scope: row.escopo as Record<string, unknown>,
    counts: row.contagens,
    unreached: row.nao_alcancado,
    hash: row.hash,
    at: row.em,
    by: row.por,
  };
}
