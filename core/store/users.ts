import { randomUUID } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import { BaltoError, type Clock } from '../contracts/index.ts';
import { endSessions } from './admin.ts';
import type { AdminUsersTable } from './admin-table.ts';
import type { Audit } from './audit.ts';
import type { Database } from './database.ts';
import { isDuplicate } from './database-errors.ts';
import { type Invite, putInvite } from './invites.ts';
import { type Page, readCursor, toPage } from './page.ts';
import { checkPassword } from './password-rules.ts';
import type { Expected } from './revision.ts';
import { lockRoles, putRole, removeRole, rolesOf } from './roles.ts';
import type { RoleGrant } from './roles-table.ts';
import { hashPassword } from './secrets.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';
import {
  type By,
  changeUser,
  type UserWithRoles,
  unknownUser,
  userRow,
  withRoles,
  writeUserAudit,
} from './user-rows.ts';

/** Who is given an account. */
export interface NewUser {
  email: string;
  name: string;
  grant: RoleGrant;
  /** Absent: an invitation sets it. */
  password?: string | undefined;
}

/** People of one client; more are not expected to administer one. */
const MOST_MEMBERS = 5000;

/** Who administers, and in which clients as what. Each change and its audit row are one transaction. */
export class Users {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  byId(userId: string): Promise<UserWithRoles | null> {
    return this.#db.system(async (trx) => {
      const row = await userRow(trx, userId);
      return row ? await withRoles(trx, row) : null;
    });
  }

  /** By id. `clientId`: who has a role in that client; null: everybody. @throws BALTO_CURSOR_INVALID */
  async page(limit: number, cursor: string | undefined, clientId: string | null): Promise<Page<UserWithRoles>> {
    const [after] = readCursor(cursor, ['text']) ?? [];
    const members = clientId === null ? null : await this.#members(clientId);
    const users = await this.#db.system(async (trx) => {
      let query = trx
        .selectFrom('admin_users')
        .selectAll()
        .orderBy('id')
        .limit(limit + 1);
      if (after !== undefined) query = query.where('id', '>', after);
      if (members) query = query.where('id', 'in', members.length > 0 ? members : ['']);
      const found: UserWithRoles[] = [];
      for (const row of await query.execute()) found.push(await withRoles(trx, row));
      return found;
    });
    return toPage(
      users,
      limit,
      (user) => user,
      ({ id }) => [id],
    );
  }

  /**
   * Gives somebody an account and a role, with this password or with an invitation to set one. Who has an account gets
   * the role, when `manages` says that the caller may change that account: else an invitation of one client, kept by
   * whoever made it, would open what another client gives to the same e-mail later.
   * @throws BALTO_PASSWORD_WEAK, BALTO_CLIENT_UNKNOWN (404), BALTO_USERS_EMAIL_TAKEN (409).
   */
  async invite(
    input: NewUser,
    by: By,
    manages: (roles: RoleGrant[]) => boolean,
  ): Promise<{ user: UserWithRoles; invite: Invite | null }> {
    const email = plainEmail(input.email);
    const name = cleanText(input.name.trim());
    if (input.password !== undefined) checkPassword(input.password, { email, name });
    const hash = input.password === undefined ? null : await hashPassword(input.password);
    const { clientId, role } = input.grant;
    return await this.#unlessTaken(async (trx) => {
      await lockRoles(trx);
      const known = await trx.selectFrom('admin_users').selectAll().where('email', '=', email).executeTakeFirst();
      const roles = known ? await rolesOf(trx, known.id) : [];
      const isThere = roles.some((grant) => grant.clientId === clientId);
      if (known && (isThere || hash !== null || !manages(roles))) throw taken();
      const row = known ?? (await this.#create(trx, { email, name, hash }));
      const now = this.#clock.date();
      await putRole(trx, row.id, input.grant, { actor: by.actor, at: now });
      const invite = known || hash !== null ? null : await putInvite(trx, row.id, by.actor, now);
      const change = { action: 'user.invite', userId: row.id, clientId, after: { email: hidden(email), role } };
      await writeUserAudit(this.#audit, trx, by, change);
      return { user: await withRoles(trx, row), invite };
    });
  }

  /** Name and e-mail. @throws as `changeUser`, BALTO_USERS_EMAIL_TAKEN (409) */
  update(
    userId: string,
    expected: Expected,
    changes: { name?: string | undefined; email?: string | undefined },
    by: By,
  ): Promise<UserWithRoles> {
    const name = changes.name === undefined ? {} : { name: cleanText(changes.name.trim()) };
    const email = changes.email === undefined ? {} : { email: plainEmail(changes.email) };
    return this.#takenOr(
      changeUser(this.#db, userId, expected, async (trx, row) => {
        if (Object.keys({ ...name, ...email }).length === 0) return;
        await trx
          .updateTable('admin_users')
          .set({ ...name, ...email })
          .where('id', '=', row.id)
          .execute();
        const shown = {
          before: { name: row.name, email: hidden(row.email) },
          after: { ...name, ...(email.email !== undefined && { email: hidden(email.email) }) },
        };
        await writeUserAudit(this.#audit, trx, by, { action: 'user.update', userId: row.id, ...shown });
      }),
    );
  }

  /** @throws as `changeUser`, BALTO_CLIENT_UNKNOWN (404) */
  setRole(userId: string, expected: Expected, grant: RoleGrant, by: By): Promise<UserWithRoles> {
    const { clientId, role } = grant;
    return changeUser(this.#db, userId, expected, async (trx, row) => {
      const before = (await rolesOf(trx, row.id)).find((each) => each.clientId === clientId);
      await putRole(trx, row.id, grant, { actor: by.actor, at: this.#clock.date() });
      const shown = { before: { role: before?.role ?? null }, after: { role } };
      await writeUserAudit(this.#audit, trx, by, { action: 'user.role', userId: row.id, clientId, ...shown });
    });
  }

  /** @throws as `changeUser`; BALTO_USERS_UNKNOWN also when there is no such role */
  removeRole(userId: string, expected: Expected, clientId: string | null, by: By): Promise<UserWithRoles> {
    return changeUser(this.#db, userId, expected, async (trx, row) => {
      const before = (await rolesOf(trx, row.id)).find((each) => each.clientId === clientId);
      if (!before || !(await removeRole(trx, row.id, clientId))) throw unknownUser();
      const shown = { before: { role: before.role }, after: { role: null } };
      await writeUserAudit(this.#audit, trx, by, { action: 'user.role', userId: row.id, clientId, ...shown });
    });
  }

  /** Ends the sessions too; tokens of a disabled user open nothing. @throws as `changeUser` */
  setDisabled(userId: string, expected: Expected, disabled: boolean, by: By): Promise<UserWithRoles> {
    return changeUser(this.#db, userId, expected, async (trx, row) => {
      const disabled_at = disabled ? (row.disabled_at ?? this.#clock.date()) : null;
      await trx.updateTable('admin_users').set({ disabled_at }).where('id', '=', row.id).execute();
      if (disabled) await endSessions(trx, row.id);
      const action = disabled ? 'user.disable' : 'user.enable';
      await writeUserAudit(this.#audit, trx, by, { action, userId: row.id });
    });
  }

  #members(clientId: string): Promise<string[]> {
    return this.#db.tenant(clientId, async (trx) => {
      const rows = await trx.selectFrom('admin_roles').select('user_id').limit(MOST_MEMBERS).execute();
      return rows.map(({ user_id }) => user_id);
    });
  }

  async #create(
    trx: Transaction<Tables>,
    { email, name, hash }: { email: string; name: string; hash: string | null },
  ): Promise<Selectable<AdminUsersTable>> {
    const values = { id: randomUUID(), email, name, password_hash: hash, bootstrap_hash: null, disabled_at: null };
    return await trx
      .insertInto('admin_users')
      .values({ ...values, created_at: this.#clock.date() })
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  #unlessTaken<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#takenOr(this.#db.system(work));
  }

  async #takenOr<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } catch (error) {
      throw isDuplicate(error, 'admin_users_email') ? taken() : error;
    }
  }
}

function plainEmail(email: string): string {
  return cleanText(email.trim()).toLowerCase();
}

/** The audit is kept for good: enough to recognise, not the whole address. */
function hidden(email: string | null): string | null {
  return email?.replace(/^(.).*(@.*)$/su, '$1***$2') ?? null;
}

function taken(): BaltoError {
  return new BaltoError({
    code: 'BALTO_USERS_EMAIL_TAKEN',
    field: 'email',
    message: 'Este e-mail já tem conta; mude o papel dela, ou peça a quem cuida da plataforma.',
    statusCode: 409,
  });
}
