import { sql, type Transaction } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import type { RoleGrant } from './roles-table.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** In force now; the platform's first. */
export async function rolesOf(trx: Transaction<Tables>, userId: string): Promise<RoleGrant[]> {
  const rows = await trx
    .selectFrom('admin_roles')
    .select(['cliente_id', 'role'])
    .where('user_id', '=', userId)
    .orderBy('id')
    .execute();
  const grants = rows.map(({ cliente_id, role }) => ({ clientId: cliente_id, role }));
  return [...grants.filter(({ clientId }) => clientId === null), ...grants.filter(({ clientId }) => clientId !== null)];
}

/** Gives a role, in place of the one that the user had there. @throws BALTO_CLIENT_UNKNOWN (404) */
export async function putRole(
  trx: Transaction<Tables>,
  userId: string,
  grant: RoleGrant,
  by: { actor: string; at: Date },
): Promise<void> {
  const { clientId, role } = grant;
  if (clientId !== null) await requireClient(trx, clientId);
  await removeRole(trx, userId, clientId);
  await trx
    .insertInto('admin_roles')
    .values({ user_id: userId, cliente_id: clientId, role, granted_at: by.at, granted_by: by.actor })
    .execute();
}

/** @returns whether there was one. */
export async function removeRole(trx: Transaction<Tables>, userId: string, clientId: string | null): Promise<boolean> {
  const query = trx.deleteFrom('admin_roles').where('user_id', '=', userId);
  const removed = await (clientId === null
    ? query.where('cliente_id', 'is', null)
    : query.where('cliente_id', '=', cleanText(clientId))
  ).executeTakeFirst();
  return removed.numDeletedRows > 0n;
}

/** Changes of who may what go one after the other: two owners cannot remove each other at once. Until the commit. */
export async function lockRoles(trx: Transaction<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('balto_papeis'))`.execute(trx);
}

/** Runs a change and sees that it does not take the last one who may everything. @throws BALTO_USERS_LAST_OWNER (409) */
export async function keepingAnOwner<T>(trx: Transaction<Tables>, change: () => Promise<T>): Promise<T> {
  const before = await platformOwners(trx);
  const result = await change();
  if (before.length === 0 || (await platformOwners(trx)).length > 0) return result;
  throw new BaltoError({
    code: 'BALTO_USERS_LAST_OWNER',
    message: 'Alguém precisa continuar dono da plataforma, com acesso e com senha.',
    statusCode: 409,
  });
}

/** Makes this user the platform's owner when nobody is: of a new installation, or of a backup from before there were roles. */
export async function ensurePlatformOwner(trx: Transaction<Tables>, userId: string, at: Date): Promise<void> {
  await lockRoles(trx);
  if ((await platformOwners(trx)).length > 0) return;
  const user = await trx.selectFrom('admin_users').select('id').where('id', '=', userId).executeTakeFirst();
  if (user) await putRole(trx, userId, { clientId: null, role: 'owner' }, { actor: 'system', at });
}

/** Who may everything and can log in. */
async function platformOwners(trx: Transaction<Tables>): Promise<string[]> {
  const rows = await trx
    .selectFrom('admin_roles as r')
    .innerJoin('admin_users as u', 'u.id', 'r.user_id')
    .select('u.id')
    .where('r.cliente_id', 'is', null)
    .where('r.role', '=', 'owner')
    .where('u.disabled_at', 'is', null)
    .where('u.password_hash', 'is not', null)
    .execute();
  return rows.map(({ id }) => id);
}

async function requireClient(trx: Transaction<Tables>, clientId: string): Promise<void> {
  const client = await trx
    .selectFrom('clientes')
    .select('cliente_id')
    .where('cliente_id', '=', cleanText(clientId))
    .executeTakeFirst();
  if (client) return;
  throw new BaltoError({
    code: 'BALTO_CLIENT_UNKNOWN',
    message: 'Cliente não encontrado.',
    statusCode: 404,
    field: 'clientId',
  });
}
