import { sql, type Transaction } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import type { Tables } from './tables.ts';

/** Whose data, of one client, is handed out or erased. */
export type LgpdScope =
  | { interaction: number }
  | { employee: number }
  | { counter: string }
  /** `from` included, `to` not. */
  | { from: Date; to: Date };

/** Rows taken at once: no query may hold the embedded database. */
export const SCOPE_ROWS = 500;

/** A page of the interactions in scope, in the order of their ids. */
export async function idsIn(
  trx: Transaction<Tables>,
  clientId: string,
  scope: LgpdScope,
  after: number,
): Promise<number[]> {
  const where = conditionOf(scope);
  const { rows } = await sql<{ id: number }>`
    select id from interacoes where cliente_id = ${clientId} and id > ${after} and ${where}
    order by id limit ${SCOPE_ROWS}`.execute(trx);
  return rows.map(({ id }) => id);
}

function conditionOf(scope: LgpdScope) {
  if ('interaction' in scope) return sql`id = ${scope.interaction}`;
  if ('employee' in scope) return sql`funcionario_id = ${scope.employee}`;
  if ('counter' in scope) return sql`balcao_id = ${scope.counter}`;
  return sql`"timestamp" >= ${scope.from} and "timestamp" < ${scope.to}`;
}

/** As it stands in a receipt and in the audit. */
export function scopeShown(scope: LgpdScope): Record<string, unknown> {
  return 'from' in scope ? { from: scope.from.toISOString(), to: scope.to.toISOString() } : { ...scope };
}

/** Reads a scope that came from outside: exactly one of the four. @throws BALTO_LGPD_SCOPE naming the field. */
export function parseScope(given: unknown): LgpdScope {
  const { interaction, employee, counter, from, to } = (given ?? {}) as Record<string, unknown>;
  const named = [interaction, employee, counter, from ?? to].filter((each) => each !== undefined);
  if (named.length !== 1) throw wrongScope('scope', 'diga um alcance só: interação, funcionário, balcão ou período');
  if (interaction !== undefined) return { interaction: idOf('interaction', interaction) };
  if (employee !== undefined) return { employee: idOf('employee', employee) };
  if (counter !== undefined) {
    if (typeof counter === 'string' && counter !== '' && counter.length <= 64) return { counter };
    throw wrongScope('counter', 'o balcão é um texto de até 64 caracteres');
  }
  const period = { from: dateIn('from', from), to: dateIn('to', to) };
  if (period.from < period.to) return period;
  throw wrongScope('to', 'o fim do período vem depois do começo');
}

function idOf(field: string, value: unknown): number {
  const id = Number(value);
  if (Number.isInteger(id) && id > 0 && id < 2 ** 31) return id;
  throw wrongScope(field, 'espera-se um número inteiro maior que zero');
}

function dateIn(field: string, value: unknown): Date {
  const date = value instanceof Date ? value : new Date(typeof value === 'string' ? value : Number.NaN);
  if (!Number.isNaN(date.getTime())) return date;
  throw wrongScope(field, 'espera-se uma data ISO 8601');
}

function wrongScope(field: string, what: string): BaltoError {
  return new BaltoError({ code: 'BALTO_LGPD_SCOPE', field, message: `${field}: ${what}.`, statusCode: 400 });
}
