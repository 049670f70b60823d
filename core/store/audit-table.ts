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
  seq: number | null;
  previous_hash: string | null;
  hash: string | null;
}

/** `audit_head`: one row. */
export interface AuditHeadTable {
  id: number;
  seq: number | null;
  hash: string | null;
  key_id: string | null;
  seal: string | null;
}

/** `audit_retired`: no row, or one. */
export interface AuditRetiredTable {
  id: number;
  seq: number;
  hash: string;
  rows: number;
  seals: number;
  newest_at: Date;
  retired_at: Date;
  key_id: string;
  seal: string;
}

/** One change. `before` and `after` come with their secrets already redacted. */
export interface AuditEntry {
  /** `admin:<id>`, `token:<id>`, `client:<id>`, `anonymous`, `cli` or `system`. */
  actor: string;
  /** `<what>.<verb>`, e.g. `counter.revoke`. */
  action: string;
  /** `<kind>:<id>`. */
  target: string;
  clientId?: string | undefined;
  why?: string | undefined;
  before?: object | undefined;
  after?: object | undefined;
  address?: string | undefined;
}

export interface StoredAuditEntry extends AuditEntry {
  id: number;
  /** Place in the chain. */
  seq: number;
  at: Date;
  /** Hex; covers the row before it too. */
  hash: string;
}

export function toAuditEntry(row: Selectable<AuditTable>): StoredAuditEntry {
  return {
    id: row.id,
    seq: row.seq ?? 0,
    at: row.at,
    hash: row.hash ?? '',
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
