import { randomUUID } from 'node:crypto';
import type { Store } from '../../core/store/index.ts';
import type { RoleGrant } from '../../core/store/roles-table.ts';
import type { UserWithRoles } from '../../core/store/user-rows.ts';

export const PASSWORD = 'uma senha comprida';

const BY = { actor: 'cli' };

export type Person = UserWithRoles & { email: string };

/** Somebody with these roles, invited and without a password yet: sessions are made for them, not opened by them. */
export function person(store: Store, ...roles: RoleGrant[]): Promise<Person> {
  return make(store, roles, undefined);
}

/** Somebody with these roles who logs in with {@link PASSWORD}. */
export function personWithPassword(store: Store, ...roles: RoleGrant[]): Promise<Person> {
  return make(store, roles, PASSWORD);
}

/** A session of somebody with these roles: the value for a `Cookie` header on plain http. */
export async function sessionOf(store: Store, ...roles: RoleGrant[]): Promise<string> {
  const { token } = await store.admin.createSession((await person(store, ...roles)).id);
  return `admin_token=${token}`;
}

async function make(store: Store, roles: RoleGrant[], password: string | undefined): Promise<Person> {
  const email = `${randomUUID()}@farmacia.com.br`;
  const [grant = { clientId: null, role: 'viewer' as const }, ...others] = roles;
  const { user } = await store.users.invite({ email, name: 'Ana', grant, password }, BY, () => true);
  for (const other of others) await store.users.setRole(user.id, '*', other, BY);
  return { ...user, email };
}
