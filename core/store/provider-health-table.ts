import type { Selectable } from 'kysely';

/** `provider_health`. */
export interface ProviderHealthTable {
  key: string;
  kind: string;
  address: string;
  model: string;
  credential: string;
  state: 'open' | 'closed';
  degraded: boolean;
  reason: string | null;
  until: Date | null;
  at: Date;
  process: string;
}

/** How a candidate is, as one process found it. */
export interface ProviderHealthRow {
  /** Names the candidate in every process; holds no key. */
  key: string;
  kind: string;
  address: string;
  model: string;
  /** Fingerprint of the credential. */
  credential: string;
  state: 'open' | 'closed';
  degraded: boolean;
  /** Error code, or `empty`. */
  reason: string | null;
  /** Milliseconds of rest that are left. */
  restMs: number;
}

/** The same with when (by the database's clock) and by whom. */
export interface StoredProviderHealth extends ProviderHealthRow {
  at: Date;
  process: string;
}

export function toProviderHealth(
  row: Selectable<ProviderHealthTable> & { rest_ms: number | null },
): StoredProviderHealth {
  const { until: _until, rest_ms: restMs, ...rest } = row;
  return { ...rest, restMs: Math.max(0, restMs ?? 0) };
}
