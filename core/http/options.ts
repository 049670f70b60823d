import type { Imports } from '../catalogue/imports.ts';
import type { Clock, ProviderError } from '../contracts/index.ts';
import type { Budgets } from '../counter/budgets.ts';
import type { Enrolment } from '../counter/enrolment.ts';
import type { Levels } from '../counter/levels.ts';
import type { LiveSessions } from '../counter/live-sessions.ts';
import type { Masking } from '../counter/masking.ts';
import type { RequestLimits } from '../counter/request-limits.ts';
import type { Trials } from '../counter/trials.ts';
import type { LiveFeed } from '../live/feed.ts';
import type { LiveSnapshot } from '../live/snapshot.ts';
import type { OtcList } from '../pharmacy/otc.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import type { Configuration } from '../routing/client-config.ts';
import type { ConfigChanges } from '../routing/config-changes.ts';
import type { Explanation } from '../routing/explain.ts';
import type { Preview } from '../routing/preview.ts';
import type { ProviderFigure, Saving } from '../routing/provider-figures.ts';
import type { RouteInput } from '../routing/route.ts';
import type { RoutedKind } from '../routing/rule.ts';
import type { Simulated } from '../routing/simulate.ts';
import type { Limits } from '../routing/types.ts';
import type { HealthStatus } from '../runtime/health.ts';
import type { PriceBook } from '../runtime/prices.ts';
import type { UtteranceFacts } from '../runtime/types.ts';
import type { BackupDesk } from '../store/backup-desk.ts';
import type { ConfigDraft } from '../store/config-drafts-table.ts';
import type { ConfigChange } from '../store/config-table.ts';
import type { Store, StoreStatus } from '../store/index.ts';
import type { ReplayPeriod } from '../store/replay.ts';
import type { PasswordChecks } from './password-checks.ts';

/** What `/health/ready` says. */
export interface Readiness {
  /** False: calls and counters should go elsewhere. */
  ready: boolean;
  /** pt-BR, each with its remedy; empty when nothing is. */
  missing: string[];
}

/** What the configuration's routes need beside the store. */
export interface ConfigDoors {
  registry: Registry;
  configuration: Pick<Configuration, 'for'>;
  changes: ConfigChanges;
  /** What a vendor says of one key with these settings; null: nothing against it. */
  probe(configured: ConfiguredProvider, credential: number): Promise<ProviderError | null>;
  isOfTheKey(error: ProviderError): boolean;
  health(): HealthStatus[];
  /** The tier a plugin's own label claims for an address; null: none. */
  tierOf(vendor: string, address: string): string | null;
}

/** Providers side by side, by what is stored of a period. */
export interface ComparedProviders {
  utterances: number;
  /** The earliest moment looked at. */
  since: Date;
  /** False: only the newest utterances were, back to `since`. */
  isAll: boolean;
  providers: ProviderFigure[];
  saving: Saving;
}

/** What is not in force: a draft, or rules (untrusted) of the client that is asked about, else of all. */
export type WhatIf = { draft: ConfigDraft } | { rules: readonly unknown[] };

/** What the routes about routing need beside the configuration. */
export interface RoutingDoors {
  /** Why an utterance of these facts would go where it would; null: as when speech begins. Default: as things stand. */
  explain(
    asked: { clientId: string; counterId: string | null } & Partial<Omit<RouteInput, 'registry' | 'effective'>> &
      Pick<RouteInput, 'counterTags'>,
    facts: UtteranceFacts | null,
    under?: WhatIf,
  ): Promise<Explanation>;
  /** @param under undefined: what is in force. */
  simulate(period: ReplayPeriod, under: WhatIf | undefined, signal: AbortSignal): Promise<Simulated>;
  /** What a change would have done with the newest utterances it would reach. */
  preview(change: ConfigChange, kind: RoutedKind, utterances: number): Promise<Preview>;
  compare(period: ReplayPeriod, signal: AbortSignal): Promise<ComparedProviders>;
}

/** What the routes about money and limits need beside the store. */
export interface MoneyDoors {
  budgets: Pick<Budgets, 'load' | 'status'>;
  prices: Pick<PriceBook, 'version' | 'prices' | 'estimateMicroUsd'>;
  /** The rate that amounts are shown at; null: none is known. */
  exchange(): { brlPerUsd: number; from: string | null; source: string } | null;
  /** Limits as they hold for a client (null: for whoever is no client's), the environment's included. */
  limitsOf(clientId: string | null): Limits;
}

/** How an installation stands, as far as this process sees it. */
export interface Figures {
  database: StoreStatus['database'];
  journal: StoreStatus['journal'];
  /** Of the data folder; null: nobody knows. */
  disk: { freeBytes: number; totalBytes: number } | null;
  process: { pid: number; host: string; node: string; startedAt: Date; memoryBytes: number; counters: number };
}

/** What the routes need of the rest of the house. */
export interface HttpOptions
  extends Pick<
    Store,
    | 'db'
    | 'clients'
    | 'counters'
    | 'counterChanges'
    | 'virtualCounters'
    | 'interactions'
    | 'admin'
    | 'users'
    | 'passwords'
    | 'tokens'
    | 'logins'
    | 'audit'
    | 'idempotency'
    | 'config'
    | 'configVersions'
    | 'configDrafts'
    | 'credentials'
    | 'reviews'
    | 'alerts'
    | 'costs'
    | 'corrections'
    | 'dataProtection'
    | 'lgpd'
    | 'audio'
    | 'productChanges'
    | 'catalogueImports'
    | 'employees'
    | 'voices'
  > {
  backups: Pick<BackupDesk, 'start' | 'list' | 'status' | 'open' | 'remove'>;
  figures(): Promise<Figures>;
  imports: Pick<Imports, 'start' | 'undo' | 'spool'>;
  liveSessions: Pick<LiveSessions, 'page'>;
  /** What happens at the counters. */
  live: { feed: LiveFeed; snapshot: LiveSnapshot; levels: Pick<Levels, 'watch' | 'isHere'> };
  configDoors: ConfigDoors;
  routingDoors: RoutingDoors;
  requestLimits: RequestLimits;
  /** Keeps people out of what is written about a client's counters. */
  masking: Pick<Masking, 'once'>;
  money: MoneyDoors;
  /** What may be offered over the counter. */
  otc: OtcList;
  enrolment: Pick<Enrolment, 'enrol'>;
  /** Decodes uploads that are not decoded in process; null: they are refused. */
  ffmpegPath: string | null;
  trials: Pick<Trials, 'segment' | 'transcribe' | 'analyse'>;
  clock: Clock;
  readiness(): Readiness | Promise<Readiness>;
  settings: {
    /** CADASTRO_ABERTO. */
    openRegistration: boolean;
    /** CADASTRO_POR_MINUTO. */
    registrationsPerMinute: number;
    /** CODIGO_TTL_HORAS. */
    codeTtlHours: number;
    /** CORS_ORIGINS. */
    corsOrigins: string[];
    /** RESTRICT_PRODUCTS. */
    restrictProducts?: boolean;
    /** IANA zone of the times that reports show. Default America/Sao_Paulo. */
    timeZone?: string;
  };
}

/** The same, and what the doors share among them. */
export interface DoorOptions extends HttpOptions {
  passwordChecks: PasswordChecks;
}
