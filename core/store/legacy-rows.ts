import { sql, type Transaction } from 'kysely';
import type { VadSettings } from '../audio/settings.ts';
import type { Audit } from './audit.ts';
import { keyColumns, newKey } from './counter-key.ts';
import type { Database } from './database.ts';
import type { Interaction } from './interaction.ts';
import { fromInteraction } from './interactions-table.ts';
import type { Tables } from './tables.ts';
import { toVadConfig } from './vad-config.ts';

/** A client of the original with all that hangs on it but what was said. Texts are cleaned already. */
export interface LegacyClient {
  clientId: string;
  email: string;
  companyName: string;
  phone: string | null;
  counters: LegacyCounter[];
  employees: LegacyEmployee[];
}

export interface LegacyCounter {
  counterId: string;
  name: string;
  /** As the device sends it; null: it had none, and gets one that nobody knows. */
  apiKey: string | null;
  vad: Partial<VadSettings>;
}

export interface LegacyEmployee {
  /** In the original. */
  id: string;
  name: string;
  audioFileName: string | null;
  createdAt: Date | null;
  shifts: LegacyShift[];
}

export interface LegacyShift {
  id: string;
  /** 0 = Monday … 6 = Sunday. */
  weekday: number;
  /** `HH:MM:SS`, both included. */
  from: string;
  to: string;
}

/** Why something of a client cannot be taken, by its table and its key in the original. */
export interface LegacyConflict {
  table: 'users' | 'balcoes';
  id: string;
  why: 'email' | 'client' | 'key';
}

/** What became of a client. */
export interface LegacyAdded {
  /** Null: refused whole, as `conflicts` says. */
  client: 'imported' | 'existing' | null;
  counters: { imported: string[]; existing: string[] };
  /** By their id in the original. */
  employees: { id: string; employeeId: number; isNew: boolean; needsVoice: boolean }[];
  shifts: number;
  conflicts: LegacyConflict[];
}

/** Undoes a transaction whose answer is wanted all the same. */
class Undone extends Error {
  readonly added: LegacyAdded;

  constructor(added: LegacyAdded) {
    super('undone');
    this.added = added;
  }
}

/** Writes what comes from the original. Everything again changes nothing. */
export class LegacyRows {
  readonly #db: Database;
  readonly #audit: Audit;

  constructor(db: Database, audit: Audit) {
    this.#db = db;
    this.#audit = audit;
  }

  /** One client, whole or not at all; `dryRun` writes nothing, and answers what would be. */
  async addClient(client: LegacyClient, { dryRun }: { dryRun: boolean }): Promise<LegacyAdded> {
    try {
      return await this.#db.system(async (trx) => {
        const added = await addClient(trx, client);
        if (dryRun) throw new Undone(added);
        if (added.client === 'imported' || added.counters.imported.length > 0) {
          await this.#audit.appendIn(trx, {
            actor: 'cli',
            action: 'client.import',
            target: `client:${client.clientId}`,
            clientId: client.clientId,
            after: { counters: added.counters.imported.length, employees: added.employees.length },
          });
        }
        return added;
      });
    } catch (error) {
      if (error instanceof Undone) return error.added;
      throw error;
    }
  }

  /** Interactions that are not there yet; at most a hundred at a time. Answers how many were new. */
  addInteractions(rows: readonly Omit<Interaction, 'id'>[], { dryRun }: { dryRun: boolean }): Promise<number> {
    const keys = rows.map(({ idempotencyKey }) => idempotencyKey);
    return this.#db.system(async (trx) => {
      const known = await trx
        .selectFrom('interacoes')
        .select('chave_idempotencia as key')
        .where('chave_idempotencia', 'in', keys)
        .execute();
      const there = new Set(known.map(({ key }) => key));
      const missing = rows.filter(({ idempotencyKey }) => !there.has(idempotencyKey));
      if (missing.length === 0 || dryRun) return missing.length;
      await trx
        .insertInto('interacoes')
        .values(missing.map((row) => withoutId(fromInteraction({ ...row, id: 0 }))))
        .onConflict((conflict) => conflict.column('chave_idempotencia').doNothing())
        .execute();
      return missing.length;
    });
  }
}

/** The table's sequence gives the id. */
function withoutId<T extends { id?: unknown }>({ id: _id, ...row }: T): Omit<T, 'id'> {
  return row;
}

async function addClient(trx: Transaction<Tables>, client: LegacyClient): Promise<LegacyAdded> {
  const added: LegacyAdded = {
    client: null,
    counters: { imported: [], existing: [] },
    employees: [],
    shifts: 0,
    conflicts: [],
  };
  const { clientId, email, companyName, phone } = client;
  const there = await trx
    .selectFrom('clientes')
    .select('cliente_id as id')
    .where((where) =>
      where.or([where('cliente_id', '=', clientId), where(sql`lower(email)`, '=', email.toLowerCase())]),
    )
    .execute();
  if (there.some(({ id }) => id === clientId)) added.client = 'existing';
  else if (there.length > 0) {
    added.conflicts.push({ table: 'users', id: clientId, why: 'email' });
    return added;
  } else {
    await trx
      .insertInto('clientes')
      .values({ cliente_id: clientId, email, razao_social: companyName, telefone: phone })
      .execute();
    added.client = 'imported';
  }
  for (const counter of client.counters) await addCounter(trx, clientId, counter, added);
  for (const employee of client.employees) await addEmployee(trx, clientId, employee, added);
  return added;
}

async function addCounter(
  trx: Transaction<Tables>,
  clientId: string,
  { counterId, name, apiKey, vad }: LegacyCounter,
  added: LegacyAdded,
): Promise<void> {
  const key = keyColumns(apiKey ?? newKey());
  const there = await trx
    .selectFrom('balcoes')
    .select(['balcao_id as id', 'cliente_id as owner'])
    .where((where) => where.or([where('balcao_id', '=', counterId), where('chave_hash', '=', key.chave_hash)]))
    .execute();
  const same = there.find(({ id }) => id === counterId);
  if (same?.owner === clientId) added.counters.existing.push(counterId);
  else if (there.length > 0) {
    added.conflicts.push({ table: 'balcoes', id: counterId, why: same ? 'client' : 'key' });
  } else {
    const preset = { vad_config: JSON.stringify(toVadConfig(vad)) };
    await trx
      .insertInto('balcoes')
      .values({ balcao_id: counterId, cliente_id: clientId, nome_balcao: name, ...key, ...preset })
      .execute();
    added.counters.imported.push(counterId);
  }
}

/** Of two with one name, both are the same person: shifts of both hold. */
async function addEmployee(
  trx: Transaction<Tables>,
  clientId: string,
  { id, name, audioFileName, createdAt, shifts }: LegacyEmployee,
  added: LegacyAdded,
): Promise<void> {
  const there = await sql<{ id: number; needsVoice: boolean }>`
    select id, voz_situacao = 'recadastrar' as "needsVoice" from funcionarios where cliente_id = ${clientId} and nome = ${name}`.execute(
    trx,
  );
  const known = there.rows[0];
  if (known) {
    const isNew = added.employees.some((each) => each.isNew && each.employeeId === known.id);
    if (isNew) added.shifts += await addShifts(trx, clientId, known.id, shifts);
    added.employees.push({ id, employeeId: known.id, isNew: false, needsVoice: known.needsVoice });
    return;
  }
  const { rows } = await sql<{ id: number }>`
    insert into funcionarios (cliente_id, nome, audio_file_name, criado_em, voz_situacao)
    values (${clientId}, ${name}, ${audioFileName}, coalesce(${createdAt}::timestamptz, now()), 'recadastrar')
    returning id`.execute(trx);
  const employeeId = rows[0]?.id ?? 0;
  added.shifts += await addShifts(trx, clientId, employeeId, shifts);
  added.employees.push({ id, employeeId, isNew: true, needsVoice: true });
}

async function addShifts(
  trx: Transaction<Tables>,
  clientId: string,
  employeeId: number,
  shifts: readonly LegacyShift[],
): Promise<number> {
  for (const { weekday, from, to } of shifts) {
    await sql`
      insert into funcionario_turnos (cliente_id, funcionario_id, dia_semana, hora_inicio, hora_fim)
      values (${clientId}, ${employeeId}, ${weekday}, ${from}::time, ${to}::time)`.execute(trx);
  }
  return shifts.length;
}
