import { randomBytes, randomUUID } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import { BaltoError, type Clock } from '../contracts/index.ts';
import { endSessions } from './admin.ts';
import { type AdminUser, type AdminUsersTable, toAdminUser } from './admin-table.ts';
import type { Audit } from './audit.ts';
import type { Database } from './database.ts';
import { isDuplicate } from './database-errors.ts';
import { checkPassword } from './password-rules.ts';
import { lockRoles, putRole, removeRole, requirePlatformOwner, rolesOf } from './roles.ts';
import type { RoleGrant } from './roles-table.ts';
import { hashPassword, sha256, verifyPassword } from './secrets.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** Who makes a change, from where and why: for the audit. */
export interface By {
  actor: string;
  address?: string | undefined;
  why?: string | undefined;
}

export interface UserWithRoles extends AdminUser {
  roles: RoleGrant[];
}

/** With it somebody sets a password, once. Shown now and never again. */
export interface Invite {
  /** `bi_` and 256 random bits. */
  token: string;
  expiresAt: Date;
}

const INVITE_MS = 72 * 3_600_000;
export const INVITE_PREFIX = 'bi_';

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

  /** By id, at most `limit`, those after `after`. `clientId`: who has a role in that client. */
  async list(limit: number, after: string | null, clientId: string | null): Promise<UserWithRoles[]> {
    const members = clientId === null ? null : await this.#members(clientId);
    return await this.#db.system(async (trx) => {
      let query = trx.selectFrom('admin_users').selectAll().orderBy('id').limit(Math.min(limit, 201));
      if (after !== null) query = query.where('id', '>', cleanText(after));
      if (members) query = query.where('id', 'in', members.length > 0 ? members : ['']);
      const users: UserWithRoles[] = [];
      for (const row of await query.execute()) users.push(await withRoles(trx, row));
      return users;
    });
  }

  /**
   * Gives somebody an account and a role, with this password or with an invitation to set one. Who has an account gets
   * the role, when `manages` says that the caller may change that account: else an invitation of one client, kept by
   * whoever made it, would open what another client gives to the same e-mail later.
   * @throws BALTO_PASSWORD_WEAK, BALTO_CLIENT_UNKNOWN (404), BALTO_USERS_EMAIL_TAKEN (409).
   */
  async invite(
    input: { email: string; name: string; grant: RoleGrant; password?: string | undefined },
    by: By,
    manages: (roles: RoleGrant[]) => boolean,
  ): Promise<{ user: UserWithRoles; invite: Invite | null }> {
    const email = cleanText(input.email.trim()).toLowerCase();
    const name = cleanText(input.name.trim());
    if (input.password !== undefined) checkPassword(input.password, { email, name });
    const hash = input.password === undefined ? null : await hashPassword(input.password);
    const { clientId, role } = input.grant;
    try {
      return await this.#db.system(async (trx) => {
        await lockRoles(trx);
        const known = await trx.selectFrom('admin_users').selectAll().where('email', '=', email).executeTakeFirst();
        const roles = known ? await rolesOf(trx, known.id) : [];
        const isThere = roles.some((grant) => grant.clientId === clientId);
        if (known && (isThere || hash !== null || !manages(roles))) throw taken();
        const row = known ?? (await this.#create(trx, { email, name, hash }));
        await putRole(trx, row.id, input.grant, { actor: by.actor, at: this.#clock.date() });
        const invite = known || hash !== null ? null : await this.#putInvite(trx, row.id, by);
        await this.#write(trx, by, 'user.invite', row.id, clientId, { after: { email, role } });
        return { user: await withRoles(trx, row), invite };
      });
    } catch (error) {
      throw isDuplicate(error, 'admin_users_email') ? taken() : error;
    }
  }

  /** @throws BALTO_USERS_UNKNOWN (404), BALTO_CLIENT_UNKNOWN (404), BALTO_USERS_LAST_OWNER (409) */
  setRole(userId: string, grant: RoleGrant, by: By): Promise<UserWithRoles> {
    return this.#change(userId, async (trx, row) => {
      const before = (await rolesOf(trx, userId)).find(({ clientId }) => clientId === grant.clientId);
      await putRole(trx, userId, grant, { actor: by.actor, at: this.#clock.date() });
      const shown = { before: { role: before?.role ?? null }, after: { role: grant.role } };
      await this.#write(trx, by, 'user.role', row.id, grant.clientId, shown);
    });
  }

  /** @throws BALTO_USERS_UNKNOWN (404) also when there is no such role, BALTO_USERS_LAST_OWNER (409) */
  removeRole(userId: string, clientId: string | null, by: By): Promise<UserWithRoles> {
    return this.#change(userId, async (trx, row) => {
      const before = (await rolesOf(trx, userId)).find((grant) => grant.clientId === clientId);
      if (!before || !(await removeRole(trx, userId, clientId))) throw unknown();
      await this.#write(trx, by, 'user.role', row.id, clientId, {
        before: { role: before.role },
        after: { role: null },
      });
    });
  }

  /** Ends the sessions too; tokens of a disabled user open nothing. @throws as `setRole` */
  setDisabled(userId: string, disabled: boolean, by: By): Promise<UserWithRoles> {
    return this.#change(userId, async (trx, row) => {
      const disabled_at = disabled ? (row.disabled_at ?? this.#clock.date()) : null;
      await trx.updateTable('admin_users').set({ disabled_at }).where('id', '=', userId).execute();
      if (disabled) await endSessions(trx, userId);
      await this.#write(trx, by, disabled ? 'user.disable' : 'user.enable', row.id, null, {});
    });
  }

  /** The password stops working and the sessions end; the invitation sets a new one. @throws as `setRole` */
  async reset(userId: string, by: By): Promise<Invite> {
    let invite: Invite | undefined;
    await this.#change(userId, async (trx, row) => {
      await trx.updateTable('admin_users').set({ password_hash: null }).where('id', '=', userId).execute();
      await endSessions(trx, userId);
      invite = await this.#putInvite(trx, userId, by);
      await this.#write(trx, by, 'user.reset', row.id, null, {});
    });
    if (!invite) throw unknown();
    return invite;
  }

  /** Sets the password of whoever was invited. @throws BALTO_INVITE_INVALID (404), BALTO_PASSWORD_WEAK */
  async accept(token: string, password: string, address?: string): Promise<AdminUser> {
    const invited = await this.#db.system((trx) => this.#invited(trx, token));
    if (!invited) throw invalidInvite();
    checkPassword(password, invited);
    const password_hash = await hashPassword(password);
    return await this.#db.system(async (trx) => {
      // Used once: of two that come at the same time, one still finds it.
      const used = await trx
        .deleteFrom('admin_invites')
        .where('token_hash', '=', sha256(token))
        .where('expires_at', '>', this.#clock.date())
        .executeTakeFirst();
      if (used.numDeletedRows === 0n) throw invalidInvite();
      await trx.updateTable('admin_users').set({ password_hash }).where('id', '=', invited.id).execute();
      await endSessions(trx, invited.id);
      await this.#write(trx, { actor: `admin:${invited.id}`, address }, 'user.accept', invited.id, null, {});
      return toAdminUser({ ...invited, password_hash });
    });
  }

  /**
   * The user's own change; the other sessions end. `keep` is the token of the one that asks.
   * @throws BALTO_PASSWORD_WRONG (403), field `current`; BALTO_PASSWORD_WEAK.
   */
  async changePassword(
    userId: string,
    passwords: { current: string; next: string; keep: string },
    by: By,
  ): Promise<void> {
    const row = await this.#db.system((trx) => userRow(trx, userId));
    if (!row || !(await verifyPassword(passwords.current, row.password_hash))) {
      const message = 'A senha atual não está certa.';
      throw new BaltoError({ code: 'BALTO_PASSWORD_WRONG', message, field: 'current', statusCode: 403 });
    }
    checkPassword(passwords.next, row);
    const password_hash = await hashPassword(passwords.next);
    await this.#db.system(async (trx) => {
      await trx.updateTable('admin_users').set({ password_hash }).where('id', '=', userId).execute();
      await trx.deleteFrom('admin_invites').where('user_id', '=', userId).execute();
      await endSessions(trx, userId, passwords.keep);
      await this.#write(trx, by, 'user.password', userId, null, {});
    });
  }

  async #change(
    userId: string,
    work: (trx: Transaction<Tables>, row: Selectable<AdminUsersTable>) => Promise<void>,
  ): Promise<UserWithRoles> {
    return await this.#db.system(async (trx) => {
      await lockRoles(trx);
      const row = await userRow(trx, userId);
      if (!row) throw unknown();
      await work(trx, row);
      await requirePlatformOwner(trx);
      const changed = await userRow(trx, userId);
      if (!changed) throw unknown();
      return await withRoles(trx, changed);
    });
  }

  #members(clientId: string): Promise<string[]> {
    return this.#db.tenant(clientId, async (trx) => {
      const rows = await trx.selectFrom('admin_roles').select('user_id').distinct().limit(5000).execute();
      return rows.map(({ user_id }) => user_id);
    });
  }

  async #create(
    trx: Transaction<Tables>,
    { email, name, hash }: { email: string; name: string; hash: string | null },
  ): Promise<Selectable<AdminUsersTable>> {
    const values = { id: randomUUID(), email, name, password_hash: hash, bootstrap_hash: null, disabled_at: null };
    const created_at = this.#clock.date();
    return await trx
      .insertInto('admin_users')
      .values({ ...values, created_at })
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  /** In place of the one before. */
  async #putInvite(trx: Transaction<Tables>, userId: string, by: By): Promise<Invite> {
    const token = `${INVITE_PREFIX}${randomBytes(32).toString('base64url')}`;
    const now = this.#clock.date();
    const expiresAt = new Date(now.getTime() + INVITE_MS);
    const values = { token_hash: sha256(token), created_by: by.actor, created_at: now, expires_at: expiresAt };
    await trx
      .insertInto('admin_invites')
      .values({ user_id: userId, ...values })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
      .execute();
    return { token, expiresAt };
  }

  async #invited(trx: Transaction<Tables>, token: string): Promise<Selectable<AdminUsersTable> | undefined> {
    return await trx
      .selectFrom('admin_invites as i')
      .innerJoin('admin_users as u', 'u.id', 'i.user_id')
      .selectAll('u')
      .where('i.token_hash', '=', sha256(token))
      .where('i.expires_at', '>', this.#clock.date())
      .where('u.disabled_at', 'is', null)
      .executeTakeFirst();
  }

  async #write(
    trx: Transaction<Tables>,
    { actor, address, why }: By,
    action: string,
    userId: string,
    clientId: string | null,
    shown: { before?: object; after?: object },
  ): Promise<void> {
    const entry = { actor, address, why, action, target: `user:${userId}`, clientId: clientId ?? undefined };
    await this.#audit.appendIn(trx, { ...entry, ...shown });
  }
}

async function userRow(trx: Transaction<Tables>, userId: string): Promise<Selectable<AdminUsersTable> | undefined> {
  return await trx.selectFrom('admin_users').selectAll().where('id', '=', cleanText(userId)).executeTakeFirst();
}

async function withRoles(trx: Transaction<Tables>, row: Selectable<AdminUsersTable>): Promise<UserWithRoles> {
  return { ...toAdminUser(row), roles: await rolesOf(trx, row.id) };
}

function unknown(): BaltoError {
  return new BaltoError({ code: 'BALTO_USERS_UNKNOWN', message: 'Pessoa não encontrada.', statusCode: 404 });
}

function taken(): BaltoError {
  return new BaltoError({
    code: 'BALTO_USERS_EMAIL_TAKEN',
    field: 'email',
    message: 'Este e-mail já tem conta; mude o papel dela, ou peça a quem cuida da plataforma.',
    statusCode: 409,
  });
}

function invalidInvite(): BaltoError {
  const message = 'Convite inválido, já usado ou vencido; peça outro.';
  return new BaltoError({ code: 'BALTO_INVITE_INVALID', message, field: 'token', statusCode: 404 });
}
