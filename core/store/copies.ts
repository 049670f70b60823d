import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { sql, type Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import type { Author } from './config-versions.ts';
import { type Copy, toCopy } from './copies-table.ts';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

/** Whoever makes a copy gives a sign of life this often, and is taken for dead when it was silent so long. */
export const COPY_BEAT_MS = 10_000;
const DEAD_S = 60;
/** Most copies that are remembered, those by `balto backup` and those that failed included. */
const REMEMBERED = 100;
/** The alert that the newest copy is too old. */
const OLD = { clientId: null, kind: 'backup.old', subject: 'backups' };
const DAY_MS = 86_400_000;

/** Which copies of the database were made, by whom, and where they lie. */
export class Copies {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #alerts: Alerts;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, alerts: Alerts, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#alerts = alerts;
    this.#clock = clock;
  }

  /** Takes the one place there is for a copy in the making; null: somebody, in whichever process, has it. */
  begin(file: (id: string, at: Date) => string, by: Author): Promise<Copy | null> {
    const id = randomUUID();
    const at = this.#clock.date();
    return this.#db.system(async (trx) => {
      await this.#bury(trx);
      const row = await trx
        .insertInto('copias')
        .values({ ...this.#row(id, at, by.actor), tipo: 'painel', estado: 'fazendo', arquivo: file(id, at) })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      if (!row) return null;
      await this.#audit.appendIn(trx, { ...by, action: 'backup.start', target: `backup:${id}` });
      return toCopy(row);
    });
  }

  /** Whoever makes it is alive. @returns false: it is nobody's to make any more. */
  async beat(id: string): Promise<boolean> {
    const beaten = await this.#db.system((trx) =>
      trx
        .updateTable('copias')
        .set({ batimento_em: sql<Date>`now()` })
        .where('id', '=', id)
        .where('estado', '=', 'fazendo')
        .executeTakeFirst(),
    );
    return beaten.numUpdatedRows > 0n;
  }

  /** @returns false: it was taken for dead meanwhile, and counts as failed. */
  finish(id: string, made: { bytes: number; rows: number }): Promise<boolean> {
    return this.#db.system(async (trx) => {
      const done = await trx
        .updateTable('copias')
        .set({ estado: 'pronta', terminada_em: this.#clock.date(), bytes: made.bytes, linhas: made.rows })
        .where('id', '=', id)
        .where('estado', '=', 'fazendo')
        .executeTakeFirst();
      if (done.numUpdatedRows === 0n) return false;
      await this.#fresh(trx);
      return true;
    });
  }

  async fail(id: string, code: string): Promise<void> {
    await this.#db.system((trx) =>
      trx
        .updateTable('copias')
        .set({ estado: 'falhou', terminada_em: this.#clock.date(), erro: code.slice(0, 80), arquivo: null })
        .where('id', '=', id)
        .execute(),
    );
  }

  /** Notes a copy that `balto backup` has written, wherever that was. */
  note(made: { bytes: number; rows: number }): Promise<void> {
    const at = this.#clock.date();
    const id = randomUUID();
    return this.#db.system(async (trx) => {
      const done = { estado: 'pronta' as const, terminada_em: at, bytes: made.bytes, linhas: made.rows };
      await trx
        .insertInto('copias')
        .values({ ...this.#row(id, at, 'cli'), tipo: 'comando', ...done })
        .execute();
      await this.#fresh(trx);
      await this.#audit.appendIn(trx, { actor: 'cli', action: 'backup.make', target: `backup:${id}` });
    });
  }

  /** Newest first. */
  list(): Promise<Copy[]> {
    return this.#db.system(async (trx) => {
      await this.#bury(trx);
      const rows = await trx
        .selectFrom('copias')
        .selectAll()
        .orderBy('iniciada_em', 'desc')
        .limit(REMEMBERED)
        .execute();
      return rows.map(toCopy);
    });
  }

  byId(id: string): Promise<Copy | null> {
    return this.#db.system(async (trx) => {
      const row = await trx.selectFrom('copias').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toCopy(row) : null;
    });
  }

  /** Finished copies whose files lie on this machine, beyond the newest `keep`; oldest last. */
  surplus(keep: number): Promise<Copy[]> {
    return this.#db.system(async (trx) => {
      const rows = await trx
        .selectFrom('copias')
        .selectAll()
        .where('maquina', '=', hostname())
        .where('tipo', '=', 'painel')
        .where('estado', '=', 'pronta')
        .orderBy('terminada_em', 'desc')
        .offset(keep)
        .limit(1000)
        .execute();
      return rows.map(toCopy);
    });
  }

  /** Forgets one whose file is gone. */
  remove(id: string, by: Author, action: 'backup.expire' | 'backup.remove'): Promise<void> {
    return this.#db.system(async (trx) => {
      await trx.deleteFrom('copias').where('id', '=', id).execute();
      await this.#audit.appendIn(trx, { ...by, action, target: `backup:${id}` });
    });
  }

  /** When the newest copy was finished; where there is none, since when this database is there. */
  age(): Promise<{ copiedAt: Date | null; installedAt: Date }> {
    return this.#db.system(async (trx) => {
      const newest = await trx
        .selectFrom('copias')
        .select(({ fn }) => fn.max('terminada_em').as('at'))
        .where('estado', '=', 'pronta')
        .executeTakeFirst();
      const first = await sql<{ at: string | null }>`select min("timestamp") as at from kysely_migration`.execute(trx);
      const installed = first.rows[0]?.at;
      return { copiedAt: newest?.at ?? null, installedAt: installed ? new Date(installed) : this.#clock.date() };
    });
  }

  /** Raises the alert when the newest copy is older than so many days: once, and again after as many. */
  async watch(maxAgeDays: number): Promise<boolean> {
    if (maxAgeDays === 0) return false;
    const { copiedAt, installedAt } = await this.age();
    const limit = new Date(this.#clock.date().getTime() - maxAgeDays * DAY_MS);
    const since = copiedAt ?? installedAt;
    if (since >= limit) return false;
    return await this.#db.system(async (trx) => {
      const told = await trx
        .selectFrom('alertas')
        .select('id')
        .where('tipo', '=', OLD.kind)
        .where('criado_em', '>=', since > limit ? since : limit)
        .limit(1)
        .executeTakeFirst();
      if (told) return false;
      await this.#alerts.raiseIn(trx, OLD);
      return true;
    });
  }

  /** A copy is there: nobody needs to be told that it is missing; and what is long past is forgotten. */
  async #fresh(trx: Transaction<Tables>): Promise<void> {
    await trx
      .updateTable('alertas')
      .set({ reconhecido_em: this.#clock.date(), reconhecido_por: 'system' })
      .where('tipo', '=', OLD.kind)
      .where('reconhecido_em', 'is', null)
      .execute();
    await trx
      .deleteFrom('copias')
      .where('arquivo', 'is', null)
      .where('estado', '<>', 'fazendo')
      .where('id', 'in', (past) =>
        past.selectFrom('copias').select('id').orderBy('iniciada_em', 'desc').offset(REMEMBERED).limit(1000),
      )
      .execute();
  }

  /** What a process began that died meanwhile has failed. */
  async #bury(trx: Transaction<Tables>): Promise<void> {
    await trx
      .updateTable('copias')
      .set({ estado: 'falhou', terminada_em: this.#clock.date(), erro: 'interrompida', arquivo: null })
      .where('estado', '=', 'fazendo')
      .where('batimento_em', '<', sql<Date>`now() - make_interval(secs => ${DEAD_S})`)
      .execute();
  }

  #row(id: string, at: Date, by: string) {
    return {
      id,
      por: by,
      iniciada_em: at,
      terminada_em: null,
      batimento_em: sql<Date>`now()`,
      maquina: hostname(),
      arquivo: null,
      bytes: null,
      linhas: null,
      erro: null,
    };
  }
}
