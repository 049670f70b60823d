import { type RawBuilder, sql, type Transaction } from 'kysely';
import { BaltoError, type Clock } from '../contracts/index.ts';
import { counted } from '../counted.ts';
import type { Audit } from './audit.ts';
import { running } from './catalogue-imports.ts';
import { type CatalogueImport, toImport } from './catalogue-imports-table.ts';
import { assigned, byKeys, type Entry, linesOf, look, put, writersOf } from './catalogue-lines.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

/** Rows of one look that changes nothing. */
const LOOK_ROWS = 500;
/** Rows of one statement that only deletes. */
const CLEAR_ROWS = 1000;
/** Undoable imports kept per client; each holds what was there before it. */
const KEPT = 3;

/**
 * Puts waiting lines into the catalogue and takes them out again, a few at a time and each few whole: whoever stops in
 * between goes on where the last few ended. Every step is one transaction that others are not kept waiting by.
 */
export class CatalogueActivation {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #mark: string;

  /** `mark`: what this process signs its imports with. */
  constructor(db: Database, audit: Audit, clock: Clock, mark: string) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
    this.#mark = mark;
  }

  /** The next `rows` lines go in, or are only counted. @returns how many; 0: all are through. */
  step(entry: Entry, rows: number, isDryRun: boolean): Promise<number> {
    return this.#held(entry, rows, async (trx, some, last) => {
      const seen = await look(trx, entry, some, !isDryRun);
      if (!isDryRun) await put(trx, entry, some);
      const same = seen.filter(({ same }) => same).length;
      const added = seen.filter(({ isNew }) => isNew).length;
      await trx
        .updateTable('catalogo_importacoes')
        .set((eb) => ({
          posicao: last,
          novas: eb('novas', '+', added),
          iguais: eb('iguais', '+', same),
          alteradas: eb('alteradas', '+', seen.length - added - same),
        }))
        .where('id', '=', entry.id)
        .execute();
      return rows;
    });
  }

  /**
   * Begins to take an import out again. @throws BaltoError 409: `BALTO_IMPORT_NOT_UNDOABLE`, `BALTO_IMPORT_SUPERSEDED`
   * when what it wrote has been changed since, `BALTO_IMPORT_RUNNING`.
   */
  async beginUndo(entry: Entry, by: Author): Promise<CatalogueImport> {
    const { id, clientId } = entry;
    await this.#refuseNewer(entry);
    return await this.#db
      .system(async (trx) => {
        const row = await trx
          .updateTable('catalogo_importacoes')
          .set({
            estado: 'desfazendo',
            posicao: 0,
            terminado_em: null,
            processo: this.#mark,
            sinal_em: this.#clock.date(),
          })
          .where('cliente_id', '=', clientId)
          .where('id', '=', id)
          .where('estado', '=', 'concluida')
          .where('desfazivel', '=', true)
          .returningAll()
          .executeTakeFirst();
        if (!row) throw notUndoable();
        await this.#audit.appendIn(trx, { ...by, clientId, action: 'catalogue.undo', target: `import:${id}` });
        return toImport(row);
      })
      .catch((error: unknown) => {
        throw (error as { code?: unknown }).code === '23505' ? running(error) : error;
      });
  }

  /** An import that cannot go on is taken out again; why it could not is kept. */
  async beginRollback(entry: Entry, failure: { code: string; message: string }): Promise<void> {
    await this.#db.tenant(entry.clientId, (trx) =>
      trx
        .updateTable('catalogo_importacoes')
        .set({ estado: 'desfazendo', posicao: 0, erro_codigo: failure.code, erro_mensagem: failure.message })
        .where('id', '=', entry.id)
        .execute(),
    );
  }

  /** The next `rows` lines are as they were, but for those that somebody changed since. @returns how many; 0: all are. */
  undoStep(entry: Entry, rows: number): Promise<number> {
    return this.#held(entry, rows, async (trx, some, last) => {
      const { id, clientId } = entry;
      const lines = sql`catalogo_importacao_linhas l where ${some} and l.produto is null`;
      const found = sql`select (select p.id from produtos p where coalesce(p.cliente_id, '') = ${clientId}
        and p.codigo = l.codigo and p.importacao_id = ${id}) as produto_id, l.anterior from ${lines}`;
      await sql`
        delete from produtos where id = any(array(
          select a.produto_id from (${found} and l.anterior is null) a))`.execute(trx);
      await sql`
        update produtos p set ${assigned('r')}, importacao_id = r.importacao_id, revisao = p.revisao + 1
        from (${found} and l.anterior is not null) a cross join lateral jsonb_populate_record(null::produtos, a.anterior) r
        where p.id = a.produto_id`.execute(trx);
      await trx.updateTable('catalogo_importacoes').set({ posicao: last }).where('id', '=', id).execute();
      return rows;
    });
  }

  /** Some lines that are needed no more. @returns how many; 0: there are none. */
  clear(entry: Entry): Promise<number> {
    return this.#db.tenant(entry.clientId, async (trx) => {
      const gone = await sql`
        delete from catalogo_importacao_linhas where importacao_id = ${entry.id} and ordem in (
          select ordem from catalogo_importacao_linhas where importacao_id = ${entry.id} limit ${CLEAR_ROWS})`.execute(
        trx,
      );
      return Number(gone.numAffectedRows ?? 0n);
    });
  }

  /** Imports of this client that can be undone no more, because newer ones can: their lines may go. */
  outdated(clientId: string): Promise<Entry[]> {
    return this.#db.tenant(clientId, async (trx) => {
      const rows = await trx
        .selectFrom('catalogo_importacoes')
        .select('id')
        .where('cliente_id', '=', clientId)
        .where('desfazivel', '=', true)
        .orderBy('id', 'desc')
        .execute();
      const ids = rows.slice(KEPT).map(({ id }) => id);
      if (ids.length > 0) {
        await trx.updateTable('catalogo_importacoes').set({ desfazivel: false }).where('id', 'in', ids).execute();
      }
      return ids.map((id) => ({ id, clientId }));
    });
  }

  /**
   * Work on the next lines of an import that is this process's; its sign of life goes with it. Lines are numbered without
   * a gap, so that a page is a range of them: the embedded database has no statistics to plan anything cleverer by.
   */
  #held(
    entry: Entry,
    rows: number,
    work: (trx: Transaction<Tables>, some: RawBuilder<unknown>, last: number) => Promise<number>,
  ): Promise<number> {
    // Not as the tenant: row-level security would put its own condition, and its index, before the key of each item.
    return this.#db.system(async (trx) => {
      await byKeys(trx);
      const held = await trx
        .updateTable('catalogo_importacoes')
        .set({ sinal_em: this.#clock.date() })
        .where('id', '=', entry.id)
        .where('processo', '=', this.#mark)
        .returning(['posicao', 'validas'])
        .executeTakeFirst();
      if (!held) throw conflict('BALTO_IMPORT_TAKEN', 'Outro processo continua esta importação.');
      const { posicao: after, validas: end } = held;
      if (after >= end) return 0;
      const last = Math.min(after + rows, end);
      return await work(trx, linesOf(entry.id, after, last), last);
    });
  }

  /** Its last line, and how many items it wrote. @throws `BALTO_IMPORT_NOT_UNDOABLE` */
  async #undoable({ id, clientId }: Entry): Promise<{ end: number; written: number }> {
    const row = await this.#db.tenant(clientId, (trx) =>
      trx
        .selectFrom('catalogo_importacoes')
        .select(['validas', 'novas', 'alteradas'])
        .where('id', '=', id)
        .where('estado', '=', 'concluida')
        .where('desfazivel', '=', true)
        .executeTakeFirst(),
    );
    if (!row) throw notUndoable();
    return { end: row.validas, written: row.novas + row.alteradas };
  }

  async #refuseNewer({ id, clientId }: Entry): Promise<void> {
    const others = new Set<number | null>();
    let [newer, kept] = [0, 0];
    const { end, written } = await this.#undoable({ id, clientId });
    for (let after = 0; after < end; after += LOOK_ROWS) {
      const some = linesOf(id, after, after + LOOK_ROWS);
      const writers = await this.#db.system((trx) => writersOf(trx, clientId, some));
      kept += writers.length;
      for (const writer of writers) {
        if (writer === id) continue;
        newer += 1;
        others.add(writer);
      }
    }
    // A restored backup has the import, and not what was there before it.
    if (kept < written) throw notUndoable();
    if (newer === 0) return;
    const by = [...others].map((writer) => (writer === null ? 'à mão' : `pela importação ${writer}`)).slice(0, 5);
    throw conflict(
      'BALTO_IMPORT_SUPERSEDED',
      `Esta importação não pode ser desfeita: ${counted(newer, 'item dela foi mudado', 'itens dela foram mudados')} depois (${by.join(', ')}). Desfaça antes as mais novas.`,
    );
  }
}

function notUndoable(): BaltoError {
  return conflict(
    'BALTO_IMPORT_NOT_UNDOABLE',
    'Esta importação não pode ser desfeita: não foi concluída, já foi desfeita, há três mais novas, ou o banco veio de um backup.',
  );
}

function conflict(code: string, message: string): BaltoError {
  return new BaltoError({ code, message, statusCode: 409 });
}
