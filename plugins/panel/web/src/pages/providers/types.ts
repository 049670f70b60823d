import type { Amount, Exchange } from '../../lib/amount.ts';
import type { Rule } from '../routes/types.ts';
import type { Schema } from './schema.ts';

/** `GET /api/v1/providers`. */
export interface ProviderInfo {
  address: string;
  kind: string;
  title: string;
  models: string[];
  tier: string | null;
  settings: Schema;
  canProbe: boolean;
  prices: { model: string; mode: 'batch' | 'stream'; cost: Amount }[];
  vendor: { id: string; title: string; region: string; credential: Schema | null; env: string[] };
}

export interface ProvidersAnswer {
  items: ProviderInfo[];
  exchange: Exchange | null;
}

/** `GET /api/v1/providers/health`. */
export interface HealthInfo {
  kind: string;
  address: string;
  model: string;
  state: string;
  until: string | null;
  window: { attempts: number; failed: number };
  lastError: string | null;
  lastErrorAt: string | null;
  degraded: boolean;
}

/** A provider as it is used at a place. */
export interface UsedProvider {
  address: string;
  title: string;
  vendor: string;
  region: string;
  usable: boolean;
  missing: string | null;
  keys: number;
  settings: Record<string, unknown>;
}

export interface Section {
  /** Of `routing`. */
  rules?: Rule[];
  use?: string[];
  settings?: Record<string, Record<string, unknown>>;
}

/** `GET /…/providers/{kind}`. */
export interface Chosen {
  kind: string;
  version: number;
  own: Section | null;
  layer: string;
  use: UsedProvider[];
}

export interface Warned {
  code: string;
  field: string;
  message: string;
}

/** `POST /…/providers/{kind}/preview`. */
export interface PreviewAnswer {
  errors: Warned[];
  warnings: Warned[];
  changed: number;
  providers: { address: string | null; happened: number; now: number; draft: number }[];
  utterances: {
    id: number;
    at: string;
    counterId: string;
    durationMs: number;
    snrDb: number | null;
    happened: string | null;
    now: string | null;
    draft: string | null;
    changed: boolean;
    decision: { rule: string; rejected: { address: string; reason: string }[] };
  }[];
}

export interface Draft {
  id: string;
  clientId: string | null;
  counterId: string | null;
  author: string;
  createdAt: string;
  state: 'open' | 'valid' | 'refused' | 'active' | 'discarded';
  changes: { section: string; value?: Section | null; clientId: string | null; counterId: string | null }[];
  validation: { errors?: Warned[]; warnings?: Warned[] } | null;
  canary: { counterIds: string[]; of: number; version: number; at: string } | null;
}

export interface Version {
  version: number;
  at: string;
  actor: string;
  why: string | null;
  kind: string;
  rolledBackTo: number | null;
  changes: {
    section: string;
    clientId: string | null;
    counterId: string | null;
    before: Section | null;
    after: Section | null;
  }[];
}

export interface CounterInfo {
  id: string;
  name: string;
  status: string;
}

/** Where a choice holds: for everyone (`global`), a client, or one of its counters. */
export interface Place {
  kind: 'global' | 'client' | 'counter';
  id: string;
}

/** Where the routes about a place begin. */
export function pathOf({ kind, id }: Place): string {
  if (kind === 'global') return '/api/v1/global';
  return `/api/v1/${kind === 'client' ? 'clients' : 'counters'}/${encodeURIComponent(id)}`;
}
