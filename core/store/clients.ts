import { randomInt, randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { VadSettings } from '../audio/settings.ts';
import { BaltoError, type Clock } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import type { AuditEntry } from './audit-table.ts';
import { type Client, toClient } from './clients-table.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import { isDuplicate } from './database-errors.ts';
import { type Page, readCursor, toPage } from './page.ts';
import { type Changed, checkRevision, type Expected } from './revision.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';
import { cleanText, escapeLike } from './text.ts';
import { toVadConfig } from './vad-config.ts';

/** A code that opened, and when it was made: counters of its first 30 minutes work at once. */
export interface CodeOwner {
  client: Client;
  codeCreatedAt: Date;
}

/** What an administrator may change; absent stays as it is. */
export interface ClientChanges {
  email?: string | undefined;
  companyName?: string | undefined;
  phone?: string | null | undefined;
  /** Replaced whole. */
  vad?: Partial<VadSettings> | undefined;
}

/** How long a code lives unless the caller says otherwise: CODIGO_TTL_HORAS. */
const DEFAULT_TTL_HOURS = 24;
const ATTEMPTS = 20;

/** Clients, and the 6-digit codes with which they register counters. */
export class Clients {
  readonly #db: Database;
  readonly #secrets: Secrets;
  readonly #clock: Clock;
  readonly #audit: Audit;

  constructor(db: Database, secrets: Secrets, clock: Clock, audit: Audit) {
    this.#db = db;
    this.#secrets = secrets;
    this.#audit = audit;
    this.#clock = clock;
  }

  /**
   * Registers a client and makes its first code; the code is shown now and never again. `by`: for the audit.
   * @throws BaltoError `BALTO_CLIENT_EMAIL_TAKEN` (409), field `email`.
   */
  async create(
    input: { email: string; companyName: string; phone?: string | undefined },
    ttlHours = DEFAULT_TTL_HOURS,
    by?: Author,
  ): Promise<{ client: Client; code: string }> {
    try {
      return await this.#db.system(async (trx) => {
        const row = await trx
          .insertInto('clientes')
          .values({
            cliente_id: randomUUID(),
            email: cleanText(input.email.trim()),
            razao_social: cleanText(input.companyName.trim()),
            telefone: input.phone === undefined ? null : cleanText(input.phone),
            criado_em: this.#clock.date(),
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        const code = await this.#putCode(trx, row.cliente_id, ttlHours);
        const client = toClient(row);
        if (by) await this.#audit.appendIn(trx, { ...entryOf('client.create', client, by), after: audited(client) });
        return { client, code };
      });
    } catch (error) {
      throw emailTaken(error);
    }
  }

  /** Makes a new code; the one before stops working. Null: no such client. `by`: for the audit. */
  createCode(clientId: string, ttlHours = DEFAULT_TTL_HOURS, by?: Author): Promise<string | null> {
    return this.#db.system(async (trx) => {
      const row = await trx
        .selectFrom('clientes')
        .select('cliente_id')
        .where('cliente_id', '=', cleanText(clientId))
        .executeTakeFirst();
      if (!row) return null;
      if (by) await this.#audit.appendIn(trx, entryOf('client.code', { clientId: row.cliente_id }, by));
      return await this.#putCode(trx, row.cliente_id, ttlHours);
    });
  }

  /** The client whose code this is, while it is valid. A wrong and an expired code cost and answer the same: null. */
  byCode(code: string): Promise<CodeOwner | null> {
    const fingerprints = this.#secrets.fingerprints('client code', code);
    return this.#db.system(async (trx) => {
      const row = await trx
        .selectFrom('clientes')
        .selectAll()
        .where('codigo_hash', 'in', fingerprints)
        .where('codigo_expira_em', '>', this.#clock.date())
        .executeTakeFirst();
      return row?.codigo_criado_em ? { client: toClient(row), codeCreatedAt: row.codigo_criado_em } : null;
    });
  }

  byEmail(email: string): Promise<Client | null> {
    return this.#db.system(async (trx) => {
      const row = await trx
        .selectFrom('clientes')
        .selectAll()
        .where(sql`lower(email)`, '=', cleanText(email.trim()).toLowerCase())
        .executeTakeFirst();
      return row ? toClient(row) : null;
    });
  }

  byId(clientId: string): Promise<Client | null> {
    return this.#db.system(async (trx) => {
      const row = await trx
        .selectFrom('clientes')
        .selectAll()
        .where('cliente_id', '=', cleanText(clientId))
        .executeTakeFirst();
      return row ? toClient(row) : null;
    });
  }

  /** Every client, by name. */
  list(): Promise<Client[]> {
    return this.#db.system(async (trx) =>
      (await trx.selectFrom('clientes').selectAll().orderBy('razao_social').orderBy('cliente_id').execute()).map(
        toClient,
      ),
    );
  }

  /** A part of the clients, by name. `text`: part of the name or of the e-mail, in any case; `clientIds` null: any. */
  page(
    filter: { text?: string | undefined; clientIds: string[] | null },
    limit: number,
    cursor?: string,
  ): Promise<Page<Client>> {
    const after = readCursor(cursor, ['text', 'text']);
    return this.#db.system(async (trx) => {
      let query = trx.selectFrom('clientes').selectAll();
      if (filter.clientIds) query = query.where('cliente_id', 'in', filter.clientIds);
      if (filter.text !== undefined) {
        const part = `%${escapeLike(filter.text)}%`;
        query = query.where((where) => where.or([where('razao_social', 'ilike', part), where('email', 'ilike', part)]));
      }
      if (after)
        query = query.where((where) => where(where.refTuple('razao_social', 'cliente_id'), '>', where.tuple(...after)));
      const rows = await query
        .orderBy('razao_social')
        .orderBy('cliente_id')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toClient, (row) => [row.razao_social, row.cliente_id]);
    });
  }

  /**
   * Changes what is given. Null: no such client.
   * @throws BaltoError `BALTO_HTTP_STALE` (412) when its revision is another; `BALTO_CLIENT_EMAIL_TAKEN` (409).
   */
  async update(
    clientId: string,
    changes: ClientChanges,
    by: Author,
    expected: Expected = '*',
  ): Promise<Changed<Client> | null> {
    const { email, companyName, phone, vad } = changes;
    const columns = {
      ...(email !== undefined && { email: cleanText(email.trim()) }),
      ...(companyName !== undefined && { razao_social: cleanText(companyName.trim()) }),
      ...(phone !== undefined && { telefone: phone === null ? null : cleanText(phone) }),
      ...(vad !== undefined && { vad_config: JSON.stringify(toVadConfig(vad)) }),
    };
    try {
      return await this.#db.system(async (trx) => {
        const before = await trx
          .selectFrom('clientes')
          .selectAll()
          .where('cliente_id', '=', cleanText(clientId))
          .forUpdate()
          .executeTakeFirst();
        if (!before) return null;
        checkRevision(expected, before.revisao);
        const after = await trx
          .updateTable('clientes')
          .set({ ...columns, revisao: before.revisao + 1 })
          .where('cliente_id', '=', before.cliente_id)
          .returningAll()
          .executeTakeFirstOrThrow();
        const changed = { before: toClient(before), after: toClient(after) };
        const told = { before: audited(changed.before), after: audited(changed.after) };
        await this.#audit.appendIn(trx, { ...entryOf('client.update', changed.after, by), ...told });
        return changed;
      });
    } catch (error) {
      throw emailTaken(error);
    }
  }

  /** Draws until the code belongs to nobody else; codes that have expired make room first. */
  async #putCode(trx: Transaction<Tables>, clientId: string, ttlHours: number): Promise<string> {
    const now = this.#clock.date();
    await trx.updateTable('clientes').set({ codigo_hash: null }).where('codigo_expira_em', '<=', now).execute();
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      const fingerprint = this.#secrets.fingerprint('client code', code);
      const taken = await trx
        .selectFrom('clientes')
        .select('cliente_id')
        .where('codigo_hash', '=', fingerprint)
        .executeTakeFirst();
      if (taken) continue;
      await trx
        .updateTable('clientes')
        .set({
          codigo_hash: fingerprint,
          codigo_criado_em: now,
          codigo_expira_em: new Date(now.getTime() + ttlHours * 3_600_000),
        })
        .where('cliente_id', '=', clientId)
        .execute();
      return code;
    }
    throw new BaltoError({
      code: 'BALTO_CLIENT_NO_CODE',
      message: 'Não há código livre agora; tente de novo em instantes.',
      statusCode: 503,
    });
  }
}

/** What to throw for a failed write: a duplicate e-mail in words, all else as it is. */
function emailTaken(error: unknown): unknown {
  if (!isDuplicate(error, 'clientes_email')) return error;
  return new BaltoError({
    code: 'BALTO_CLIENT_EMAIL_TAKEN',
    field: 'email',
    message: 'Já existe um cliente com este e-mail.',
    statusCode: 409,
  });
}

function entryOf(action: string, { clientId }: Pick<Client, 'clientId'>, by: Author): AuditEntry {
  return { ...by, action, target: `client:${clientId}`, clientId };
}

/** The audit is kept for good: enough to see what changed, without whole addresses and telephones of people. */
function audited({ companyName, email, phone, vad }: Client) {
  return {
    companyName,
    email: email.replace(/^(.).*(@.*)$/su, '$1***$2'),
    phone: phone && `***${phone.slice(-2)}`,
    vad,
  };
}
