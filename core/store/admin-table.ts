import type { Generated, Selectable } from 'kysely';

export type AdminRole = 'owner' | 'admin' | 'viewer';

/** `admin_users`. */
export interface AdminUsersTable {
  id: string;
  email: string | null;
  name: string;
  role: AdminRole;
  password_hash: string;
  created_at: Generated<Date>;
  disabled_at: Date | null;
}

/** `admin_sessions`. */
export interface AdminSessionsTable {
  token_hash: string;
  user_id: string;
  created_at: Date;
  seen_at: Date;
  address: string | null;
}

/** Someone who administers Balto; never the password's hash. */
export interface AdminUser {
  id: string;
  email: string | null;
  name: string;
  role: AdminRole;
}

export function toAdminUser(row: Pick<Selectable<AdminUsersTable>, 'id' | 'email' | 'name' | 'role'>): AdminUser {
  return { id: row.id, email: row.email, name: row.name, role: row.role };
}
