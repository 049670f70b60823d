import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { Interaction, JournalEntry } from './interaction.ts';
import { toInteraction } from './interactions-table.ts';
import type { Notifications } from './notifications.ts';
import type { Tables } from './tables.ts';

const CHANNEL = 'balto_live';
/** Ids of one announcement: Postgres takes 8,000 bytes. */
const IDS = 600;

/** An interaction, and what its counter is called; null: the counter is gone. */
export interface LiveRow extends Interaction {
  counterName: string | null;
  employeeName: string | null;
  /** What this utterance itself said: `transcript` of one that a model was asked about holds what it was sent. */
  ownText: string | null;
}

/** What a counter has cost since a day began. `''`: of no counter. */
export interface CounterCost {
  clientId: string;
  counterId: string;
  microUsd: number;
}

/** Tells the other processes, when this transaction is done, which rows are new or changed: their ids, and nothing of them. */
export async function announceInteractions(trx: Transaction<Tables>, entries: readonly JournalEntry[]): Promise<void> {
  const ids = new Set(entries.flatMap((entry) => idOf(entry) ?? []));
  const all = [...ids];
  for (let at = 0; at < all.length; at += IDS) {
    await sql`select pg_notify(${CHANNEL}, ${all.slice(at, at + IDS).join()})`.execute(trx);
  }
}

function idOf(entry: JournalEntry): number | null {
  if (entry.type === 'interaction') return entry.interaction.id;
  return entry.type === 'patch' || entry.type === 'sent' ? entry.interactionId : null;
}

/** Interactions as somebody who watches the counters reads them: the newest, or those that were announced. */
export class LiveRows {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Calls back with the ids that any process announces, this one included; null: some may have been missed. Returns null on
   * the embedded database, which has one process.
   */
  listen(onIds: (ids: number[] | null) => void): Notifications | null {
    return this.#db.listen(CHANNEL, (payload) => {
      const ids = payload.split(',').map(Number);
      onIds(payload !== '' && ids.every(Number.isSafeInteger) ? ids : null);
    });
  }

  byIds(ids: readonly number[]): Promise<LiveRow[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return this.#read((query) => query.where('i.id', 'in', [...ids]).orderBy('i.id'));
  }

  /** The newest `limit` since an instant, the oldest of them first; `clientIds` null: of every client. */
  async since(from: Date, clientIds: readonly string[] | null, limit: number): Promise<LiveRow[]> {
    if (clientIds?.length === 0) return [];
    const rows = await this.#read((query) => {
      const recent = query.where('i.timestamp', '>=', from);
      const theirs = clientIds ? recent.where('i.cliente_id', 'in', [...clientIds]) : recent;
      return theirs.orderBy('i.timestamp', 'desc').orderBy('i.id', 'desc').limit(limit);
    });
    return rows.reverse();
  }

  /** What every counter has cost since this day of São Paulo began. */
  async costs(day: string): Promise<CounterCost[]> {
    return this.#db.system((trx) =>
      trx
        .selectFrom('cost_days')
        .select(['cliente_id as clientId', 'balcao_id as counterId'])
        .select(sql<number>`sum(cost_micro_usd)::bigint`.as('microUsd'))
        .where('day', '>=', day)
        .groupBy(['cliente_id', 'balcao_id'])
        .execute(),
    );
  }

  #read(narrow: (query: ReturnType<typeof joined>) => ReturnType<typeof joined>): Promise<LiveRow[]> {
    return this.#db.system(async (trx) => {
      const rows = await narrow(joined(trx)).execute();
      const found = rows.map((row) => ({
        ...toInteraction(row),
        counterName: row.nome_balcao,
        employeeName: row.nome,
      }));
      const before = await textsBefore(trx, found);
      return found.map((row) => ({ ...row, ownText: withoutBefore(row, before) }));
    });
  }
}

function joined(trx: Transaction<Tables>) {
  return trx
    .selectFrom('interacoes as i')
    .leftJoin('balcoes as b', 'b.balcao_id', 'i.balcao_id')
    .leftJoin('funcionarios as f', 'f.id', 'i.funcionario_id')
    .selectAll('i')
    .select(['b.nome_balcao', 'f.nome']);
}

/** Keys of the utterances whose texts stand before a row's own in what a model was sent. */
function keysBefore({ sessionId, segment, recommendation, gate }: Interaction): string[] {
  const segments = (gate as { segmentos?: number[] } | null)?.segmentos ?? [];
  if (recommendation === null) return [];
  return segments.filter((each) => each !== segment).map((each) => `${sessionId}:${each}`);
}

async function textsBefore(trx: Transaction<Tables>, rows: readonly Interaction[]): Promise<Map<string, string>> {
  const keys = [...new Set(rows.flatMap(keysBefore))];
  if (keys.length === 0) return new Map();
  const found = await trx
    .selectFrom('interacoes')
    .select(['chave_idempotencia', 'transcricao_completa'])
    .where('chave_idempotencia', 'in', keys)
    .execute();
  return new Map(found.map((row) => [row.chave_idempotencia, row.transcricao_completa ?? '']));
}

function withoutBefore(row: Interaction, texts: ReadonlyMap<string, string>): string | null {
  const before = keysBefore(row).map((key) => texts.get(key) ?? '');
  const prefix = `${before.join(' ')} `;
  const { transcript } = row;
  return before.length > 0 && transcript?.startsWith(prefix) ? transcript.slice(prefix.length) : transcript;
}
