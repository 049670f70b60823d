/** As `GET /api/v1/health` answers. */
export interface Figures {
  at: string;
  ready: boolean;
  missing: string[];
  database: { kind: string; state: string; since: string; migration: string | null; error: string | null };
  journal: { bytes: number; fullness: number; rejected: number; error: string | null };
  disk: { freeBytes: number; totalBytes: number } | null;
  process: { pid: number; host: string; node: string; memoryBytes: number; counters: number };
  backups: BackupStatus | null;
}

export interface BackupStatus {
  lastAt: string | null;
  ageS: number | null;
  maxAgeDays: number;
  isOld: boolean;
  keep: number;
}

/** As `GET /api/v1/backups` lists it. */
export interface Copy {
  id: string;
  kind: string;
  state: 'fazendo' | 'pronta' | 'falhou';
  by: string;
  startedAt: string;
  finishedAt: string | null;
  bytes: number | null;
  failure: string | null;
  canDownload: boolean;
}

export interface Processes {
  processes: {
    host: string;
    pid: number;
    own: boolean;
    version: number;
    startedAt: string;
    stale: boolean;
    sessions: Record<string, number>;
  }[];
}

export interface ProviderHealth {
  address: string;
  model: string;
  credential: string;
  state: string;
  until: string | null;
  window: { attempts: number; failed: number };
  lastError: string | null;
  lastErrorAt: string | null;
  degraded: boolean;
}
