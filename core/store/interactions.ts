import { type RawBuilder, sql, type Transaction } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import type { Database } from './database.ts';
import type { Interaction } from './interaction.ts';
import { fromInteraction, fromPatch, toInteraction } from './interactions-table.ts';
import type { Tables } from './tables.ts';
import { cleanText, escapeLike } from './text.ts';

/** What `list` may be narrowed by. Absent: everything. */
export interface InteractionFilter {
  clientId?: string | undefined;
  counterId?: string | undefined;
  /** Included. */
  from?: Date | undefined;
  /** Not included. */
  to?: Date | undefined;
  /** Part of the transcript, in any case. */
  text?: string | undefined;
  type?: Interaction['interactionType'] | undefined;
  /** What the counter said of the card, or what the pipeline did with the utterance. */
  feedback?: string | undefined;
}

/** An interaction with the names that reports show beside it; null where the counter or the employee is gone. */
export interface ListedInteraction extends Interaction {
  counterName: string | null;
  employeeName: string | null;
}

export interface InteractionPage {
  rows: ListedInteraction[];
  /** Give it to the next `list`; null: this was the last page. */
  cursor: string | null;
}

/** Rows of `metrics`. */
const METRICS_ROWS = 2000;

/** Adds rows that are not there yet: the same utterance, journalled twice, is stored once. */
export async function insertInteractions(trx: Transaction<Tables>, interactions: Interaction[]): Promise<void> {
  if (interactions.length === 0) return;
  await trx
    .insertInto('interacoes')
    .values(interactions.map(fromInteraction))
    .onConflict((conflict) => conflict.column('chave_idempotencia').doNothing())
    .execute();
}

export async function patchInteraction(
  trx: Transaction<Tables>,
  id: number,
  fields: Partial<Interaction>,
): Promise<void> {
  const columns = fromPatch(fields);
  if (Object.keys(columns).length > 0) await trx.updateTable('interacoes').set(columns).where('id', '=', id).execute();
}

/** What counters said and were told. Written by the journal's drainer only. */
export class Interactions {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Newest first, `limit` (at most 500) at a time.
   * @throws BaltoError `BALTO_CURSOR_INVALID`, field `cursor`.
   */
  async list(filter: InteractionFilter, limit: number, cursor?: string): Promise<InteractionPage> {
    const after = cursor === undefined ? null : parseCursor(cursor);
    const size = Math.min(Math.max(Math.trunc(limit), 1), 500);
    const rows = await this.#in(filter.clientId, (trx) => {
      let query = filtered(joined(trx), filter);
      if (after) {
        query = query.where((where) =>
          where(where.refTuple('i.timestamp', 'i.id'), '<', where.tuple(new Date(after.time), after.id)),
        );
      }
      return query
        .orderBy('i.timestamp', 'desc')
        .orderBy('i.id', 'desc')
        .limit(size + 1)
        .execute();
    });
    const page = rows.slice(0, size);
    const last = page.at(-1);
    const listed = page.map((row) => ({ ...toInteraction(row), counterName: row.nome_balcao, employeeName: row.nome }));
    return { rows: listed, cursor: rows.length > size && last ? toCursor(last.timestamp, last.id) : null };
  }

  /** The newest 2,000 interactions of a client's counter, newest first, as the table's own columns. */
  metrics(counterId: string, clientId: string): Promise<Record<string, unknown>[]> {
    return this.#db.tenant(clientId, (trx) =>
      trx
        .selectFrom('interacoes')
        .selectAll()
        .where('balcao_id', '=', cleanText(counterId))
        .orderBy('timestamp', 'desc')
        .orderBy('id', 'desc')
        .limit(METRICS_ROWS)
        .execute(),
    );
  }

  /** The utterances of a session with these numbers, as far as they are stored, in order. */
  ofSession(clientId: string, sessionId: string, segments: readonly number[]): Promise<Interaction[]> {
    if (segments.length === 0) return Promise.resolve([]);
    const keys = segments.map((segment) => `${sessionId}:${segment}`);
    return this.#db.tenant(clientId, async (trx) => {
      const rows = await trx
        .selectFrom('interacoes')
        .selectAll()
        .where('chave_idempotencia', 'in', keys)
        .orderBy('segmento')
        .execute();
      return rows.map(toInteraction);
    });
  }

  byId(id: number): Promise<Interaction | null> {
    return this.#db.system(async (trx) => {
      const row = await trx.selectFrom('interacoes').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toInteraction(row) : null;
    });
  }

  #in<T>(clientId: string | undefined, work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return clientId === undefined ? this.#db.system(work) : this.#db.tenant(clientId, work);
  }
}

/** The join that reports make, as `SELECT i.*, b.nome_balcao, f.nome`. */
function joined(trx: Transaction<Tables>) {
  return trx
    .selectFrom('interacoes as i')
    .leftJoin('balcoes as b', 'b.balcao_id', 'i.balcao_id')
    .leftJoin('funcionarios as f', 'f.id', 'i.funcionario_id')
    .selectAll('i')
    .select(['b.nome_balcao', 'f.nome']);
}

function filtered(query: ReturnType<typeof joined>, filter: InteractionFilter): ReturnType<typeof joined> {
  return query.where(within(filter)).where(matching(filter));
}

/** The part of a filter that an index answers, on `interacoes as i`. */
export function within({ clientId, counterId, from, to }: InteractionFilter): RawBuilder<boolean> {
  return all([
    clientId !== undefined && sql`i.cliente_id = ${cleanText(clientId)}`,
    counterId !== undefined && sql`i.balcao_id = ${cleanText(counterId)}`,
    from !== undefined && sql`i.timestamp >= ${from}`,
    to !== undefined && sql`i.timestamp < ${to}`,
  ]);
}

/** The part of a filter for which each row must be looked at. */
export function matching({ type, feedback, text }: InteractionFilter): RawBuilder<boolean> {
  return all([
    type !== undefined && sql`i.interaction_type = ${type}`,
    feedback !== undefined && sql`i.resultado_feedback = ${cleanText(feedback)}`,
    text !== undefined && sql`i.transcricao_completa ilike ${`%${escapeLike(text)}%`}`,
  ]);
}

function all(conditions: (RawBuilder<unknown> | false)[]): RawBuilder<boolean> {
  const asked = conditions.filter((each) => each !== false);
  return asked.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(asked, sql` and `)})`;
}

function toCursor(timestamp: Date, id: number): string {
  return Buffer.from(`${timestamp.getTime()}.${id}`).toString('base64url');
}

function parseCursor(cursor: string): { time: number; id: number } {
  const [, time, id] = /^(\d{1,15})\.(\d{1,10})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (time !== undefined && id !== undefined && Number(id) <= 2_147_483_647)
    return { time: Number(time), id: Number(id) };
  throw new BaltoError({ code: 'BALTO_CURSOR_INVALID', field: 'cursor', message: 'Cursor de página inválido.' });
}
