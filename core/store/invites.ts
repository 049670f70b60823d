import { randomBytes } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import { BaltoError, type Clock } from '../contracts/index.ts';
import { endSessions } from './admin.ts';
import { type AdminUser, type AdminUsersTable, toAdminUser } from './admin-table.ts';
import type { Audit } from './audit.ts';
import type { Database } from './database.ts';
import { checkPassword } from './password-rules.ts';
import type { Expected } from './revision.ts';
import { hashPassword, sha256, verifyPassword } from './secrets.ts';
import type { Tables } from './tables.ts';
import { type By, changeUser, userRow, writeUserAudit } from './user-rows.ts';

/** With it somebody sets a password, once. Shown now and never again. */
export interface Invite {
  /** `bi_` and 256 random bits. */
  token: string;
  expiresAt: Date;
}

const INVITE_MS = 72 * 3_600_000;

/** In place of the one before. */
export async function putInvite(
  trx: Transaction<Tables>,
  userId: string,
  actor: string,
  now: Date,
  lifeMs = INVITE_MS,
): Promise<Invite> {
  const token = `bi_${randomBytes(32).toString('base64url')}`;
  const expiresAt = new Date(now.getTime() + lifeMs);
  const values = { token_hash: sha256(token), created_by: actor, created_at: now, expires_at: expiresAt };
  await trx
    .insertInto('admin_invites')
    .values({ user_id: userId, ...values })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
    .execute();
  return { token, expiresAt };
}

/** How people set their passwords: by an invitation, or by the one they have. */
export class Passwords {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** The password stops working and the sessions end; the invitation sets a new one. @throws as `changeUser` */
  async reset(userId: string, expected: Expected, by: By): Promise<Invite> {
    const made: Invite[] = [];
    await changeUser(this.#db, userId, expected, async (trx, row) => {
      await trx.updateTable('admin_users').set({ password_hash: null }).where('id', '=', row.id).execute();
      await endSessions(trx, row.id);
      made.push(await putInvite(trx, row.id, by.actor, this.#clock.date()));
      await writeUserAudit(this.#audit, trx, by, { action: 'user.reset', userId: row.id });
    });
    return made[0] ?? invalidInvite();
  }

  /** Sets the password of whoever was invited. @throws BALTO_INVITE_INVALID (404), BALTO_PASSWORD_WEAK */
  async accept(token: string, password: string, address: string): Promise<AdminUser> {
    const invited = (await this.#db.system((trx) => this.#invited(trx, token))) ?? invalidInvite();
    checkPassword(password, invited);
    const password_hash = await hashPassword(password);
    return await this.#db.system(async (trx) => {
      // Used once: of two that come at the same time, one still finds it.
      const used = await trx
        .deleteFrom('admin_invites')
        .where('token_hash', '=', sha256(token))
        .where('expires_at', '>', this.#clock.date())
        .executeTakeFirst();
      if (used.numDeletedRows === 0n) invalidInvite();
      await trx.updateTable('admin_users').set({ password_hash }).where('id', '=', invited.id).execute();
      await endSessions(trx, invited.id);
      const by = { actor: `admin:${invited.id}`, address };
      await writeUserAudit(this.#audit, trx, by, { action: 'user.accept', userId: invited.id });
      return toAdminUser({ ...invited, password_hash });
    });
  }

  /**
   * The user's own change; an open invitation and the other sessions end, `keep` is the token of the one that asks.
   * @returns false: the current password is another.
   * @throws BALTO_PASSWORD_WEAK
   */
  async change(userId: string, passwords: { current: string; next: string; keep: string }, by: By): Promise<boolean> {
    const row = await this.#db.system((trx) => userRow(trx, userId));
    if (!row || !(await verifyPassword(passwords.current, row.password_hash))) return false;
    checkPassword(passwords.next, row);
    const password_hash = await hashPassword(passwords.next);
    await this.#db.system(async (trx) => {
      await trx.updateTable('admin_users').set({ password_hash }).where('id', '=', userId).execute();
      await trx.deleteFrom('admin_invites').where('user_id', '=', userId).execute();
      await endSessions(trx, userId, passwords.keep);
      await writeUserAudit(this.#audit, trx, by, { action: 'user.password', userId });
    });
    return true;
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
}

function invalidInvite(): never {
  throw new BaltoError({
    code: 'BALTO_INVITE_INVALID',
    message: 'Convite inválido, já usado ou vencido; peça outro.',
    field: 'token',
    statusCode: 404,
  });
}
