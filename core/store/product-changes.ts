import { sql } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import type { SaleClass } from '../pharmacy/catalogue.ts';
import type { Audit } from './audit.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import { type Page, readCursor, toPage } from './page.ts';
import { type Product, type ProductInput, toProduct, toRow } from './product-rows.ts';
import { type Changed, checkRevision, type Expected } from './revision.ts';
import { cleanText, escapeLike } from './text.ts';

/** What a list of products may be narrowed by. */
export interface ProductFilter {
  /** Part of the name, the code or the substance, with accents or without. */
  text?: string | undefined;
  active?: boolean | undefined;
  saleClass?: SaleClass | undefined;
  tag?: string | undefined;
}

/** A client's own items, one by one: each change with its revision and its audit row in one transaction. */
export class ProductChanges {
  readonly #db: Database;
  readonly #audit: Audit;

  constructor(db: Database, audit: Audit) {
    this.#db = db;
    this.#audit = audit;
  }

  /** In the order they came in. */
  page(clientId: string, filter: ProductFilter, limit: number, cursor?: string): Promise<Page<Product>> {
    const after = readCursor(cursor, ['number']);
    const { text, active, saleClass, tag } = filter;
    return this.#db.tenant(clientId, async (trx) => {
      let query = trx.selectFrom('produtos').selectAll().where('cliente_id', '=', clientId);
      if (after) query = query.where('id', '>', after[0]);
      if (active !== undefined) query = query.where('ativo', '=', active);
      if (saleClass !== undefined) query = query.where('classe_venda', '=', saleClass);
      if (tag !== undefined) query = query.where('tag', '=', tag);
      if (text !== undefined) {
        const part = `%${escapeLike(text)}%`;
        query = query.where((where) =>
          where.or([where('codigo', 'like', part), sql<boolean>`busca_nome like balto_sem_acento(${part})`]),
        );
      }
      const rows = await query
        .orderBy('id')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toProduct, (row) => [row.id]);
    });
  }

  byId(clientId: string, id: number): Promise<Product | null> {
    return this.#db.tenant(clientId, async (trx) => {
      const row = await trx
        .selectFrom('produtos')
        .selectAll()
        .where('cliente_id', '=', clientId)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toProduct(row) : null;
    });
  }

  /** Whether the client's counters may be shown it: an item of its own, or of the starter. */
  isSeenBy(clientId: string, id: number): Promise<boolean> {
    return this.#db.tenant(clientId, async (trx) => {
      const query = trx
        .selectFrom('produtos')
        .select('id')
        .where('id', '=', id)
        .where((where) => where.or([where('cliente_id', 'is', null), where('cliente_id', '=', clientId)]));
      return (await query.executeTakeFirst()) !== undefined;
    });
  }

  /** @throws BaltoError `BALTO_PRODUCT_EXISTS` (409): the code is taken. */
  create(clientId: string, product: ProductInput, by: Author): Promise<Product> {
    return this.#db.system(async (trx) => {
      const row = await trx
        .insertInto('produtos')
        .values(toRow(clientId, product))
        .onConflict((conflict) => conflict.expression(sql`coalesce(cliente_id, ''), codigo`).doNothing())
        .returningAll()
        .executeTakeFirst();
      if (!row) throw exists();
      const made = toProduct(row);
      const told = { target: `product:${made.id}`, after: audited(made) };
      await this.#audit.appendIn(trx, { ...by, clientId, action: 'product.create', ...told });
      return made;
    });
  }

  /**
   * What is given replaces what was there, the rest stays; null: there is no such item.
   * @throws BaltoError `BALTO_HTTP_STALE` (412).
   */
  update(
    clientId: string,
    id: number,
    changes: Partial<Omit<ProductInput, 'code'>>,
    by: Author,
    expected: Expected,
  ): Promise<Changed<Product> | null> {
    return this.#db.system(async (trx) => {
      const row = await trx
        .selectFrom('produtos')
        .selectAll()
        .where('cliente_id', '=', cleanText(clientId))
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst();
      if (!row) return null;
      checkRevision(expected, row.revisao);
      const before = toProduct(row);
      const columns = toRow(clientId, { ...before, ...changes });
      const changed = await trx
        .updateTable('produtos')
        .set({ ...columns, importacao_id: null, revisao: row.revisao + 1 })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      const after = toProduct(changed);
      const told = { target: `product:${id}`, before: audited(before), after: audited(after) };
      await this.#audit.appendIn(trx, { ...by, clientId, action: 'product.update', ...told });
      return { before, after };
    });
  }
}

/** What decides how an item is sold and suggested; excerpts of leaflets would only fill the audit. */
function audited({ code, name, tag, saleClass, medicine, substance, form, ingredients, active, source }: Product) {
  return { code, name, tag, saleClass, medicine, substance, form, ingredients, active, source };
}

function exists(): BaltoError {
  const message = 'Já há um item com este código no catálogo.';
  return new BaltoError({ code: 'BALTO_PRODUCT_EXISTS', message, statusCode: 409, field: 'code' });
}
