import type { Generated, JSONColumnType, Selectable } from 'kysely';

type Json = JSONColumnType<object | null, string | null, never>;

/** `audit_log`. */
export interface AuditTable {
  id: Generated<number>;
  at: Generated<Date>;
  actor: string;
  action: string;
  target: string;
  cliente_id: string | null;
  why: string | null;
  before: Json;
  after: Json;
  address: string | null;
}

/** One change. `before` and `after` come with their secrets already redacted. */
export interface AuditEntry {
  /** `admin:<id>`, `cli`, `system` or `balcao:<id>`. */
  actor: string;
  /** `<what>.<verb>`, e.g. `counter.revoke`. */
  action: string;
  /** `<kind>:<id>`. */
  target: string;
  clientId?: string;
  why?: string;
  before?: object;
  after?: object;
  address?: string;
}

export interface StoredAuditEntry extends AuditEntry {
  id: number;
  at: Date;
}

export function toAuditEntry(row: Selectable<AuditTable>): StoredAuditEntry {
  return {
    id: row.id,
    at: row.at,
    actor: row.actor,
    action: row.action,
    target: row.target,
    ...(row.cliente_id !== null && { clientId: row.cliente_id }),
    ...(row.why !== null && { why: row.why }),
    ...(row.before !== null && { before: row.before }),
    ...(row.after !== null && { after: row.after }),
    ...(row.address !== null && { address: row.address }),
  };
}
