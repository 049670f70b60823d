import { type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import type { CostDaysTable } from './cost-tables.ts';
import type { Database } from './database.ts';
import { type Page, readCursor, toPage } from './page.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** What costs are summed up by. */
export type CostGroup = 'day' | 'provider' | 'counter' | 'client';

export interface CostQuery {
  /** Null: every client. */
  clientIds: readonly string[] | null;
  counterId?: string | undefined;
  /** Address without a model. */
  provider?: string | undefined;
  /** Days of São Paulo, `YYYY-MM-DD`, both included. */
  from: string;
  to: string;
}

/** One sum. Amounts are integer millionths of a US dollar. */
export interface Cost {
  /** The day, the provider's address without a model, or the id of counter or client; `''` where there is no counter. */
  key: string;
  /** Name of the counter or the client; null where it is gone, or where the key is its own name. */
  name: string | null;
  /** Everything. */
  costMicroUsd: number;
  /** Of it: attempts beside a slow one, and those made for comparison only. */
  hedgeMicroUsd: number;
  shadowMicroUsd: number;
  audioSeconds: number;
  textInTokens: number;
  textOutTokens: number;
}

const KEYS = {
  day: sql<string>`d.day::text`,
  provider: sql<string>`split_part(d.provider, ':', 1)`,
  counter: sql<string>`d.balcao_id`,
  client: sql<string>`d.cliente_id`,
};

const NAMES = {
  day: sql<string | null>`null::text`,
  provider: sql<string | null>`null::text`,
  counter: sql<string | null>`(select b.nome_balcao from balcoes b where b.balcao_id = ${KEYS.counter})`,
  client: sql<string | null>`(select c.razao_social from clientes c where c.cliente_id = ${KEYS.client})`,
};

/** What was spent, by day, provider, counter or client: read from sums that the database keeps beside the ledger. */
export class Costs {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Sums in the order of their key, a page at a time.
   * @throws BaltoError `BALTO_CURSOR_INVALID`, field `cursor`.
   */
  async report(query: CostQuery, by: CostGroup, limit: number, cursor?: string): Promise<Page<Cost>> {
    const after = readCursor(cursor, ['text']);
    const rows = await this.#db.system(async (trx) => {
      const key = KEYS[by];
      let page = narrowed(trx, query).groupBy(key).orderBy(key);
      if (after) page = page.where(key, '>', after[0]);
      return await page
        .select([key.as('key'), NAMES[by].as('name'), ...sums()])
        .limit(limit + 1)
        .execute();
    });
    return toPage(
      rows,
      limit,
      (row) => row,
      ({ key }) => [key],
    );
  }

  /** Everything the query covers, as one sum. */
  async total(query: CostQuery): Promise<Omit<Cost, 'key' | 'name'>> {
    return this.#db.system((trx) => narrowed(trx, query).select(sums()).executeTakeFirstOrThrow());
  }

  /** Spent by each of these clients since a day of São Paulo (included); those that spent nothing are absent. */
  async spentSince(since: ReadonlyMap<string, string>): Promise<Map<string, number>> {
    const spent = new Map<string, number>();
    for (const [day, clients] of Map.groupBy(since, ([, day]) => day)) {
      const rows = await this.#db.system((trx) =>
        trx
          .selectFrom('cost_days')
          .select(['cliente_id', sql<number>`sum(cost_micro_usd)::bigint`.as('microUsd')])
          .where(
            'cliente_id',
            'in',
            clients.map(([clientId]) => clientId),
          )
          .where('day', '>=', day)
          .groupBy('cliente_id')
          .execute(),
      );
      for (const { cliente_id, microUsd } of rows) spent.set(cliente_id, microUsd);
    }
    return spent;
  }
}

type Days = SelectQueryBuilder<Tables & { d: CostDaysTable }, 'd', object>;

function narrowed(trx: Transaction<Tables>, { clientIds, counterId, provider, from, to }: CostQuery): Days {
  let query: Days = trx.selectFrom('cost_days as d').where('d.day', '>=', from).where('d.day', '<=', to);
  if (clientIds !== null) query = query.where(sql<boolean>`d.cliente_id = any(${[...clientIds]})`);
  if (counterId !== undefined) query = query.where('d.balcao_id', '=', cleanText(counterId));
  if (provider !== undefined) query = query.where(KEYS.provider, '=', cleanText(provider));
  return query;
}

function sums() {
  const money = (only = sql`true`) => sql<number>`coalesce(sum(d.cost_micro_usd) filter (where ${only}), 0)::bigint`;
  const used = (only: ReturnType<typeof sql>) =>
    sql<number>`coalesce(sum(d.quantity) filter (where ${only}), 0)::double precision`;
  return [
    money().as('costMicroUsd'),
    money(sql`d.purpose = 'hedge'`).as('hedgeMicroUsd'),
    money(sql`d.purpose = 'shadow'`).as('shadowMicroUsd'),
    used(sql`d.of_what = 'audio_in' and d.unit = 'second'`).as('audioSeconds'),
    used(sql`d.of_what in ('text_in', 'text_in_cached') and d.unit = 'token'`).as('textInTokens'),
    used(sql`d.of_what = 'text_out' and d.unit = 'token'`).as('textOutTokens'),
  ] as const;
}
