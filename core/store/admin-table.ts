import type { Generated, Selectable } from 'kysely';

/** `admin_users`. */
export interface AdminUsersTable {
  id: string;
  email: string | null;
  name: string;
  password_hash: string | null;
  bootstrap_hash: string | null;
  created_at: Generated<Date>;
  disabled_at: Date | null;
  revision: Generated<number>;
}

/** `admin_sessions`. */
export interface AdminSessionsTable {
  token_hash: string;
  user_id: string;
  created_at: Date;
  seen_at: Date;
  address: string | null;
  confirmada_em: Date | null;
}

/** `admin_invites`: at most one per user. */
export interface AdminInvitesTable {
  user_id: string;
  token_hash: string;
  created_by: string;
  created_at: Date;
  expires_at: Date;
}

/** `login_attempts`: passwords that were not right, or are being checked. */
export interface LoginAttemptsTable {
  id: Generated<number>;
  account: string;
  place: string;
  at: Date;
}

/** `login_places`. */
export interface LoginPlacesTable {
  account: string;
  place: string;
  seen_at: Date;
}

/** Someone who administers Balto; never the password's hash. */
export interface AdminUser {
  id: string;
  /** The first owner may have none. */
  email: string | null;
  name: string;
  createdAt: Date;
  /** Null: may log in. */
  disabledAt: Date | null;
  /** False: was invited, and has no password yet. */
  hasPassword: boolean;
  /** Grows with each change of the person or of a role. */
  revision: number;
}

export function toAdminUser(row: Selectable<AdminUsersTable>): AdminUser {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
    hasPassword: row.password_hash !== null,
    revision: row.revision,
  };
}
