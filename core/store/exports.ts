import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { EXPORT_COLUMNS } from './export-shape.ts';
import { answers, type InteractionFilter, type PreparedFilter, withinAnyhow } from './interaction-filter.ts';
import { InteractionSearch, type Place } from './interaction-search.ts';
import { IN_INDEX_ORDER } from './replay.ts';
import type { Tables } from './tables.ts';

/** Rows looked at per query: none holds the embedded database's one connection for long. */
const PAGE_ROWS = 100;

/** Reads interactions in bulk for a report, a page at a time, each page a transaction of its own and one JSON text. */
export class Exports {
  readonly #db: Database;
  readonly #search: InteractionSearch;

  constructor(db: Database) {
    this.#db = db;
    this.#search = new InteractionSearch(db);
  }

  /** For `readRows`, newest first: exactly what a list with the same filter shows. What comes meanwhile is not among them. */
  async *rows(filter: InteractionFilter): AsyncGenerator<string> {
    const { asked, found } = await this.#search.first(filter, PAGE_ROWS);
    for (let { places, more } = found; places.length > 0; ) {
      yield await this.#page(filter, places);
      const last = places.at(-1);
      if (!more || !last) return;
      ({ places, more } = await this.#search.page(asked, PAGE_ROWS, last));
    }
  }

  /** What second providers heard of the same interactions, in the order it was heard: `ShadowPair[]`. */
  async *shadows(filter: InteractionFilter): AsyncGenerator<string> {
    const { asked } = await this.#search.first(filter, 1);
    let after: number | null = 0;
    while (after !== null) {
      const page: { json: string; rows: number; last: number | null } = await this.#shadows(asked, after);
      yield page.json;
      after = page.rows < PAGE_ROWS ? null : page.last;
    }
  }

  #page(filter: InteractionFilter, places: readonly Place[]): Promise<string> {
    return this.#in(filter.clientId, async (trx) => {
      const { rows } = await sql<{ json: string | null }>`
        select json_agg(json_build_array(${LINE}) order by i.timestamp desc, i.id desc)::text as json
        from interacoes i
        left join balcoes b on b.balcao_id = i.balcao_id
        left join funcionarios f on f.id = i.funcionario_id
        left join clientes c on c.cliente_id = i.cliente_id
        where i.id = any(${places.map(({ id }) => id)})`.execute(trx);
      return rows[0]?.json ?? '[]';
    });
  }

  /** By pages of comparisons: those of a long period are far fewer than its interactions. */
  #shadows(asked: PreparedFilter, after: number) {
    return this.#in(asked.filter.clientId, async (trx) => {
      const { rows } = await sql<{ json: string | null; rows: number; last: number | null }>`
        with p as (
          select r.id, r.answer_provider as "answerProvider", r.provider, r.answer_text as answered, r.text as heard,
            r.outcome, r.duration_ms as "durationMs"
          from shadow_results r join interacoes_busca s on s.id = r.interacao_id
          where r.id > ${after} and ${withinAnyhow(asked.filter)} and ${answers(asked)}
          order by r.id limit ${PAGE_ROWS})
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
