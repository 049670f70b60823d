import { sql, type Transaction } from 'kysely';
import { BaltoError, type Clock } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import {
  type CatalogueImport,
  type ImportIssue,
  type ImportState,
  toImport,
  toIssue,
} from './catalogue-imports-table.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import { processMark } from './folder-lock.ts';
import { type Page, readCursor, toPage } from './page.ts';
import type { Tables } from './tables.ts';
import { cleanText, toJson } from './text.ts';

/** What is known of a file before it is read. */
export interface NewImport {
  clientId: string;
  fileName: string;
  bytes: number;
  sha256: string;
  dryRun: boolean;
  partial: boolean;
}

/** A part of what was read, as it goes to the waiting lines. */
export interface StagedBatch {
  /** JSON: `[{ordem, codigo, produto}]`, `produto` with the columns of `produtos`. */
  lines: string;
  count: number;
  /** Rows of the file gone through so far, and errors in them. */
  read: number;
  errors: number;
  /** To be kept; their order goes on from what was kept before. */
  issues: readonly Omit<ImportIssue, 'order'>[];
  firstIssue: number;
}

const RUNNING: ImportState[] = ['lendo', 'ativando', 'desfazendo'];

/** The imports of clients' catalogues: what they are, how far they are, and what was found in their files. */
export class CatalogueImports {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;
  /** What this process signs its imports with. */
  readonly mark = processMark();

  constructor(db: Database, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** @throws BaltoError `BALTO_IMPORT_RUNNING` (409): one at a time per client; `BALTO_CLIENT_UNKNOWN` (404). */
  async begin(order: NewImport, by: Author): Promise<CatalogueImport> {
    const now = this.#clock.date();
    const { clientId } = order;
    const row = {
      cliente_id: clientId,
      arquivo: cleanText(order.fileName),
      bytes: order.bytes,
      sha256: order.sha256,
      formato: null,
      ensaio: order.dryRun,
      parcial: order.partial,
      estado: 'lendo' as const,
      autor: by.actor,
      criado_em: now,
      terminado_em: null,
      processo: this.mark,
      sinal_em: now,
      erro_codigo: null,
      erro_mensagem: null,
    };
    return await this.#db
      .system(async (trx) => {
        const inserted = await trx
          .insertInto('catalogo_importacoes')
          .values(row)
          .returningAll()
          .executeTakeFirstOrThrow();
        const after = { arquivo: row.arquivo, bytes: row.bytes, sha256: row.sha256, ensaio: row.ensaio };
        await this.#audit.appendIn(trx, {
          ...by,
          clientId,
          action: 'catalogue.import',
          target: target(inserted.id),
          after,
        });
        return toImport(inserted);
      })
      .catch((error: unknown) => {
        throw refusal(error);
      });
  }

  /** Puts lines that can go in where they wait, and what was found in the others into the report. */
  stage(entry: Pick<CatalogueImport, 'id' | 'clientId'>, batch: StagedBatch): Promise<void> {
    const { id, clientId } = entry;
    return this.#db.tenant(clientId, async (trx) => {
      await sql`
        insert into catalogo_importacao_linhas (importacao_id, ordem, cliente_id, codigo, produto)
        select ${id}, v.ordem, ${clientId}, v.codigo, v.produto
        from jsonb_to_recordset(${batch.lines}::jsonb) as v(ordem integer, codigo text, produto jsonb)`.execute(trx);
      if (batch.issues.length > 0) {
        const issues = batch.issues.map((issue, index) => ({
          ordem: batch.firstIssue + index,
          linha: issue.row,
          coluna: issue.column,
          codigo: issue.code,
          mensagem: issue.message,
          item: issue.item,
          mantido: issue.kept,
          regra: issue.rule,
        }));
        await sql`
          insert into catalogo_importacao_avisos
            (importacao_id, ordem, cliente_id, linha, coluna, codigo, mensagem, item, mantido, regra)
          select ${id}, v.ordem, ${clientId}, v.linha, v.coluna, v.codigo, v.mensagem, v.item, v.mantido, v.regra
          from jsonb_to_recordset(${toJson(issues)}::jsonb) as v(ordem integer, linha integer, coluna text, codigo text,
            mensagem text, item text, mantido boolean, regra text)`.execute(trx);
      }
      await trx
        .updateTable('catalogo_importacoes')
        .set((eb) => ({
          lidas: batch.read,
          erros: batch.errors,
          validas: eb('validas', '+', batch.count),
          sinal_em: this.#clock.date(),
        }))
        .where('id', '=', id)
        .execute();
    });
  }

  /** Notes what the file turned out to be. */
  async formatIs(id: number, format: string): Promise<void> {
    await this.#db.system((trx) =>
      trx.updateTable('catalogo_importacoes').set({ formato: format }).where('id', '=', id).execute(),
    );
  }

  /** From reading to putting in. */
  async activate(id: number): Promise<void> {
    await this.#db.system((trx) =>
      trx
        .updateTable('catalogo_importacoes')
        .set({ estado: 'ativando', posicao: 0, sinal_em: this.#clock.date() })
        .where('id', '=', id)
        .execute(),
    );
  }

  /** Ends an import, with its audit row where the catalogue changed. */
  finish(
    id: number,
    state: 'conferida' | 'concluida' | 'recusada' | 'falhou' | 'desfeita',
    failure: CatalogueImport['failure'] = null,
  ): Promise<CatalogueImport> {
    return this.#db.system(async (trx) => {
      const row = await trx
        .updateTable('catalogo_importacoes')
        .set({
          estado: state,
          terminado_em: this.#clock.date(),
          processo: null,
          desfazivel: state === 'concluida',
          ...(failure && { erro_codigo: failure.code, erro_mensagem: failure.message }),
        })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      const ended = toImport(row);
      if (state === 'concluida') {
        const { author: actor, added, changed, same, errors, clientId } = ended;
        const after = { novas: added, alteradas: changed, iguais: same, erros: errors };
        await this.#audit.appendIn(trx, { actor, action: 'catalogue.imported', target: target(id), clientId, after });
      }
      return ended;
    });
  }

  byId(clientId: string, id: number): Promise<CatalogueImport | null> {
    return this.#db.tenant(clientId, async (trx) => {
      const row = await trx
        .selectFrom('catalogo_importacoes')
        .selectAll()
        .where('cliente_id', '=', clientId)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toImport(row) : null;
    });
  }

  /** Newest first. */
  page(clientId: string, limit: number, cursor?: string): Promise<Page<CatalogueImport>> {
    const after = readCursor(cursor, ['number']);
    return this.#db.tenant(clientId, async (trx) => {
      let query = trx.selectFrom('catalogo_importacoes').selectAll().where('cliente_id', '=', clientId);
      if (after) query = query.where('id', '<', after[0]);
      const rows = await query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toImport, (row) => [row.id]);
    });
  }

  /** The report, in the order of the file. */
  issues(clientId: string, id: number, limit: number, cursor?: string): Promise<Page<ImportIssue>> {
    const after = readCursor(cursor, ['number']);
    return this.#db.tenant(clientId, async (trx) => {
      const rows = await trx
        .selectFrom('catalogo_importacao_avisos')
        .selectAll()
        .where('cliente_id', '=', clientId)
        .where('importacao_id', '=', id)
        .where('ordem', '>', after?.[0] ?? 0)
        .orderBy('ordem')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toIssue, (row) => [row.ordem]);
    });
  }

  /** Imports that some process began and did not end, with its mark and its last sign of life. */
  async running(): Promise<{ entry: CatalogueImport; process: string | null; seenAt: Date }[]> {
    const rows = await this.#db.system((trx) =>
      trx.selectFrom('catalogo_importacoes').selectAll().where('estado', 'in', RUNNING).orderBy('id').execute(),
    );
    return rows.map((row) => ({ entry: toImport(row), process: row.processo, seenAt: row.sinal_em }));
  }

  /** Makes another process's import this one's; false: somebody else was faster. */
  async take(id: number, from: string | null): Promise<boolean> {
    const taken = await this.#db.system((trx) =>
      trx
        .updateTable('catalogo_importacoes')
        .set({ processo: this.mark, sinal_em: this.#clock.date() })
        .where('id', '=', id)
        .where('processo', 'is not distinct from', from)
        .executeTakeFirst(),
    );
    return taken.numUpdatedRows === 1n;
  }

  /** Lines that wait or waited. */
  async lines(clientId: string, id: number): Promise<number> {
    const count = (trx: Transaction<Tables>) =>
      trx
        .selectFrom('catalogo_importacao_linhas')
        .select((eb) => eb.fn.countAll<number>().as('rows'))
        .where('importacao_id', '=', id)
        .executeTakeFirstOrThrow();
    return Number((await this.#db.tenant(clientId, count)).rows);
  }
}

function target(id: number): string {
  return `import:${id}`;
}

function refusal(error: unknown): unknown {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  if (code === '23505' && constraint === 'catalogo_importacoes_uma') return running(error);
  if (code !== '23503') return error;
  const message = 'Cliente não encontrado.';
  return new BaltoError({ code: 'BALTO_CLIENT_UNKNOWN', message, statusCode: 404, cause: error });
}

/** One import at a time: two at once could not be undone one without the other. */
export function running(cause?: unknown): BaltoError {
  return new BaltoError({
    code: 'BALTO_IMPORT_RUNNING',
    message: 'Já há uma importação deste catálogo em curso; espere que ela termine.',
    statusCode: 409,
    ...(cause === undefined ? {} : { cause }),
  });
}
