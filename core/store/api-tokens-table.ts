import type { ColumnType, Selectable } from 'kysely';

/** `api_tokens`. */
export interface ApiTokensTable {
  id: string;
  user_id: string;
  cliente_id: string | null;
  name: string;
  scopes: ColumnType<string[], string[], never>;
  prefix: string;
  token_hash: string;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

/** A token without what opens. */
export interface ApiToken {
  id: string;
  /** Who made it, and whose roles bound it. */
  userId: string;
  /** Null: reaches as far as its maker's roles. */
  clientId: string | null;
  name: string;
  scopes: string[];
  /** First characters: enough to recognise it, useless to guess it. */
  prefix: string;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

export function toApiToken(row: Selectable<ApiTokensTable>): ApiToken {
  return {
    id: row.id,
    userId: row.user_id,
    clientId: row.cliente_id,
    name: row.name,
    scopes: row.scopes,
    prefix: row.prefix,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
