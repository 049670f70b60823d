import { sql, type Transaction } from 'kysely';
import { audioPath } from './audio-files.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import type { Employees } from './employees.ts';
import type { LgpdReceipt, LgpdReceipts } from './lgpd-receipts.ts';
import { idsIn, type LgpdScope, SCOPE_ROWS, scopeShown } from './lgpd-scope.ts';
import type { Tables } from './tables.ts';

/** What an erasure needs of the rest of the store. */
export interface ErasureParts {
  db: Database;
  employees: Pick<Employees, 'remove'>;
  receipts: LgpdReceipts;
  /** Everything journalled so far is in the database, and in no journal of this process any more. */
  settled(): Promise<void>;
  /** Bytes of entries that the database once refused; sealed. */
  refusedBytes(): Promise<number>;
  /** Deletes a stored voice; false: it was not there. */
  removeAudio(path: string): Promise<boolean>;
}

/** Copies that nobody here can reach. */
const BACKUPS = 'cópias de segurança feitas antes deste recibo: apague-as, ou refaça-as agora';

const REFUSED = 'registros que o banco recusou (pasta journal-rejected, cifrados): veja-os e apague a pasta';

/**
 * Erases what is kept of somebody: interactions with everything that hangs on them, voices, the records of sessions that
 * could still be resumed, and answers kept for repeated requests. Costs stay, without the interaction they were for.
 */
export class Erasure {
  readonly #parts: ErasureParts;

  constructor(parts: ErasureParts) {
    this.#parts = parts;
  }

  /** A page at a time; broken off, it is simply asked for again. */
  async erase(clientId: string, scope: LgpdScope, by: Author): Promise<LgpdReceipt> {
    const { db, receipts, settled } = this.#parts;
    await settled();
    const counts: Record<string, number> = {};
    const vendors = new Set<string>();
    const count = (name: string, rows: number) => {
      if (rows > 0) counts[name] = (counts[name] ?? 0) + rows;
    };
    let after = 0;
    for (let last = SCOPE_ROWS; last === SCOPE_ROWS; ) {
      const page = await db.system(async (trx) => {
        const ids = await idsIn(trx, clientId, scope, after);
        return { ids, paths: await erasePage(trx, ids, count, vendors) };
      });
      for (const path of page.paths) if (await this.#parts.removeAudio(path)) count('arquivos_de_audio', 1);
      last = page.ids.length;
      after = page.ids.at(-1) ?? after;
    }
    if ('employee' in scope) await this.#eraseEmployee(clientId, scope.employee, by, count);
    await db.system((trx) => eraseCopies(trx, clientId, scope, count));
    await settled();
    if (db.kind === 'embedded')
      await compact(
        db,
        COMPACTED.filter((table) => counts[table === 'interacoes_busca' ? 'interacoes' : table] !== undefined),
      );
    const unreached = [...[...vendors].sort().map((each) => `o que ${each} guardou, pelas regras dele`), BACKUPS];
    if ((await this.#parts.refusedBytes()) > 0) unreached.push(REFUSED);
    return await receipts.issue({ clientId, action: 'erase', scope: scopeShown(scope), counts, unreached }, by);
  }

  /** Name, voice and shifts go; where his voice was only one of several candidates, the scores go. */
  async #eraseEmployee(clientId: string, id: number, by: Author, count: Count): Promise<void> {
    if (await this.#parts.employees.remove(clientId, id, by)) count('funcionarios', 1);
    for (let rows = SCOPE_ROWS; rows === SCOPE_ROWS; ) {
      rows = await this.#parts.db.system(async (trx) => {
        const { numAffectedRows } = await sql`
          update interacoes set speaker_data = null where id in (
            select id from interacoes where cliente_id = ${clientId} and speaker_data is not null
              and speaker_data ~ ${`"id":\\s*${id}\\D`} limit ${SCOPE_ROWS})`.execute(trx);
        return Number(numAffectedRows ?? 0);
      });
      count('speaker_data', rows);
    }
  }
}

/** Tables whose rows hold words or voices, by the names they are counted under. */
const COMPACTED = [
  'interacoes',
  'interacoes_busca',
  'shadow_results',
  'avaliacoes',
  'resume_records',
  'idempotency_keys',
  'funcionarios',
] as const;

type Count = (name: string, rows: number) => void;

/** @returns paths of the voices that were stored for these rows. */
async function erasePage(
  trx: Transaction<Tables>,
  ids: number[],
  count: Count,
  vendors: Set<string>,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const heardBy = await sql<{ provider: string }>`
    select distinct provider from usage_ledger where interacao_id = any(${ids}::int[])`.execute(trx);
  for (const { provider } of heardBy.rows) vendors.add(provider);
  const audio = await trx
    .selectFrom('interacoes')
    .select(['id', 'balcao_id as counterId', 'timestamp as at', 'audio_file_path as path'])
    .where('id', 'in', ids)
    .execute();
  for (const table of ['shadow_results', 'avaliacoes'] as const) {
    const gone = await sql`delete from ${sql.table(table)} where interacao_id = any(${ids}::int[])`.execute(trx);
    count(table, Number(gone.numAffectedRows ?? 0));
  }
  const subjects = ids.map((id) => `interaction:${id}`);
  const alerts = await trx.deleteFrom('alertas').where('assunto', 'in', subjects).executeTakeFirst();
  count('alertas', Number(alerts.numDeletedRows));
  await trx.updateTable('usage_ledger').set({ interacao_id: null }).where('interacao_id', 'in', ids).execute();
  const rows = await trx.deleteFrom('interacoes').where('id', 'in', ids).executeTakeFirst();
  count('interacoes', Number(rows.numDeletedRows));
  // By what they would be called: one that was written a moment before its row said so is found too.
  // And by its row, where that names one of ours: days were once UTC.
  return [...new Set(audio.flatMap((row) => [audioPath(row), ...(isOurs(row) ? [row.path ?? ''] : [])]))];
}

function isOurs({ id, path }: { id: number; path: string | null }): boolean {
  return path?.startsWith('archiver/') === true && path.endsWith(`/interaction_${id}.wav`);
}

/** What holds words outside the interactions: sessions that could be resumed, and answers kept for a day. */
async function eraseCopies(trx: Transaction<Tables>, clientId: string, scope: LgpdScope, count: Count): Promise<void> {
  let resumes = trx.deleteFrom('resume_records').where('cliente_id', '=', clientId);
  if ('counter' in scope) resumes = resumes.where('balcao_id', '=', scope.counter);
  count('resume_records', Number((await resumes.executeTakeFirst()).numDeletedRows));
  // Whose an answer is stands only inside it, sealed: all of them go, their keys stay used.
  const answers = await trx
    .updateTable('idempotency_keys')
    .set({ answer: null })
    .where('answer', 'is not', null)
    .executeTakeFirst();
  count('idempotency_keys', Number(answers.numUpdatedRows));
}

/**
 * Of deleted rows the embedded database's files keep the bytes until something else is written there, and its log until
 * it is reused: the tables are written anew, and the log's old files are deleted. Nobody but us does that for it.
 */
async function compact({ kysely }: Database, tables: readonly string[]): Promise<void> {
  for (const table of tables) await sql`vacuum (full) ${sql.table(table)}`.execute(kysely);
  await sql`set wal_recycle = off`.execute(kysely);
  await sql`select pg_switch_wal()`.execute(kysely);
  await sql`checkpoint`.execute(kysely);
  await sql`reset wal_recycle`.execute(kysely);
}
