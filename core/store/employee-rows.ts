import { EventEmitter } from 'node:events';
import { type Selectable, sql, type Transaction } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import type { AuditEntry } from './audit-table.ts';
import type { Author } from './config-versions.ts';
import { isDuplicate } from './database-errors.ts';
import type { EmployeesTable, VoiceConsentsTable } from './employees-table.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** The channel on which a change of a client's voices is announced; the payload is the client's id. */
export const VOICES_CHANNEL = 'balto_voices';

/** Tells this process that a client's voices, names, shifts or consents are others now. */
export class VoiceChanges extends EventEmitter<{ changed: [clientId: string] }> {}

export type EmployeeRow = Selectable<EmployeesTable>;

/** The row of somebody who works there, held until the transaction ends; null: there is nobody. */
export async function lockEmployee(
  trx: Transaction<Tables>,
  clientId: string,
  id: number,
): Promise<EmployeeRow | null> {
  const row = await trx
    .selectFrom('funcionarios')
    .selectAll()
    .where('cliente_id', '=', cleanText(clientId))
    .where('id', '=', id)
    .where('apagado_em', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/** Employees of one client, and so voices that one utterance may be compared with. */
export const MOST_EMPLOYEES = 2000;

/** @throws BaltoError `BALTO_EMPLOYEE_TOO_MANY` (409) where one more would be too many. */
export async function requireRoom(trx: Transaction<Tables>, clientId: string): Promise<void> {
  const query = trx.selectFrom('funcionarios').select(({ fn }) => fn.countAll<number>().as('count'));
  const { count } = await query
    .where('cliente_id', '=', clientId)
    .where('apagado_em', 'is', null)
    .executeTakeFirstOrThrow();
  if (Number(count) < MOST_EMPLOYEES) return;
  throw new BaltoError({
    code: 'BALTO_EMPLOYEE_TOO_MANY',
    message: `Um cliente tem no máximo ${MOST_EMPLOYEES} funcionários.`,
    statusCode: 409,
  });
}

/** Adds to the record of consents. */
export async function noteConsent(
  trx: Transaction<Tables>,
  row: Pick<EmployeeRow, 'id' | 'cliente_id'>,
  entry: Pick<VoiceConsentsTable, 'evento' | 'em' | 'autor'> & { base?: string | null; versao_texto?: string | null },
): Promise<void> {
  const { base = null, versao_texto = null } = entry;
  await trx
    .insertInto('consentimentos_voz')
    .values({
      ...entry,
      base: base === null ? null : cleanText(base),
      versao_texto: versao_texto === null ? null : cleanText(versao_texto),
      cliente_id: row.cliente_id,
      funcionario_id: row.id,
    })
    .execute();
}

/** Makes every process read the client's voices anew, once the transaction is committed. */
export async function announceVoices(trx: Transaction<Tables>, clientId: string): Promise<void> {
  await trx
    .updateTable('clientes')
    .set({ vozes_revisao: sql`vozes_revisao + 1` })
    .where('cliente_id', '=', clientId)
    .execute();
  await sql`select pg_notify(${VOICES_CHANNEL}, ${clientId})`.execute(trx);
}

/** The audit is kept for good, and names are erased: the row names nobody. */
export function employeeEntry(action: string, row: Pick<EmployeeRow, 'id' | 'cliente_id'>, by: Author): AuditEntry {
  return { ...by, action, target: `employee:${row.id}`, clientId: row.cliente_id };
}

/** What to throw for a failed write: a name that is taken in words, all else as it is. */
export function nameTaken(error: unknown): unknown {
  if (!isDuplicate(error, 'funcionarios_cliente_id_nome_key')) return error;
  return new BaltoError({
    code: 'BALTO_EMPLOYEE_NAME_TAKEN',
    field: 'name',
    message: 'Já existe um funcionário com este nome neste cliente.',
    statusCode: 409,
  });
}
