import { sql, type Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import {
  announceVoices,
  type EmployeeRow,
  employeeEntry,
  lockEmployee,
  nameTaken,
  noteConsent,
  requireRoom,
  type VoiceChanges,
} from './employee-rows.ts';
import { type Employee, type Shift, toConsent, toEmployee, toShift, type VoiceConsent } from './employees-table.ts';
import { type Page, readCursor, toPage } from './page.ts';
import { checkRevision, type Expected } from './revision.ts';
import type { Tables } from './tables.ts';
import { cleanText, escapeLike } from './text.ts';

/** What an employee says to the use of his voice. */
export type ConsentGiven = { granted: true; basis: string; textVersion: string } | { granted: false };

/** The basis of a consent under art. 11 of the LGPD; the text is what the employee was shown. */
export type ConsentBasis = Extract<ConsentGiven, { granted: true }>;

/** Who works at a client's counters, and when. Voices are kept by `Voices`. */
export class Employees {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #changes: VoiceChanges;

  constructor(db: Database, audit: Audit, clock: Clock, changes: VoiceChanges) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
    this.#changes = changes;
  }

  /** Those who work there, by name. `text`: part of the name, in any case. */
  page(clientId: string, text: string | undefined, limit: number, cursor?: string): Promise<Page<Employee>> {
    const after = readCursor(cursor, ['text', 'number']);
    return this.#db.tenant(cleanText(clientId), async (trx) => {
      let query = trx.selectFrom('funcionarios').selectAll().where('apagado_em', 'is', null);
      if (text !== undefined) query = query.where('nome', 'ilike', `%${escapeLike(text)}%`);
      if (after) query = query.where((where) => where(where.refTuple('nome', 'id'), '>', where.tuple(...after)));
      const rows = await query
        .orderBy('nome')
        .orderBy('id')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toEmployee, (row) => [row.nome, row.id]);
    });
  }

  /** Null: nobody of this client has the id. */
  byId(clientId: string, id: number): Promise<Employee | null> {
    return this.#db.tenant(cleanText(clientId), async (trx) => {
      const query = trx.selectFrom('funcionarios').selectAll().where('id', '=', id).where('apagado_em', 'is', null);
      const row = await query.executeTakeFirst();
      return row ? toEmployee(row) : null;
    });
  }

  /** @throws BaltoError `BALTO_EMPLOYEE_NAME_TAKEN` (409), field `name`. */
  async create(clientId: string, name: string, by: Author): Promise<Employee> {
    try {
      return await this.#write(
        clientId,
        async (trx) => {
          await requireRoom(trx, clientId);
          const values = { cliente_id: clientId, nome: cleanText(name.trim()), criado_em: this.#clock.date() };
          const row = await trx
            .insertInto('funcionarios')
            .values({ ...values, ...NO_VOICE })
            .returningAll()
            .executeTakeFirstOrThrow();
          return { row, action: 'employee.create' };
        },
        by,
      );
    } catch (error) {
      throw nameTaken(error);
    }
  }

  /** Null: there is nobody. @throws `BALTO_EMPLOYEE_NAME_TAKEN` (409), `BALTO_HTTP_STALE` (412). */
  async rename(clientId: string, id: number, name: string, by: Author, expected: Expected = '*') {
    try {
      return await this.#change(clientId, id, 'employee.rename', { nome: cleanText(name.trim()) }, by, expected);
    } catch (error) {
      throw nameTaken(error);
    }
  }

  /**
   * Somebody leaves: name and voice are erased at once, shifts go; what was said stays attributed to nobody in
   * particular, and the record of consents says when. Null: there is nobody.
   */
  async remove(clientId: string, id: number, by: Author, expected: Expected = '*'): Promise<Employee | null> {
    return await this.#locked(clientId, id, by, expected, async (trx, row) => {
      const now = this.#clock.date();
      await trx.deleteFrom('funcionario_turnos').where('funcionario_id', '=', id).execute();
      if (row.voz !== null) await noteConsent(trx, row, { evento: 'voz_apagada', em: now, autor: by.actor });
      const gone = { nome: `Funcionário apagado #${id}`, audio_file_name: null, apagado_em: now };
      return { action: 'employee.remove', set: { ...gone, ...erased(row) } };
    });
  }

  /**
   * Notes what somebody says to the use of his voice. Taken back, the voice is erased at once. Null: there is nobody.
   */
  consent(clientId: string, id: number, given: ConsentGiven, by: Author): Promise<Employee | null> {
    return this.#locked(clientId, id, by, '*', async (trx, row) => {
      const noted = { em: this.#clock.date(), autor: by.actor };
      if (given.granted) {
        const { basis: base, textVersion: versao_texto } = given;
        await noteConsent(trx, row, { ...noted, evento: 'confirmado', base, versao_texto });
        return { action: 'voice.consent', set: { consentimento: 'confirmado' as const } };
      }
      await noteConsent(trx, row, { ...noted, evento: 'retirado' });
      if (row.voz !== null) await noteConsent(trx, row, { ...noted, evento: 'voz_apagada' });
      return { action: 'voice.consent-withdrawn', set: { ...erased(row), consentimento: 'retirado' as const } };
    });
  }

  /** The record of consents, oldest first; null: there is nobody. */
  consents(clientId: string, id: number): Promise<VoiceConsent[] | null> {
    return this.#db.tenant(cleanText(clientId), async (trx) => {
      const found = await trx.selectFrom('funcionarios').select('id').where('id', '=', id).executeTakeFirst();
      if (!found) return null;
      const query = trx.selectFrom('consentimentos_voz').selectAll().where('funcionario_id', '=', id).orderBy('id');
      return (await query.limit(MOST_CONSENTS).execute()).map(toConsent);
    });
  }

  /** Null: there is nobody. Empty: always on shift. */
  shifts(clientId: string, id: number): Promise<Shift[] | null> {
    return this.#db.tenant(cleanText(clientId), async (trx) => {
      const person = trx.selectFrom('funcionarios').select('id').where('id', '=', id).where('apagado_em', 'is', null);
      if (!(await person.executeTakeFirst())) return null;
      const query = trx.selectFrom('funcionario_turnos').selectAll().where('funcionario_id', '=', id);
      return (await query.orderBy('dia_semana').orderBy('hora_inicio').execute()).map(toShift);
    });
  }

  /** All shifts of somebody, in the place of those there were. Null: there is nobody. */
  replaceShifts(clientId: string, id: number, shifts: readonly Shift[], by: Author): Promise<Employee | null> {
    return this.#locked(clientId, id, by, '*', async (trx, row) => {
      await trx.deleteFrom('funcionario_turnos').where('funcionario_id', '=', id).execute();
      const rows = shifts.map(({ weekday, startMinute, endMinute }) => ({
        cliente_id: row.cliente_id,
        funcionario_id: id,
        dia_semana: weekday,
        hora_inicio: timeOf(startMinute),
        hora_fim: timeOf(endMinute),
      }));
      if (rows.length > 0) await trx.insertInto('funcionario_turnos').values(rows).execute();
      return { action: 'shift.replace', set: {}, after: { shifts } };
    });
  }

  #change(
    clientId: string,
    id: number,
    action: string,
    set: Changes,
    by: Author,
    expected: Expected,
  ): Promise<Employee | null> {
    return this.#locked(clientId, id, by, expected, async () => ({ action, set }));
  }

  async #locked(
    clientId: string,
    id: number,
    by: Author,
    expected: Expected,
    work: (trx: Transaction<Tables>, row: EmployeeRow) => Promise<{ action: string; set: Changes; after?: object }>,
  ): Promise<Employee | null> {
    return await this.#write(
      clientId,
      async (trx) => {
        const row = await lockEmployee(trx, clientId, id);
        if (!row) return null;
        checkRevision(expected, row.revisao);
        const { action, set, after } = await work(trx, row);
        const changed = await trx
          .updateTable('funcionarios')
          .set({ ...set, revisao: row.revisao + 1 })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        return { row: changed, action, after };
      },
      by,
    );
  }

  /** One transaction: the change, the announcement, the audit's row. */
  async #write<T extends Done | null>(
    clientId: string,
    work: (trx: Transaction<Tables>) => Promise<T>,
    by: Author,
  ): Promise<Written<T>> {
    const employee = await this.#db.system(async (trx) => {
      const done = await work(trx);
      if (!done) return null;
      const { row, action, after } = done;
      await announceVoices(trx, row.cliente_id);
      await this.#audit.appendIn(trx, { ...employeeEntry(action, row, by), ...(after && { after }) });
      return toEmployee(row);
    });
    if (employee) await this.#db.afterCommit(() => this.#changes.emit('changed', clientId));
    return employee as Written<T>;
  }
}

/** What one transaction did to a row. */
interface Done {
  row: EmployeeRow;
  action: string;
  after?: object | undefined;
}

type Written<T> = T extends null ? null : Employee;

type Changes = Partial<Omit<EmployeeRow, 'id' | 'cliente_id' | 'user_id' | 'revisao'>>;

const MOST_CONSENTS = 500;
const NO_VOICE = {
  audio_file_name: null,
  embedding_modelo: null,
  voz: null,
  voz_em: null,
  voz_fala_ms: null,
  apagado_em: null,
} as const;

/** The columns of a voice that is destroyed; of one that never was, nothing changes. */
export function erased(row: Pick<EmployeeRow, 'voz' | 'voz_situacao'>) {
  if (row.voz === null && row.voz_situacao !== 'recadastrar') return {};
  return {
    voz: null,
    voz_em: null,
    voz_fala_ms: null,
    embedding_modelo: null,
    audio_file_name: null,
    voz_situacao: 'apagada' as const,
  };
}

function timeOf(minute: number) {
  return sql<string>`make_time(${Math.floor(minute / 60)}::int, ${minute % 60}::int, 0)`;
}
