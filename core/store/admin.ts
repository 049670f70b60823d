import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../contracts/index.ts';
import { type AdminUser, toAdminUser } from './admin-table.ts';
import type { Database } from './database.ts';
import { hashPassword, sha256, verifyPassword } from './secrets.ts';
import { cleanText } from './text.ts';

/** A session without a request for this long is over. */
const IDLE_MS = 3_600_000;
/** Uses are noted at most this often: not every request needs a write. */
const NOTE_EVERY_MS = 60_000;

/** The first owner has no e-mail yet, and there is one: a fixed id keeps it so. */
const OWNER_ID = 'owner';
const OWNER_NAME = 'Dono';

export interface AdminSession {
  user: AdminUser;
  /** Ends then, unless it is used before. */
  expiresAt: Date;
}

/** Who administers, and their sessions: random 256-bit tokens, of which only the SHA-256 is kept. */
export class Admin {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Whether somebody can log in at all. */
  async hasOwner(): Promise<boolean> {
    return (await this.#owner()) !== undefined;
  }

  /**
   * Makes the first owner, or gives it this password when it has another: then its sessions end.
   * @returns what was done.
   */
  async bootstrapOwner(password: string): Promise<'created' | 'changed' | 'unchanged'> {
    const owner = await this.#owner();
    if (owner && (await verifyPassword(password, owner.password_hash))) return 'unchanged';
    const password_hash = await hashPassword(password);
    return await this.#db.system(async (trx) => {
      if (owner) {
        await trx.updateTable('admin_users').set({ password_hash }).where('id', '=', owner.id).execute();
        await trx.deleteFrom('admin_sessions').where('user_id', '=', owner.id).execute();
        return 'changed';
      }
      const values = { id: OWNER_ID, email: null, name: OWNER_NAME, role: 'owner' as const, password_hash };
      // Several processes may start at once: one makes the owner.
      await trx
        .insertInto('admin_users')
        .values({ ...values, disabled_at: null })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      return 'created';
    });
  }

  /** `email` null: the first owner. A wrong password and an unknown user take the same time. */
  async login(email: string | null, password: string): Promise<AdminUser | null> {
    const row = await this.#db.system((trx) => {
      const query = trx.selectFrom('admin_users').selectAll().where('disabled_at', 'is', null);
      return (
        email === null
          ? query.where('id', '=', OWNER_ID)
          : query.where('email', '=', cleanText(email.trim()).toLowerCase())
      ).executeTakeFirst();
    });
    const right = await verifyPassword(password, row?.password_hash ?? null);
    return row && right ? toAdminUser(row) : null;
  }

  /** Adds somebody who administers. The e-mail is kept in lower case. */
  async createUser(input: {
    email: string;
    name: string;
    role: 'admin' | 'viewer';
    password: string;
  }): Promise<AdminUser> {
    const values = {
      id: randomUUID(),
      email: cleanText(input.email.trim()).toLowerCase(),
      name: cleanText(input.name),
      role: input.role,
      password_hash: await hashPassword(input.password),
      disabled_at: null,
    };
    const row = await this.#db.system((trx) =>
      trx.insertInto('admin_users').values(values).returningAll().executeTakeFirstOrThrow(),
    );
    return toAdminUser(row);
  }

  /** Opens a session; `token` is the cookie's value, 256 random bits. */
  async createSession(userId: string, address: string | null = null): Promise<{ token: string; expiresAt: Date }> {
    const token = randomBytes(32).toString('base64url');
    const now = this.#clock.date();
    await this.#db.system(async (trx) => {
      await trx
        .deleteFrom('admin_sessions')
        .where('seen_at', '<=', new Date(now.getTime() - IDLE_MS))
        .execute();
      const times = { created_at: now, seen_at: now };
      await trx
        .insertInto('admin_sessions')
        .values({ token_hash: sha256(token), user_id: userId, address, ...times })
        .execute();
    });
    return { token, expiresAt: new Date(now.getTime() + IDLE_MS) };
  }

  /** The session of a token, and a new hour for it. Null: unknown, idle for too long, or its user was disabled. */
  session(token: string): Promise<AdminSession | null> {
    const now = this.#clock.date();
    return this.#db.system(async (trx) => {
      const row = await trx
        .selectFrom('admin_sessions as s')
        .innerJoin('admin_users as u', 'u.id', 's.user_id')
        .select(['u.id', 'u.email', 'u.name', 'u.role', 's.seen_at', 's.token_hash'])
        .where('s.token_hash', '=', sha256(token))
        .where('s.seen_at', '>', new Date(now.getTime() - IDLE_MS))
        .where('u.disabled_at', 'is', null)
        .executeTakeFirst();
      if (!row) return null;
      if (now.getTime() - row.seen_at.getTime() >= NOTE_EVERY_MS) {
        await trx
          .updateTable('admin_sessions')
          .set({ seen_at: now })
          .where('token_hash', '=', row.token_hash)
          .execute();
      }
      return { user: toAdminUser(row), expiresAt: new Date(now.getTime() + IDLE_MS) };
    });
  }

  /** Ends one session. */
  async revoke(token: string): Promise<void> {
    await this.#db.system((trx) => trx.deleteFrom('admin_sessions').where('token_hash', '=', sha256(token)).execute());
  }

  /** Ends every session of one user. */
  async revokeAll(userId: string): Promise<void> {
    await this.#db.system((trx) => trx.deleteFrom('admin_sessions').where('user_id', '=', userId).execute());
  }

  #owner(): Promise<{ id: string; password_hash: string } | undefined> {
    return this.#db.system((trx) =>
      trx.selectFrom('admin_users').select(['id', 'password_hash']).where('id', '=', OWNER_ID).executeTakeFirst(),
    );
  }
}
