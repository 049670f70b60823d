import type { Generated, JSONColumnType, Selectable } from 'kysely';

/** seed: written from the environment; change: by somebody; rollback: an older state, as a new version. */
export type VersionKind = 'seed' | 'change' | 'rollback';

/** `config_versions`. */
export interface ConfigVersionsTable {
  version: Generated<number>;
  at: Date;
  actor: string;
  why: string | null;
  cliente_id: string | null;
  kind: VersionKind;
  rolled_back_to: number | null;
  changes: JSONColumnType<RecordedChange[], string, never>;
}

/** `config_items`. */
export interface ConfigItemsTable {
  id: Generated<number>;
  version: number;
  cliente_id: string | null;
  balcao_id: string | null;
  section: string;
  value: JSONColumnType<object | null, string | null, never>;
}

/** `config_applied`. */
export interface ConfigAppliedTable {
  process_id: string;
  host: string;
  pid: number;
  version: number;
  started_at: Date;
  seen_at: Date;
  sessions: JSONColumnType<Record<string, number>, string, string>;
}

/** Where a section stands: for everyone (both null), for a client, or for one of its counters. */
export interface Place {
  clientId: string | null;
  counterId: string | null;
}

/** A section as somebody wants it; null takes it away, and the layer below shows through. */
export interface ConfigChange extends Place {
  /** `providers.<kind>`, `routing`, `credentials.<vendor>`, `limits`, `budget`, `prices`, `restrictions`, `offering`. */
  section: string;
  value: object | null;
}

/** A change as its version remembers it. Nothing in an item is a secret: keys are named by their ids. */
export interface RecordedChange extends Place {
  section: string;
  before: object | null;
  after: object | null;
}

/** A section as a version left it. */
export interface ConfigItem extends ConfigChange {
  version: number;
}

/** One version of the configuration. */
export interface ConfigVersion {
  version: number;
  at: Date;
  actor: string;
  why: string | null;
  /** The one client it is about; null: everyone, or several. */
  clientId: string | null;
  kind: VersionKind;
  rolledBackTo: number | null;
  changes: RecordedChange[];
}

/** A process, and the version it applies. */
export interface AppliedVersion {
  processId: string;
  host: string;
  pid: number;
  version: number;
  startedAt: Date;
  seenAt: Date;
  /** Open sessions by the version of their last utterance. */
  sessions: Record<string, number>;
}

export function toConfigVersion(row: Selectable<ConfigVersionsTable>): ConfigVersion {
  return {
    version: row.version,
    at: row.at,
    actor: row.actor,
    why: row.why,
    clientId: row.cliente_id,
    kind: row.kind,
    rolledBackTo: row.rolled_back_to,
    changes: row.changes,
  };
}

export function toConfigItem(row: Omit<Selectable<ConfigItemsTable>, 'id'>): ConfigItem {
  const { version, section, value } = row;
  return { version, clientId: row.cliente_id, counterId: row.balcao_id, section, value };
}

export function toAppliedVersion(row: Selectable<ConfigAppliedTable>): AppliedVersion {
  return {
    processId: row.process_id,
    host: row.host,
    pid: row.pid,
    version: row.version,
    startedAt: row.started_at,
    seenAt: row.seen_at,
    sessions: row.sessions,
  };
}
