import type { JSONColumnType, Selectable } from 'kysely';

/** Addresses that answered last, by kind; null: none yet. */
export interface LiveProviders {
  stt: string | null;
  llm: string | null;
}

/** What a counter does. `away`: its connection broke, and it may come back. */
export type CounterState = 'listening' | 'speaking' | 'paused' | 'away';

/** What is known of a counter beside its connection. */
export interface LiveState {
  now: CounterState;
  /** ISO 8601, UTC. */
  since: string;
  /** Parts of its ear that failed and have others in their place: `vad`, `cleaner`. */
  degraded: string[];
  /** Rule by which the provider of its last utterance was chosen; null: it has said nothing yet. */
  rule: string | null;
}

/** `live_sessions`. */
export interface LiveSessionsTable {
  session_id: string;
  process_id: string;
  cliente_id: string;
  balcao_id: string;
  counter_name: string;
  protocol: number;
  since: Date;
  bytes: number;
  config_version: number;
  providers: JSONColumnType<LiveProviders, string, string>;
  last_utterance_at: Date | null;
  seen_at: Date;
  /** Null: told by a process of a version that did not know it. */
  state: JSONColumnType<LiveState | null, string, string>;
}

/** A counter that is connected now. */
export interface LiveSession {
  sessionId: string;
  clientId: string;
  counterId: string;
  counterName: string;
  protocol: 1 | 2;
  since: Date;
  /** Of audio, received on this connection. */
  bytes: number;
  /** Version of the configuration of its last utterance; before the first, the one in force in its process. */
  configVersion: number;
  providers: LiveProviders;
  lastUtteranceAt: Date | null;
  state: LiveState;
}

export function toLiveSession(row: Selectable<LiveSessionsTable>): LiveSession {
  return {
    sessionId: row.session_id,
    clientId: row.cliente_id,
    counterId: row.balcao_id,
    counterName: row.counter_name,
    protocol: row.protocol === 2 ? 2 : 1,
    since: row.since,
    bytes: row.bytes,
    configVersion: row.config_version,
    providers: row.providers,
    lastUtteranceAt: row.last_utterance_at,
    state: row.state ?? { now: 'listening', since: row.since.toISOString(), degraded: [], rule: null },
  };
}

/** As `json_populate_recordset` reads it; the database puts its own time to it. */
export function fromLiveSession(processId: string, session: LiveSession): object {
  return {
    session_id: session.sessionId,
    process_id: processId,
    cliente_id: session.clientId,
    balcao_id: session.counterId,
    counter_name: session.counterName,
    protocol: session.protocol,
    since: session.since,
    bytes: session.bytes,
    config_version: session.configVersion,
    providers: session.providers,
    last_utterance_at: session.lastUtteranceAt,
    state: session.state,
  };
}
