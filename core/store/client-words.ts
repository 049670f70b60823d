import type { Database } from './database.ts';

/** Rows read at once: the embedded database is held for a moment only. */
const PAGE_ROWS = 500;
/** Employees and products of one client that are looked at; nobody's shop has more. */
const MOST = { employees: 5000, products: 60_000 };

/** The names that a client's counters use, as masking needs them. */
export class ClientNames {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  employees(clientId: string): Promise<string[]> {
    return this.#db.tenant(clientId, async (trx) => {
      const rows = await trx
        .selectFrom('funcionarios')
        .select('nome')
        .where('cliente_id', '=', clientId)
        .where('apagado_em', 'is', null)
        .orderBy('id')
        .limit(MOST.employees)
        .execute();
      return rows.map(({ nome }) => nome);
    });
  }

  /** Names, substances and synonyms of the client's own products, a page at a time. */
  async *products(clientId: string): AsyncGenerator<string[]> {
    let after = 0;
    for (let read = 0; read < MOST.products; read += PAGE_ROWS) {
      const rows = await this.#db.tenant(clientId, (trx) =>
        trx
          .selectFrom('produtos')
          .select(['id', 'nome', 'principio_ativo', 'sinonimos'])
          .where('cliente_id', '=', clientId)
          .where('id', '>', after)
          .orderBy('id')
          .limit(PAGE_ROWS)
          .execute(),
      );
      yield rows.flatMap(({ nome, principio_ativo, sinonimos }) => [nome, principio_ativo ?? '', ...sinonimos]);
      if (rows.length < PAGE_ROWS) return;
      after = rows.at(-1)?.id ?? after;
    }
  }
}
