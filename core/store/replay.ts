import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { JobManners } from './job-manners.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** Which utterances are read again: those of one client, or (null) of all. */
export interface ReplayPeriod {
  clientId: string | null;
  /** Included. */
  from: Date;
  /** Not included. */
  to: Date;
}

/** Utterances of one UTC day that one vendor transcribed (`''`: none did). */
export interface ReplayStratum {
  /** Days since 1970-01-01. */
  day: number;
  vendor: string;
  rows: number;
}

/**
 * Utterances as JSON text, to be parsed where it disturbs nobody:
 * `[clientId, counterId, atMs, durationMs, snrDb, class, address, mode, latencyMs, costMicroUsd, vendor, isReal][]`.
 */
export interface ReplayPage {
  json: string;
  rows: number;
  /** Whose they are, each once. */
  counters: { clientId: string; counterId: string }[];
  /** Where the next page goes on; null: this was the last. */
  next: ReplayKey | null;
}

export interface ReplayKey {
  atMs: number;
  id: number;
}

/** Where two services read each other's words. */
export interface ShadowPair {
  answerProvider: string;
  provider: string;
  answered: string;
  /** Null: it did not answer. */
  heard: string | null;
  outcome: string;
  durationMs: number;
}

const PAGE_ROWS = 500;
const DAY_MS = 86_400_000;
/** Of the hash that draws the sample: 31 bits. */
const HASH_RANGE = 2 ** 31;

/**
 * What was said, read again in bulk: a page at a time, so that nobody else waits for the database long, and as text, so
 * that the thread that hears customers does not take it apart.
 */
export class Replay {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** How a job that goes through all of it is to ask. */
  get manners(): JobManners {
    return this.#db.manners;
  }

  /** Tags of a client's counters, or (null) of all, by counter; those without are left out. */
  async tags(clientId: string | null): Promise<Map<string, string[]>> {
    const rows = await this.#db.system((trx) => {
      const query = trx
        .selectFrom('balcoes')
        .select(['balcao_id', 'etiquetas'])
        .where('etiquetas', '!=', sql`'[]'::jsonb` as never);
      return (clientId === null ? query : query.where('cliente_id', '=', cleanText(clientId))).execute();
    });
    return new Map(rows.map(({ balcao_id, etiquetas }) => [balcao_id, etiquetas]));
  }

  /** How many utterances there are. */
  async count(period: ReplayPeriod): Promise<number> {
    const { rows } = await this.#in(period, (trx) =>
      sql<{ rows: number }>`select count(*)::int as rows from interacoes i where ${within(period)}`.execute(trx),
    );
    return rows[0]?.rows ?? 0;
  }

  /** How many utterances there are of each day and vendor. */
  async strata(period: ReplayPeriod): Promise<ReplayStratum[]> {
    const rows = await this.#in(period, (trx) =>
      sql<{ day: number; vendor: string; rows: number }>`
        select floor(date_part('epoch', i.timestamp) / 86400)::int as day, coalesce(i.modelo_stt, '') as vendor,
          count(*)::int as rows
        from interacoes i where ${within(period)} group by 1, 2`.execute(trx),
    );
    return rows.rows;
  }

  /** The utterances in the order they were spoken, so many at a time. */
  page(period: ReplayPeriod, after: ReplayKey | null, most = PAGE_ROWS): Promise<ReplayPage> {
    const beyond = after ? sql`and (i.timestamp, i.id) > (${new Date(after.atMs)}, ${after.id})` : sql``;
    return this.#page(
      period,
      sql`select ${COLUMNS} from interacoes i where ${within(period)} ${beyond} order by i.timestamp, i.id limit ${most}`,
      most,
    );
  }

  /**
   * Ids of a random part of the utterances, the same each time it is drawn.
   * @param shares of each day and vendor, 0 to 1; what is not named is not drawn.
   */
  async sample(
    period: ReplayPeriod,
    shares: readonly { day: number; vendor: string; share: number }[],
  ): Promise<number[]> {
    const [first] = shares;
    if (!first) return [];
    const isOne = shares.every(({ share }) => share === first.share);
    const { rows } = await this.#in(period, (trx) =>
      sql<{ id: number }>`
        select i.id from interacoes i ${isOne ? sql`` : ofStrata(shares)}
        where ${within(period)} and (hashint4(i.id) & 2147483647) < ${isOne ? below(first.share) : sql`s.below`}`.execute(
        trx,
      ),
    );
    return rows.map(({ id }) => id).sort((a, b) => a - b);
  }

  /** These utterances, in any order. */
  byIds(period: ReplayPeriod, ids: readonly number[]): Promise<ReplayPage> {
    return this.#page(period, sql`select ${COLUMNS} from interacoes i where i.id = any(${ids})`);
  }

  /** Comparisons, in the order they were made. */
  async shadows(period: ReplayPeriod, after: number): Promise<{ pairs: ShadowPair[]; next: number | null }> {
    const rows = await this.#in(period, (trx) => {
      let query = trx
        .selectFrom('shadow_results')
        .select(['id', 'answer_provider', 'provider', 'answer_text', 'text', 'outcome', 'duration_ms'])
        .where('at', '>=', period.from)
        .where('at', '<', period.to)
        .where('id', '>', after);
      if (period.clientId !== null) query = query.where('cliente_id', '=', cleanText(period.clientId));
      return query.orderBy('id').limit(PAGE_ROWS).execute();
    });
    const pairs = rows.map((row) => ({
      answerProvider: row.answer_provider,
      provider: row.provider,
      answered: row.answer_text,
      heard: row.text,
      outcome: row.outcome,
      durationMs: row.duration_ms,
    }));
    return { pairs, next: rows.length < PAGE_ROWS ? null : (rows.at(-1)?.id ?? null) };
  }

  async #page(period: ReplayPeriod, rows: RawBuilder<unknown>, most = Number.POSITIVE_INFINITY): Promise<ReplayPage> {
    const result = await this.#in(period, (trx) =>
      sql<{
        json: string | null;
        rows: number;
        counters: [string, string][] | null;
        at: number | null;
        id: number | null;
      }>`
        with p as materialized (${rows}), newest as (select max(timestamp) as at from p)
        select json_agg(${LINE})::text as json, count(*)::int as rows,
          (select json_agg(json_build_array(c.cliente_id, c.balcao_id))
            from (select distinct cliente_id, balcao_id from p) c) as counters,
          (date_part('epoch', max(i.timestamp)) * 1000)::float8 as at,
          max(i.id) filter (where i.timestamp = (select at from newest)) as id
        from p i`.execute(trx),
    );
    const page = result.rows[0];
    if (!page || page.at === null || page.id === null) return { json: '[]', rows: 0, counters: [], next: null };
    const counters = (page.counters ?? []).map(([clientId, counterId]) => ({ clientId, counterId }));
    const next = page.rows < most ? null : { atMs: Math.round(page.at), id: page.id };
    return { json: page.json ?? '[]', rows: page.rows, counters, next };
  }

  #in<T>({ clientId }: ReplayPeriod, work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    const read = async (trx: Transaction<Tables>) => {
      await IN_INDEX_ORDER.execute(trx);
      return await work(trx);
    };
    return clientId === null ? this.#db.system(read) : this.#db.tenant(clientId, read);
  }
}

/**
 * A page is the next 500 of an index. The embedded database gathers no statistics, takes a long period for a few rows, and
 * would rather gather and sort all of it for every page. Compiling such a query, or sharing it out, takes longer than it does.
 */
export const IN_INDEX_ORDER = sql`
  select set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('enable_sort', 'off', true), set_config('jit', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true)`;

/** Of a row, what is read of it. */
const COLUMNS = sql`
  i.id, i.timestamp, i.cliente_id, i.balcao_id, i.segment_duration_ms, i.snr, i.audio_classification, i.modelo_stt,
  i.interaction_type, i.decisao->>'address' as address, i.decisao->>'mode' as mode,
  (date_part('epoch', i.ts_transcription_ready - coalesce(i.ts_speech_end, i.ts_audio_received)) * 1000)::int as latency_ms`;

/** Costs are the ledger's: they are corrected when a price is. What was only compared is no part of what happened. */
const LINE = sql`json_build_array(
  i.cliente_id, i.balcao_id, (date_part('epoch', i.timestamp) * 1000)::bigint, i.segment_duration_ms, i.snr,
  i.audio_classification, coalesce(i.address, 'stt/' || i.modelo_stt), i.mode,
  i.latency_ms,
  (select sum(u.cost_micro_usd)::bigint from usage_ledger u
    where u.interacao_id = i.id and u.kind = 'stt' and u.purpose <> 'shadow'),
  coalesce(i.modelo_stt, ''), i.interaction_type <> 'mock_voice')`;

function ofStrata(shares: readonly { day: number; vendor: string; share: number }[]): RawBuilder<unknown> {
  const strata = JSON.stringify(shares.map(({ day, vendor, share }) => ({ day, vendor, below: below(share) })));
  return sql`join jsonb_to_recordset(${strata}::jsonb) as s (day int, vendor text, below bigint)
    on s.day = floor(date_part('epoch', i.timestamp) / 86400)::int and s.vendor = coalesce(i.modelo_stt, '')`;
}

/** The hashes below this are a share of all. */
function below(share: number): number {
  return Math.round(share * HASH_RANGE);
}

function within({ clientId, from, to }: ReplayPeriod): RawBuilder<unknown> {
  const ofClient = clientId === null ? sql`` : sql`i.cliente_id = ${cleanText(clientId)} and`;
  return sql`${ofClient} i.timestamp >= ${from} and i.timestamp < ${to}`;
}

/** The day a moment is of, as strata count days. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS);
}
