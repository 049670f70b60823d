import { randomUUID } from 'node:crypto';
import type { Store } from '../../core/store/index.ts';
import type { RoleGrant } from '../../core/store/roles-table.ts';
import type { UserWithRoles } from '../../core/store/user-rows.ts';

export const PASSWORD = 'uma senha comprida';

const BY = { actor: 'cli' };

/** Somebody with these roles and a password. */
export async function person(store: Store, ...roles: RoleGrant[]): Promise<UserWithRoles & { email: string }> {
  const email = `${randomUUID()}@farmacia.com.br`;
  const [grant = { clientId: null, role: 'viewer' as const }, ...others] = roles;
  const { user } = await store.users.invite({ email, name: 'Ana', grant, password: PASSWORD }, BY, () => true);
  for (const other of others) await store.users.setRole(user.id, '*', other, BY);
  return { ...user, email };
}

/** A session of somebody with these roles: the value for a `Cookie` header on plain http. */
export async function sessionOf(store: Store, ...roles: RoleGrant[]): Promise<string> {
  const { token } = await store.admin.createSession((await person(store, ...roles)).id);
  return `admin_token=${token}`;
}
