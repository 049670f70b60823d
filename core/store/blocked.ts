import { sql } from 'kysely';
import type { Database } from './database.ts';

/** Something that the gate kept from the counter, so many times. */
export interface Blocked {
  /** What it was about: `fora_da_lista`, `restricao`, … */
  rule: string;
  /** The line, pair or restriction that decided; null: none did. */
  ruleId: string | null;
  name: string | null;
  productId: number | null;
  times: number;
  lastAt: Date;
  /** The newest interaction in which it was. */
  lastInteraction: number;
}

export interface BlockedReport {
  /** Most often first. */
  items: Blocked[];
  /** By rule alone, most often first. */
  rules: { rule: string; times: number }[];
  /** Interactions looked at, and when the oldest of them was. */
  looked: number;
  since: Date | null;
}

/** Newest interactions that are looked at: more would keep the database busy for a page that is only looked at. */
const MOST_ROWS = 5000;
const MOST_ITEMS = 100;

/** What the gate kept out of a client's cards from `from` on, counted by rule and product. */
export function blockedSince(db: Database, clientId: string, from: Date): Promise<BlockedReport> {
  return db.tenant(clientId, async (trx) => {
    const recent = sql`
      recent as materialized (
        select id, "timestamp" as at, portao -> 'decisoes' as decisions from interacoes
        where cliente_id = ${clientId} and "timestamp" >= ${from} and jsonb_typeof(portao -> 'decisoes') = 'array'
        order by "timestamp" desc limit ${MOST_ROWS})`;
    const refused = sql`
      refused as (
        select r.id, r.at, d ->> 'rule' as rule, d ->> 'ruleId' as rule_id, d ->> 'name' as name,
          case when jsonb_typeof(d -> 'candidateId') = 'number' then (d ->> 'candidateId')::numeric end as product_id
        from recent r cross join lateral jsonb_array_elements(r.decisions) d
        where d -> 'allowed' = 'false'::jsonb)`;
    const items = await sql<Blocked>`
      with ${recent}, ${refused}
      select rule, rule_id as "ruleId", name, max(product_id) as "productId", count(*)::int as times, max(at) as "lastAt",
        (array_agg(id order by at desc))[1] as "lastInteraction"
      from refused group by rule, rule_id, name order by times desc, max(at) desc limit ${MOST_ITEMS}`.execute(trx);
    const rules = await sql<{ rule: string; times: number }>`
      with ${recent}, ${refused}
      select rule, count(*)::int as times from refused group by rule order by times desc, rule`.execute(trx);
    const about = await sql<{ looked: number; since: Date | null }>`
      with ${recent} select count(*)::int as looked, min(at) as since from recent`.execute(trx);
    return {
      items: items.rows,
      rules: rules.rows,
      looked: about.rows[0]?.looked ?? 0,
      since: about.rows[0]?.since ?? null,
    };
  });
}
