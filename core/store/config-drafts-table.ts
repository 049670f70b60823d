import type { JSONColumnType, Selectable } from 'kysely';
import type { ConfigChange } from './config-table.ts';

/** open: not validated yet; valid: may be activated; refused: may not; active: became a version; discarded: given up. */
export type DraftState = 'open' | 'valid' | 'refused' | 'active' | 'discarded';

/** `config_drafts`. */
export interface ConfigDraftsTable {
  id: string;
  cliente_id: string | null;
  balcao_id: string | null;
  base_version: number;
  changes: JSONColumnType<ConfigChange[], string, string>;
  author: string;
  created_at: Date;
  validation: JSONColumnType<object | null, string | null, string | null>;
  state: DraftState;
  activated_version: number | null;
  canary: JSONColumnType<DraftCanary | null, string | null, string | null>;
}

/** Counters at which a draft is in force already, to see how it does there. */
export interface DraftCanary {
  counterIds: string[];
  /** Counters that the draft would reach. */
  of: number;
  /** Version that put it there. */
  version: number;
  /** ISO 8601. */
  at: string;
}

/** Changes that are not in force yet. */
export interface ConfigDraft {
  id: string;
  clientId: string | null;
  counterId: string | null;
  /** In force when it was made: newer changes of the same sections refuse it. */
  baseVersion: number;
  changes: ConfigChange[];
  author: string;
  createdAt: Date;
  /** What the last validation found; null: none yet. */
  validation: object | null;
  state: DraftState;
  activatedVersion: number | null;
  /** Null: in force nowhere yet. */
  canary: DraftCanary | null;
}

export function toConfigDraft(row: Selectable<ConfigDraftsTable>): ConfigDraft {
  return {
    id: row.id,
    clientId: row.cliente_id,
    counterId: row.balcao_id,
    baseVersion: row.base_version,
    changes: row.changes,
    author: row.author,
    createdAt: row.created_at,
    validation: row.validation,
    state: row.state,
    activatedVersion: row.activated_version,
    canary: row.canary,
  };
}
