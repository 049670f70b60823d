import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { ROLES, type RoleGrant, type RoleName } from '../../store/roles-table.ts';
import type { By, UserWithRoles } from '../../store/user-rows.ts';
import type { Users } from '../../store/users.ts';
import { principalOf } from '../access.ts';
import type { Permission } from '../permissions.ts';
import { may, mayManage, notAllowed, type Principal } from '../principal.ts';
import { refuse } from '../problem.ts';
import { Moment, nullable } from './schemas.ts';

/** What the routes about people share. */

export const Role = Type.Unsafe<RoleName>({
  type: 'string',
  enum: [...ROLES],
  description: 'viewer, farmaceutico, admin ou owner; cada um pode tudo o que pode o anterior',
});

export const ClientId = nullable(
  Type.String({ minLength: 1, maxLength: 64, description: 'Cliente; null: a plataforma, todos os clientes' }),
);

export const Grant = Type.Object({ clientId: ClientId, role: Role });

export const Person = Type.Object({
  id: Type.String(),
  email: nullable(Type.String()),
  name: Type.String(),
  roles: Type.Array(Grant, { description: 'Os que você pode ver' }),
  hasPassword: Type.Boolean({ description: 'false: o convite ainda não foi aceito' }),
  disabledAt: nullable(Moment),
  createdAt: Moment,
  revision: Type.Integer({ description: 'A mesma do ETag' }),
});

export const InviteShown = Type.Object({
  token: Type.String({ description: 'Mostrado somente agora; entregue-o a quem vai definir a senha' }),
  expiresAt: Moment,
});

/** The person with the roles that this principal may see. */
export function shownTo(principal: Principal, user: UserWithRoles): Static<typeof Person> {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    roles: user.roles.filter(({ clientId }) => may(principal, 'users.write', clientId)),
    hasPassword: user.hasPassword,
    disabledAt: user.disabledAt?.toISOString() ?? null,
    createdAt: user.createdAt.toISOString(),
    revision: user.revision,
  };
}

/** @throws 404 for who has no part in any client where the principal may change people. */
export async function visiblePerson(
  request: FastifyRequest,
  users: Pick<Users, 'byId'>,
  id: string,
): Promise<UserWithRoles> {
  const principal = principalOf(request);
  const user = await users.byId(id);
  const isVisible =
    user?.roles.some(({ clientId }) => may(principal, 'users.write', clientId)) || may(principal, 'users.write', null);
  if (user && isVisible) return user;
  throw refuse(404, 'BALTO_USERS_UNKNOWN', 'Pessoa não encontrada.');
}

/** The same, for a change of the account itself. @throws 403 when the person also has a role above the principal's. */
export async function manageablePerson(
  request: FastifyRequest,
  users: Pick<Users, 'byId'>,
  id: string,
  permission: Permission,
): Promise<UserWithRoles> {
  const user = await visiblePerson(request, users, id);
  if (mayManage(principalOf(request), user.roles, permission)) return user;
  throw aboveYou(permission, user.roles, principalOf(request));
}

export function byOf(request: FastifyRequest, why: string | undefined): By {
  return { actor: principalOf(request).actor, address: request.ip, why };
}

/** @throws 409: who could not undo it would be locked out. */
export function refuseSelf(request: FastifyRequest, id: string): void {
  if (principalOf(request).userId !== id) return;
  throw refuse(409, 'BALTO_USERS_SELF', 'Não se faz isto consigo mesmo; peça a outra pessoa.');
}

function aboveYou(permission: Permission, roles: readonly RoleGrant[], principal: Principal) {
  if (!roles.every(({ clientId }) => may(principal, permission, clientId))) return notAllowed(permission);
  return refuse(403, 'BALTO_USERS_ABOVE', 'Esta pessoa tem um papel acima do seu.');
}
