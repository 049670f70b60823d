import type { Transaction, Updateable } from 'kysely';
import type { Clock, Log } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import {
  announceVoices,
  type EmployeeRow,
  employeeEntry,
  lockEmployee,
  MOST_EMPLOYEES,
  noteConsent,
  requireRoom,
  VOICES_CHANNEL,
  type VoiceChanges,
} from './employee-rows.ts';
import { type ConsentBasis, erased } from './employees.ts';
import {
  type Employee,
  type EmployeesTable,
  type EnrolledVoice,
  type Shift,
  toEmployee,
  toShift,
  voiceIdentity,
} from './employees-table.ts';
import type { Notifications } from './notifications.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** A voice as it was measured, ready to be kept. */
export interface NewVoice {
  clientId: string;
  /** Whose: by id, or by name, which makes the employee where there is none. */
  of: { id: number } | { name: string };
  vector: Float32Array;
  /** Provider and model that made it. */
  model: string;
  /** Milliseconds of speech it was made from. */
  speechMs: number;
  /** As it was sent; null: none. The audio itself is not kept. */
  fileName: string | null;
  /** What the employee agreed to; null: whoever sent it did not say, and it waits to be confirmed. */
  consent: ConsentBasis | null;
}

/** A client's voices, and when they changed last. */
export interface ClientVoices {
  revision: number;
  voices: EnrolledVoice[];
}

/** The voices of employees: sealed in the database, opened only to be compared, in memory. */
export class Voices {
  readonly #db: Database;
  readonly #secrets: Secrets;
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #changes: VoiceChanges;

  constructor(options: {
    db: Database;
    secrets: Secrets;
    audit: Audit;
    clock: Clock;
    log: Log;
    changes: VoiceChanges;
  }) {
    this.#db = options.db;
    this.#secrets = options.secrets;
    this.#audit = options.audit;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#changes = options.changes;
  }

  /** Keeps a voice in the place of the one there was. Null: nobody of this client has that id. */
  enrol(voice: NewVoice, by: Author): Promise<Employee | null> {
    return this.#write(voice.clientId, by, 'voice.enrol', async (trx) => {
      const row = await this.#rowOf(trx, voice.clientId, voice.of);
      if (!row) return null;
      const { model, vector, consent } = voice;
      const noted = { em: this.#clock.date(), autor: by.actor };
      if (consent) {
        const { basis: base, textVersion: versao_texto } = consent;
        await noteConsent(trx, row, { ...noted, evento: 'confirmado', base, versao_texto });
      } else if (row.consentimento !== 'confirmado') await noteConsent(trx, row, { ...noted, evento: 'a_confirmar' });
      const isConfirmed = consent !== null || row.consentimento === 'confirmado';
      return {
        row,
        set: {
          voz: this.#secrets.seal(bytesOf(vector), voiceIdentity({ ...row, embedding_modelo: model })),
          voz_situacao: 'cadastrada',
          voz_em: noted.em,
          voz_fala_ms: Math.round(voice.speechMs),
          embedding_modelo: model,
          audio_file_name: voice.fileName === null ? null : cleanText(voice.fileName),
          consentimento: isConfirmed ? 'confirmado' : 'a_confirmar',
        },
        after: { model, speechMs: Math.round(voice.speechMs), consent: isConfirmed ? 'confirmado' : 'a_confirmar' },
      };
    });
  }

  /** Says of somebody, who is made where there is none, that the voice must be taken anew: it was of another model. */
  async markForEnrolment(clientId: string, name: string, fileName: string | null, by: Author): Promise<Employee> {
    const marked = await this.#write(clientId, by, 'voice.mark', async (trx) => {
      const row = await this.#rowOf(trx, clientId, { name });
      if (!row) return null;
      // A voice that is there is the better news.
      if (row.voz !== null) return { row, set: {} };
      const audio_file_name = fileName === null ? row.audio_file_name : cleanText(fileName);
      return { row, set: { voz_situacao: 'recadastrar', audio_file_name } };
    });
    return marked as Employee;
  }

  /** Destroys the voice, and says so in the record of consents. Null: there is nobody. */
  erase(clientId: string, id: number, by: Author): Promise<Employee | null> {
    return this.#write(clientId, by, 'voice.erase', async (trx) => {
      const row = await lockEmployee(trx, clientId, id);
      if (!row) return null;
      const em = this.#clock.date();
      if (row.voz !== null) await noteConsent(trx, row, { evento: 'voz_apagada', em, autor: by.actor });
      return { row, set: erased(row) };
    });
  }

  /** Every voice of a client that can be opened, with its shifts. */
  of(clientId: string): Promise<ClientVoices> {
    return this.#db.tenant(clientId, async (trx) => {
      // The number first: what changes while the rest is read is read again.
      const client = trx.selectFrom('clientes').select('vozes_revisao').where('cliente_id', '=', clientId);
      const revision = (await client.executeTakeFirst())?.vozes_revisao ?? 0;
      const query = trx.selectFrom('funcionarios').selectAll().where('voz', 'is not', null);
      const rows = await query.where('apagado_em', 'is', null).orderBy('id').limit(MOST_EMPLOYEES).execute();
      const shifts = await shiftsOf(trx, rows);
      return { revision, voices: rows.flatMap((row) => this.#open(row, shifts.get(row.id) ?? []) ?? []) };
    });
  }

  /** When the voices of these clients changed last. */
  revisions(clientIds: readonly string[]): Promise<Map<string, number>> {
    if (clientIds.length === 0) return Promise.resolve(new Map());
    return this.#db.system(async (trx) => {
      const query = trx.selectFrom('clientes').select(['cliente_id', 'vozes_revisao']);
      const rows = await query.where('cliente_id', 'in', [...clientIds]).execute();
      return new Map(rows.map((row) => [row.cliente_id, row.vozes_revisao]));
    });
  }

  /** Calls back with the client whose voices another process changed; '' when it may have been any. Null: there is no other. */
  listen(onChange: (clientId: string) => void): Notifications | null {
    return this.#db.listen(VOICES_CHANNEL, onChange);
  }

  async #rowOf(trx: Transaction<Tables>, clientId: string, of: NewVoice['of']): Promise<EmployeeRow | null> {
    if ('id' in of) return lockEmployee(trx, clientId, of.id);
    const nome = cleanText(of.name.trim());
    const query = trx
      .selectFrom('funcionarios')
      .selectAll()
      .where('cliente_id', '=', clientId)
      .where('nome', '=', nome);
    const known = await query.forUpdate().executeTakeFirst();
    if (known) return known;
    await requireRoom(trx, clientId);
    await trx
      .insertInto('funcionarios')
      .values({
        cliente_id: clientId,
        nome,
        criado_em: this.#clock.date(),
        ...{ audio_file_name: null, embedding_modelo: null, voz: null, voz_em: null, voz_fala_ms: null },
        apagado_em: null,
      })
      .onConflict((conflict) => conflict.columns(['cliente_id', 'nome']).doNothing())
      .execute();
    return (await query.forUpdate().executeTakeFirst()) ?? null;
  }

  async #write(
    clientId: string,
    by: Author,
    action: string,
    work: (
      trx: Transaction<Tables>,
    ) => Promise<{ row: EmployeeRow; set: Updateable<EmployeesTable>; after?: object } | null>,
  ): Promise<Employee | null> {
    const employee = await this.#db.system(async (trx) => {
      const done = await work(trx);
      if (!done) return null;
      const { row, set, after } = done;
      const changed = await trx
        .updateTable('funcionarios')
        .set({ ...set, revisao: row.revisao + 1 })
        .where('id', '=', row.id)
        .returningAll()
        .executeTakeFirstOrThrow();
      await announceVoices(trx, clientId);
      await this.#audit.appendIn(trx, { ...employeeEntry(action, row, by), ...(after && { after }) });
      return toEmployee(changed);
    });
    if (employee) await this.#db.afterCommit(() => this.#changes.emit('changed', clientId));
    return employee;
  }

  /** Null: it opens with none of the keys at hand; then nobody is compared with it. */
  #open(row: EmployeeRow, shifts: Shift[]): EnrolledVoice | null {
    if (row.voz === null || row.embedding_modelo === null) return null;
    try {
      const vector = vectorOf(this.#secrets.open(row.voz, voiceIdentity(row)));
      return { id: row.id, name: row.nome, model: row.embedding_modelo, vector, consent: row.consentimento, shifts };
    } catch (error) {
      const { code } = error as { code?: unknown };
      this.#log.warn({ employee: row.id, code }, 'a voice cannot be opened: it is not compared');
      return null;
    }
  }
}

async function shiftsOf(trx: Transaction<Tables>, rows: readonly { id: number }[]): Promise<Map<number, Shift[]>> {
  if (rows.length === 0) return new Map();
  const ids = rows.map(({ id }) => id);
  const query = trx.selectFrom('funcionario_turnos').selectAll().where('funcionario_id', 'in', ids);
  const grouped = Map.groupBy(await query.execute(), (row) => row.funcionario_id);
  return new Map([...grouped].map(([id, own]) => [id, own.map(toShift)]));
}

/** Little-endian float32, base64. */
function bytesOf(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}

function vectorOf(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return Float32Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readFloatLE(index * 4));
}
