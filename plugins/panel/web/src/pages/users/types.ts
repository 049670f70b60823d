import { can, canEverywhere, clientName, clients } from '../../lib/session.ts';
import { users as t } from '../../messages/users.ts';

export const ROLES = ['viewer', 'farmaceutico', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

export interface Grant {
  clientId: string | null;
  role: Role;
}

/** As `GET /api/v1/users` lists it. */
export interface Person {
  id: string;
  email: string | null;
  name: string;
  roles: Grant[];
  hasPassword: boolean;
  disabledAt: string | null;
  createdAt: string;
  revision: number;
}

export interface InviteShown {
  token: string;
  expiresAt: string;
}

/** Stands for the whole installation in a select, and in a path. */
export const PLATFORM = 'platform';

export function whereText(clientId: string | null): string {
  return clientId === null ? t('platform') : clientName(clientId);
}

/** The places in which this permission is held, for a select. */
export function placesWith(permission: string): { value: string; label: string }[] {
  const own = clients.value.filter(({ id }) => can(permission, id)).map(({ id, name }) => ({ value: id, label: name }));
  return canEverywhere(permission) ? [...own, { value: PLATFORM, label: t('platform') }] : own;
}
