import type { BaltoError } from '../contracts/index.ts';
import type { RoleGrant } from '../store/roles-table.ts';
import { PERMISSIONS, type Permission, permissionsOf } from './permissions.ts';
import { refuse } from './problem.ts';

/** Who makes a request: somebody with a session, or an API token. */
export interface Principal {
  kind: 'user' | 'token';
  /** Of the user, or of the token. */
  id: string;
  /** The user: for a token, who made it. */
  userId: string;
  /** As audit rows name it: `admin:<id>` or `token:<id>`. */
  actor: `admin:${string}` | `token:${string}`;
  /** In force now: for a token, its maker's, as far as the token reaches. */
  roles: readonly RoleGrant[];
  /** What a token is limited to; null: no limit but the roles. */
  scopes: readonly Permission[] | null;
}

/** Whether the principal may do this in one client; `clientId` null: for the whole installation. */
export function may(principal: Principal, permission: Permission, clientId: string | null): boolean {
  if (principal.scopes !== null && !principal.scopes.includes(permission)) return false;
  return principal.roles.some(
    (grant) => (grant.clientId === null || grant.clientId === clientId) && permissionsOf(grant).has(permission),
  );
}

/** The clients in which the principal may do this: a list's filter. Null: every client. */
export function clientsWhere(principal: Principal, permission: Permission): string[] | null {
  if (may(principal, permission, null)) return null;
  const clientIds = principal.roles.flatMap(({ clientId }) => (clientId === null ? [] : [clientId]));
  return [...new Set(clientIds)].filter((clientId) => may(principal, permission, clientId));
}

/** Whether the principal has any role there: who has none is not told that the client exists. */
export function knows(principal: Principal, clientId: string | null): boolean {
  return principal.roles.some((grant) => grant.clientId === null || grant.clientId === clientId);
}

/** Whether the principal may give this role, or take it away: who has all that it allows, and may change people there. */
export function mayGrant(principal: Principal, grant: RoleGrant): boolean {
  const { clientId } = grant;
  return (
    may(principal, 'users.write', clientId) &&
    [...permissionsOf(grant)].every((permission) => may(principal, permission, clientId))
  );
}

/** Whether the principal stands above every role of an account: what changes the account itself reaches all of them. */
export function mayManage(principal: Principal, roles: readonly RoleGrant[], permission: Permission): boolean {
  if (roles.length === 0) return may(principal, permission, null);
  return roles.every((grant) => mayGrant(principal, grant) && may(principal, permission, grant.clientId));
}

/**
 * The one client whose rows a list reads: the one asked for, or the only one there is. Null: every client.
 * @throws 404 for a client that the principal has no part in, 403 without the permission, 400 when it must be said which.
 */
export function clientToRead(
  principal: Principal,
  permission: Permission,
  asked: string | undefined,
  field: string,
): string | null {
  if (asked !== undefined) {
    if (may(principal, permission, asked)) return asked;
    if (knows(principal, asked)) throw notAllowed(permission);
    throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.', field);
  }
  const clientIds = clientsWhere(principal, permission);
  if (clientIds === null) return null;
  const [only, ...others] = clientIds;
  if (only !== undefined && others.length === 0) return only;
  throw refuse(400, 'BALTO_ACCESS_WHICH_CLIENT', `Diga de qual cliente, em ${field}.`, field);
}

/** What a principal without the permission is told. */
export function notAllowed(permission: Permission): BaltoError {
  return refuse(403, 'BALTO_ACCESS_DENIED', `Falta a permissão ${permission} (${PERMISSIONS[permission]}).`);
}
