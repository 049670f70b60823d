import type { Selectable, Transaction } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import { type AdminUser, type AdminUsersTable, toAdminUser } from './admin-table.ts';
import type { Audit } from './audit.ts';
import type { Database } from './database.ts';
import { checkRevision, type Expected } from './revision.ts';
import { keepingAnOwner, lockRoles, rolesOf } from './roles.ts';
import type { RoleGrant } from './roles-table.ts';
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

type UserRow = Selectable<AdminUsersTable>;

export async function userRow(trx: Transaction<Tables>, userId: string): Promise<UserRow | undefined> {
  return await trx.selectFrom('admin_users').selectAll().where('id', '=', cleanText(userId)).executeTakeFirst();
}

export async function withRoles(trx: Transaction<Tables>, row: UserRow): Promise<UserWithRoles> {
  return { ...toAdminUser(row), roles: await rolesOf(trx, row.id) };
}

/**
 * One change of one person, after every other that is under way; it fails when nobody would be left who may everything.
 * @throws BALTO_USERS_UNKNOWN (404), BALTO_HTTP_STALE (412), BALTO_USERS_LAST_OWNER (409)
 */
export async function changeUser(
  db: Database,
  userId: string,
  expected: Expected,
  work: (trx: Transaction<Tables>, row: UserRow) => Promise<void>,
): Promise<UserWithRoles> {
  return await db.system(async (trx) => {
    await lockRoles(trx);
    const row = await userRow(trx, userId);
    if (!row) throw unknownUser();
    checkRevision(expected, row.revision);
    await trx
      .updateTable('admin_users')
      .set({ revision: row.revision + 1 })
      .where('id', '=', row.id)
      .execute();
    await keepingAnOwner(trx, () => work(trx, row));
    const changed = await userRow(trx, userId);
    return changed ? await withRoles(trx, changed) : unknownUserThrown();
  });
}

/** The audit row of a change of a person, in its transaction. */
export async function writeUserAudit(
  audit: Audit,
  trx: Transaction<Tables>,
  { actor, address, why }: By,
  change: { action: string; userId: string; clientId?: string | null; before?: object; after?: object },
): Promise<void> {
  const { action, userId, clientId, before, after } = change;
  const entry = { actor, address, why, action, target: `user:${userId}`, clientId: clientId ?? undefined };
  await audit.appendIn(trx, { ...entry, before, after });
}

export function unknownUser(): BaltoError {
  return new BaltoError({ code: 'BALTO_USERS_UNKNOWN', message: 'Pessoa não encontrada.', statusCode: 404 });
}

function unknownUserThrown(): never {
  throw unknownUser();
}
