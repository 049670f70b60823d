import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import { type AdminUser, toAdminUser } from './admin-table.ts';
import type { Database } from './database.ts';
import { type Invite, putInvite } from './invites.ts';
import { ensurePlatformOwner, rolesOf } from './roles.ts';
import type { RoleGrant } from './roles-table.ts';
import { hashPassword, sha256, verifyPassword } from './secrets.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** A session without a request for this long is over. */
const IDLE_MS = 3_600_000;
/** Uses are noted at most this often: not every request needs a write. */
const NOTE_EVERY_MS = 60_000;
/** The first owner's invitation is printed on a terminal, where others may read it later. */
const SETUP_MS = 3_600_000;
/** Digits of the hash that name a session to its owner. */
const SESSION_ID_DIGITS = 16;
/** So long after a password was said, what is worth asking for it again is not asked. */
const FRESH_MS = 5 * 60_000;

/** The first owner has no e-mail yet, and there is one: a fixed id keeps it so. */
const OWNER_ID = 'owner';
const OWNER_NAME = 'Dono';

export interface AdminSession {
  user: AdminUser;
  roles: RoleGrant[];
  /** Ends then, unless it is used before. */
  expiresAt: Date;
}

/** A session as its owner sees it in a list. */
export interface ListedSession {
  id: string;
  createdAt: Date;
  seenAt: Date;
  address: string | null;
  /** The one that asks. */
  isCurrent: boolean;
}

/** Passwords, and the sessions they open: random 256-bit tokens, of which only the SHA-256 is kept. */
export class Admin {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Whether somebody can log in at all. If so, somebody is owner of the platform afterwards. */
  async hasOwner(): Promise<boolean> {
    if ((await this.#owner()) === undefined) return false;
    await this.#db.system((trx) => ensurePlatformOwner(trx, OWNER_ID, this.#clock.date()));
    return true;
  }

  /**
   * Makes the first owner, or gives it this password when that is another than the one applied before: then its sessions
   * end. A password that the owner chose since then stays. Somebody is owner of the platform afterwards.
   * @returns what was done.
   */
  async bootstrapOwner(password: string): Promise<'created' | 'changed' | 'unchanged'> {
    const owner = await this.#owner();
    const isApplied = owner ? await verifyPassword(password, owner.bootstrap_hash) : false;
    const hash = isApplied ? null : await hashPassword(password);
    return await this.#db.system(async (trx) => {
      if (!owner && hash !== null) await createOwner(trx, hash);
      else if (hash !== null) await replacePassword(trx, hash);
      await ensurePlatformOwner(trx, OWNER_ID, this.#clock.date());
      if (hash === null) return 'unchanged';
      return owner ? 'changed' : 'created';
    });
  }

  /**
   * An invitation for the first owner to choose a password, in place of the one before. Null once one was chosen or
   * somebody logged in as owner: then nobody comes in without a password.
   */
  async inviteOwner(): Promise<Invite | null> {
    return await this.#db.system(async (trx) => {
      const owner = await trx
        .selectFrom('admin_users')
        .select('id')
        .where('id', '=', OWNER_ID)
        .where('disabled_at', 'is', null)
        .whereRef('password_hash', '=', 'bootstrap_hash')
        .forUpdate()
        .executeTakeFirst();
      if (!owner || (await hasLoggedIn(trx))) return null;
      return await putInvite(trx, OWNER_ID, 'setup', this.#clock.date(), SETUP_MS);
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

  /** Opens a session; `token` is the cookie's value, 256 random bits. Who has a password needs no invitation any more. */
  async createSession(userId: string, address: string | null = null): Promise<{ token: string; expiresAt: Date }> {
    const token = randomBytes(32).toString('base64url');
    const now = this.#clock.date();
    await this.#db.system(async (trx) => {
      await trx.deleteFrom('admin_sessions').where('seen_at', '<=', this.#idleSince(now)).execute();
      await trx.deleteFrom('admin_invites').where('user_id', '=', userId).execute();
      const times = { created_at: now, seen_at: now };
      await trx
        .insertInto('admin_sessions')
        .values({ token_hash: sha256(token), user_id: userId, address, ...times, confirmada_em: null })
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
        .selectAll('u')
        .select(['s.seen_at', 's.token_hash'])
        .where('s.token_hash', '=', sha256(token))
        .where('s.seen_at', '>', this.#idleSince(now))
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
      const roles = await rolesOf(trx, row.id);
      return { user: toAdminUser(row), roles, expiresAt: new Date(now.getTime() + IDLE_MS) };
    });
  }

  /** Live sessions of one user, the newest use first; `token` is of the one that asks. */
  sessionsOf(userId: string, token: string): Promise<ListedSession[]> {
    const current = sha256(token);
    return this.#db.system(async (trx) => {
      const rows = await trx
        .selectFrom('admin_sessions')
        .selectAll()
        .where('user_id', '=', userId)
        .where('seen_at', '>', this.#idleSince(this.#clock.date()))
        .orderBy('seen_at', 'desc')
        .limit(200)
        .execute();
      return rows.map((row) => ({
        id: row.token_hash.slice(0, SESSION_ID_DIGITS),
        createdAt: row.created_at,
        seenAt: row.seen_at,
        address: row.address,
        isCurrent: row.token_hash === current,
      }));
    });
  }

  /** Whether whoever holds this session said the password in the last five minutes. */
  isFresh(token: string): Promise<boolean> {
    const since = new Date(this.#clock.date().getTime() - FRESH_MS);
    return this.#db.system(async (trx) => {
      const row = await trx
        .selectFrom('admin_sessions')
        .select(['created_at', 'confirmada_em'])
        .where('token_hash', '=', sha256(token))
        .executeTakeFirst();
      return row !== undefined && (row.confirmada_em ?? row.created_at) > since;
    });
  }

  /** The password is said again in this session. @returns false: it is another. */
  async confirm(token: string, userId: string, password: string): Promise<boolean> {
    const row = await this.#db.system((trx) =>
      trx.selectFrom('admin_users').select('password_hash').where('id', '=', userId).executeTakeFirst(),
    );
    if (!(await verifyPassword(password, row?.password_hash ?? null))) return false;
    const confirmed = await this.#db.system((trx) =>
      trx
        .updateTable('admin_sessions')
        .set({ confirmada_em: this.#clock.date() })
        .where('token_hash', '=', sha256(token))
        .where('user_id', '=', userId)
        .executeTakeFirst(),
    );
    return confirmed.numUpdatedRows > 0n;
  }

  /** Ends one session. */
  async revoke(token: string): Promise<void> {
    await this.#db.system((trx) => trx.deleteFrom('admin_sessions').where('token_hash', '=', sha256(token)).execute());
  }

  /** Ends one session of this user, by the id of a list. @returns whether there was one. */
  async revokeById(userId: string, id: string): Promise<boolean> {
    const removed = await this.#db.system((trx) =>
      trx
        .deleteFrom('admin_sessions')
        .where('user_id', '=', userId)
        .where((where) =>
          where(where.fn<string>('left', ['token_hash', where.lit(SESSION_ID_DIGITS)]), '=', cleanText(id)),
        )
        .executeTakeFirst(),
    );
    return removed.numDeletedRows > 0n;
  }

  /** Ends every session of this user but the one with this token. */
  async revokeOthers(userId: string, token: string): Promise<void> {
    await this.#db.system((trx) => endSessions(trx, userId, token));
  }

  #idleSince(now: Date): Date {
    return new Date(now.getTime() - IDLE_MS);
  }

  #owner(): Promise<{ bootstrap_hash: string | null } | undefined> {
    return this.#db.system((trx) =>
      trx.selectFrom('admin_users').select('bootstrap_hash').where('id', '=', OWNER_ID).executeTakeFirst(),
    );
  }
}

/** Ends every session of one user, but for the one with this token. */
export async function endSessions(trx: Transaction<Tables>, userId: string, exceptToken?: string): Promise<void> {
  const query = trx.deleteFrom('admin_sessions').where('user_id', '=', userId);
  await (exceptToken === undefined ? query : query.where('token_hash', '<>', sha256(exceptToken))).execute();
}

async function createOwner(trx: Transaction<Tables>, hash: string): Promise<void> {
  const values = { id: OWNER_ID, email: null, name: OWNER_NAME, password_hash: hash, bootstrap_hash: hash };
  // Several processes may start at once: one makes the owner.
  await trx
    .insertInto('admin_users')
    .values({ ...values, disabled_at: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** The audit is kept for good, sessions are not. */
async function hasLoggedIn(trx: Transaction<Tables>): Promise<boolean> {
  const opened = await trx
    .selectFrom('audit_log')
    .select('id')
    .where('action', '=', 'session.open')
    .where('actor', '=', `admin:${OWNER_ID}`)
    .limit(1)
    .executeTakeFirst();
  return opened !== undefined;
}

/** Whoever holds ADMIN_SECRET owns the installation: a disabled owner is let in again. */
async function replacePassword(trx: Transaction<Tables>, hash: string): Promise<void> {
  const values = { password_hash: hash, bootstrap_hash: hash, disabled_at: null };
  await trx.updateTable('admin_users').set(values).where('id', '=', OWNER_ID).execute();
  await trx.deleteFrom('admin_invites').where('user_id', '=', OWNER_ID).execute();
  await endSessions(trx, OWNER_ID);
}
