import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import type { LgpdReceipt, LgpdReceipts } from './lgpd-receipts.ts';
import { idsIn, type LgpdScope, SCOPE_ROWS, scopeShown } from './lgpd-scope.ts';
import type { Tables } from './tables.ts';

/** What hangs on an interaction: table and the column that names it. */
const HANGING = [
  ['shadow_results', 'interacao_id'],
  ['avaliacoes', 'interacao_id'],
  ['usage_ledger', 'interacao_id'],
] as const;

/** Hands out what is kept of somebody, as JSON lines: `{tabela, linha}`, the last one `{recibo}`. */
export class LgpdExport {
  readonly #db: Database;
  readonly #receipts: LgpdReceipts;
  readonly #settled: () => Promise<void>;

  /** `settled` resolves when everything journalled so far is in the database. */
  constructor(parts: { db: Database; receipts: LgpdReceipts; settled(): Promise<void> }) {
    this.#db = parts.db;
    this.#receipts = parts.receipts;
    this.#settled = parts.settled;
  }

  /** Pages of lines; the receipt, which is the last line, comes as `onReceipt` too. */
  async *lines(
    clientId: string,
    scope: LgpdScope,
    by: Author,
    onReceipt: (receipt: LgpdReceipt) => void = () => {},
  ): AsyncGenerator<string> {
    await this.#settled();
    const counts: Record<string, number> = {};
    const hash = createHash('sha256');
    const page = (table: string, rows: string[]): string => {
      if (rows.length > 0) counts[table] = (counts[table] ?? 0) + rows.length;
      const text = rows.map((row) => `{"tabela":"${table}","linha":${row}}\n`).join('');
      hash.update(text);
      return text;
    };
    if ('employee' in scope) yield page('funcionarios', await this.#employee(clientId, scope.employee));
    let after = 0;
    for (let last = SCOPE_ROWS; last === SCOPE_ROWS; ) {
      const { ids, tables } = await this.#db.tenant(clientId, async (trx) => {
        const ids = await idsIn(trx, clientId, scope, after);
        return { ids, tables: await rowsOf(trx, ids) };
      });
      for (const { table, rows } of tables) yield page(table, rows);
      last = ids.length;
      after = ids.at(-1) ?? after;
    }
    const done = { clientId, action: 'export' as const, scope: scopeShown(scope), counts, unreached: [] };
    const receipt = await this.#receipts.issue(done, by, hash.digest('hex'));
    onReceipt(receipt);
    yield `${JSON.stringify({ recibo: receipt })}\n`;
  }

  /** Without the voice, which opens only here. */
  #employee(clientId: string, id: number): Promise<string[]> {
    return this.#db.tenant(clientId, async (trx) => {
      const { rows } = await sql<{ line: string }>`
        select (to_jsonb(f) - 'voz' || jsonb_build_object(
          'turnos', (select coalesce(jsonb_agg(to_jsonb(t)), '[]') from funcionario_turnos t where t.funcionario_id = f.id),
          'consentimentos', (select coalesce(jsonb_agg(to_jsonb(c)), '[]') from consentimentos_voz c where c.funcionario_id = f.id)
        ))::text as line from funcionarios f where f.id = ${id} and f.cliente_id = ${clientId}`.execute(trx);
      return rows.map(({ line }) => line);
    });
  }
}

async function rowsOf(trx: Transaction<Tables>, ids: number[]): Promise<{ table: string; rows: string[] }[]> {
  if (ids.length === 0) return [];
  const found: { table: string; rows: string[] }[] = [];
  for (const [table, column] of [['interacoes', 'id'] as const, ...HANGING]) {
    const { rows } = await sql<{ line: string }>`
      select to_jsonb(t)::text as line from ${sql.table(table)} t where ${sql.ref(column)} = any(${ids}::int[])
      order by id`.execute(trx);
    found.push({ table, rows: rows.map(({ line }) => line) });
  }
  return found;
}
