import type { Generated } from 'kysely';

/** From the least to the most; each may all that the one before it may. */
export const ROLES = ['viewer', 'farmaceutico', 'admin', 'owner'] as const;

export type RoleName = (typeof ROLES)[number];

/** `admin_roles`. */
export interface AdminRolesTable {
  id: Generated<number>;
  user_id: string;
  cliente_id: string | null;
  role: RoleName;
  granted_at: Date;
  granted_by: string | null;
}

/** A role of somebody. */
export interface RoleGrant {
  /** Null: in every client, and for what is of the whole installation. */
  clientId: string | null;
  role: RoleName;
}
