import type { Selectable } from 'kysely';
import type { Database } from './database.ts';

/** `price_book`. */
export interface PriceBookTable {
  version: string;
  position: number;
  provider: string;
  model: string;
  mode: string | null;
  unit: string;
  of_what: string;
  micro_usd: number;
  per: number;
  increment: number | null;
  minimum: number | null;
  valid_from: string;
  source: string;
  note: string | null;
}

/** One price, as `config/prices.json` holds it: `per` units cost `microUsd` millionths of a US dollar. */
export interface StoredPrice {
  provider: string;
  model: string;
  mode?: string;
  of: string;
  unit: string;
  microUsd: number;
  per: number;
  increment?: number;
  minimum?: number;
  /** First day it holds, `YYYY-MM-DD`, in São Paulo. */
  from: string;
  source: string;
  note?: string;
}

/** Every price list that was ever in force: a row of the ledger names its version, and here is what it said. */
export class PriceBooks {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps a version, in place of what was kept under the same name. */
  async remember(version: string, prices: readonly StoredPrice[]): Promise<void> {
    await this.#db.system(async (trx) => {
      await trx.deleteFrom('price_book').where('version', '=', version).execute();
      const rows = prices.map((price, position) => fromPrice(version, position, price));
      // Several processes start at once with the same file.
      if (rows.length > 0) {
        await trx
          .insertInto('price_book')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    });
  }

  /** The `prices` section of the configuration as it stood at `version`, and the version that made it so; null: none. */
  async sectionAt(version: number): Promise<{ version: number; value: unknown } | null> {
    const row = await this.#db.system((trx) =>
      trx
        .selectFrom('config_items')
        .select(['version', 'value'])
        .where('section', '=', 'prices')
        .where('cliente_id', 'is', null)
        .where('version', '<=', version)
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst(),
    );
    return row ?? null;
  }

  /** In the order of the file; empty when the version is unknown. */
  async version(version: string): Promise<StoredPrice[]> {
    const rows = await this.#db.system((trx) =>
      trx.selectFrom('price_book').selectAll().where('version', '=', version).orderBy('position').execute(),
    );
    return rows.map(toPrice);
  }
}

function fromPrice(version: string, position: number, price: StoredPrice): Selectable<PriceBookTable> {
  return {
    version,
    position,
    provider: price.provider,
    model: price.model,
    mode: price.mode ?? null,
    unit: price.unit,
    of_what: price.of,
    micro_usd: price.microUsd,
    per: price.per,
    increment: price.increment ?? null,
    minimum: price.minimum ?? null,
    valid_from: price.from,
    source: price.source,
    note: price.note ?? null,
  };
}

function toPrice(row: Selectable<PriceBookTable>): StoredPrice {
  return {
    provider: row.provider,
    model: row.model,
    of: row.of_what,
    unit: row.unit,
    microUsd: row.micro_usd,
    per: row.per,
    from: row.valid_from,
    source: row.source,
    ...(row.mode !== null && { mode: row.mode }),
    ...(row.increment !== null && { increment: row.increment }),
    ...(row.minimum !== null && { minimum: row.minimum }),
    ...(row.note !== null && { note: row.note }),
  };
}
