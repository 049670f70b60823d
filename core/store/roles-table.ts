/** From the least to the most; each may all that the one before it may. */
export const ROLES = ['viewer', 'pharmacist', 'admin', 'owner'] as const;

export type RoleName = (typeof ROLES)[number];

/** A role of somebody. */
export interface RoleGrant {
  /** Null: in every client, and for what is of the whole installation. */
  clientId: string | null;
  role: RoleName;
}
