import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { EXPORT_COLUMNS } from './export-shape.ts';
import { type InteractionFilter, matching, within } from './interactions.ts';
import { IN_INDEX_ORDER } from './replay.ts';
import type { Tables } from './tables.ts';

/** Rows looked at per query: none holds the embedded database's one connection for long. */
const PAGE_ROWS = 100;

interface Key {
  at: Date;
  id: number;
}

/** Reads interactions in bulk for a report, a page at a time, each page a transaction of its own and one JSON text. */
export class Exports {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** For `readRows`, newest first. A page may be empty where few rows match. What comes meanwhile is not among them. */
  async *rows(filter: InteractionFilter): AsyncGenerator<string> {
    let after: Key | null = null;
    for (;;) {
      const page: { keys: Key[]; json: string } = await this.#page(filter, after);
      const last = page.keys.at(-1);
      if (!last) return;
      yield page.json;
      if (page.keys.length < PAGE_ROWS) return;
      after = last;
    }
  }

  /** What second providers heard of the same interactions, in the order it was heard: `ShadowPair[]`. */
  async *shadows(filter: InteractionFilter): AsyncGenerator<string> {
    let after: number | null = 0;
    while (after !== null) {
      const page: { json: string; rows: number; last: number | null } = await this.#shadows(filter, after);
      yield page.json;
      after = page.rows < PAGE_ROWS ? null : page.last;
    }
  }

  #page(filter: InteractionFilter, after: Key | null): Promise<{ keys: Key[]; json: string }> {
    const beyond = after ? sql`and (i.timestamp, i.id) < (${after.at}, ${after.id})` : sql``;
    return this.#in(filter.clientId, async (trx) => {
      const keys = await sql<Key>`
        select i.id, i.timestamp as at from interacoes i where ${within(filter)} ${beyond}
        order by i.timestamp desc, i.id desc limit ${PAGE_ROWS}`.execute(trx);
      const ids = keys.rows.map(({ id }) => id);
      const { rows } = await sql<{ json: string | null }>`
        select json_agg(json_build_array(${LINE}) order by i.timestamp desc, i.id desc)::text as json
        from interacoes i
        left join balcoes b on b.balcao_id = i.balcao_id
        left join funcionarios f on f.id = i.funcionario_id
        left join clientes c on c.cliente_id = i.cliente_id
        where i.id = any(${ids}) and ${matching(filter)}`.execute(trx);
      return { keys: keys.rows, json: rows[0]?.json ?? '[]' };
    });
  }

  /** By pages of comparisons: those of a long period are far fewer than its interactions. */
  #shadows(filter: InteractionFilter, after: number) {
    return this.#in(filter.clientId, async (trx) => {
      const { rows } = await sql<{ json: string | null; rows: number; last: number | null }>`
        with p as (
          select s.id, s.answer_provider as "answerProvider", s.provider, s.answer_text as answered, s.text as heard,
            s.outcome, s.duration_ms as "durationMs"
          from shadow_results s join interacoes i on i.id = s.interacao_id
          where s.id > ${after} and ${within(filter)} and ${matching(filter)}
          order by s.id limit ${PAGE_ROWS})
        select json_agg(to_json(p))::text as json, count(*)::int as rows, max(p.id) as last from p`.execute(trx);
      const { json, rows: count = 0, last = null } = rows[0] ?? { json: null };
      return { json: json ?? '[]', rows: count, last };
    });
  }

  #in<T>(clientId: string | undefined, work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    const read = async (trx: Transaction<Tables>) => {
      await IN_INDEX_ORDER.execute(trx);
      return await work(trx);
    };
    return clientId === undefined ? this.#db.system(read) : this.#db.tenant(clientId, read);
  }
}

const LINE = sql.raw(Object.values(EXPORT_COLUMNS).join(', '));
