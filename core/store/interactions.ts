import type { Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { Interaction } from './interaction.ts';
import type { InteractionFilter } from './interaction-filter.ts';
import { InteractionSearch, type Place, parsePlace, writePlace } from './interaction-search.ts';
import { fromInteraction, fromPatch, toInteraction } from './interactions-table.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** An interaction with the names that reports show beside it; null where the counter or the employee is gone. */
export interface ListedInteraction extends Interaction {
  counterName: string | null;
  employeeName: string | null;
}

export interface InteractionPage {
  rows: ListedInteraction[];
  /** Give it to the next `list`; null: this was the last page. */
  cursor: string | null;
  /** What was searched in place of a word that nobody says; null: what was typed. */
  corrected: string | null;
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
  readonly #search: InteractionSearch;

  constructor(db: Database) {
    this.#db = db;
    this.#search = new InteractionSearch(db);
  }

  /**
   * Newest first, `limit` (at most 500) at a time. Where a word that was typed stands nowhere, the one most like it is
   * looked for in its place.
   * @throws BaltoError `BALTO_CURSOR_INVALID`, field `cursor`.
   */
  async list(filter: InteractionFilter, limit: number, cursor?: string): Promise<InteractionPage> {
    const after = cursor === undefined ? null : parsePlace(cursor);
    const size = Math.min(Math.max(Math.trunc(limit), 1), 500);
    const { found, corrected } = after
      ? await this.#following({ ...filter, text: after.text ?? filter.text }, size + 1, after)
      : await this.#search.first(filter, size + 1);
    const places = found.places.slice(0, size);
    const last = places.at(-1);
    const more = found.places.length > size && last !== undefined;
    const rows = await this.#in(filter.clientId, (trx) => listed(trx, places));
    return { rows, cursor: more ? writePlace(last, corrected ?? undefined) : null, corrected };
  }

  async #following(filter: InteractionFilter, limit: number, { place, text }: ReturnType<typeof parsePlace>) {
    const found = await this.#search.page(await this.#search.prepare(filter), limit, place);
    return { found, corrected: text ?? null };
  }

  /** The interactions that stand at these places, as far as they are still there. */
  at(places: readonly Place[], clientId: string | undefined): Promise<ListedInteraction[]> {
    return this.#in(clientId, (trx) => listed(trx, places));
  }

  /** One with the names beside it, and whether its words are over their time. */
  detail(id: number): Promise<(ListedInteraction & { textExpired: boolean }) | null> {
    return this.#db.system(async (trx) => {
      const [row] = await listed(trx, [{ id }]);
      return row ?? null;
    });
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

/** These rows in this order, with the join that reports make: `SELECT i.*, b.nome_balcao, f.nome`. */
async function listed(
  trx: Transaction<Tables>,
  places: readonly Pick<Place, 'id'>[],
): Promise<(ListedInteraction & { textExpired: boolean })[]> {
  if (places.length === 0) return [];
  const ids = places.map(({ id }) => id);
  const rows = await trx
    .selectFrom('interacoes as i')
    .leftJoin('balcoes as b', 'b.balcao_id', 'i.balcao_id')
    .leftJoin('funcionarios as f', 'f.id', 'i.funcionario_id')
    .selectAll('i')
    .select(['b.nome_balcao', 'f.nome'])
    .where('i.id', 'in', ids)
    .execute();
  const byId = new Map(
    rows.map((row) => {
      const { nome_balcao: counterName, nome: employeeName, texto_expirado_em } = row;
      return [row.id, { ...toInteraction(row), counterName, employeeName, textExpired: texto_expirado_em !== null }];
    }),
  );
  return ids.flatMap((id) => byId.get(id) ?? []);
}
