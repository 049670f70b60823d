import type { RoleGrant } from '../store/roles-table.ts';
import { type Permission, permissionsOf } from './permissions.ts';

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
