import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log } from '../contracts/index.ts';
import { Admin } from './admin.ts';
import { Alerts } from './alerts.ts';
import { ApiTokens } from './api-tokens.ts';
import { AudioFiles } from './audio-files.ts';
import { Audit } from './audit.ts';
import type { AuditRetention } from './audit-retention.ts';
import { AuditWitness } from './audit-seal.ts';
import { BudgetClaims } from './budget-claims.ts';
import { CatalogueActivation } from './catalogue-activation.ts';
import { CatalogueImports } from './catalogue-imports.ts';
import { Clients } from './clients.ts';
import { ConfigDrafts } from './config-drafts.ts';
import { ConfigVersions } from './config-versions.ts';
import { Copies } from './copies.ts';
import { CostCorrections } from './cost-corrections.ts';
import { Costs } from './costs.ts';
import { CounterChanges } from './counter-changes.ts';
import { CounterPlaces } from './counter-places.ts';
import { Counters } from './counters.ts';
import type { DataProtections } from './data-protection.ts';
import { type Database, type DatabaseStatus, openDatabase } from './database.ts';
import { Drainer, type DrainerStatus } from './drainer.ts';
import { VoiceChanges } from './employee-rows.ts';
import { Employees } from './employees.ts';
import { SEALED_VOICES } from './employees-table.ts';
import type { Erasure } from './erasure.ts';
import { processMark } from './folder-lock.ts';
import { IdempotencyKeys, SEALED_ANSWERS } from './idempotency.ts';
import { InteractionIds } from './ids.ts';
import { Interactions } from './interactions.ts';
import { Passwords } from './invites.ts';
import { Journal } from './journal.ts';
import { KeyRotation } from './key-rotation.ts';
import type { LgpdExport } from './lgpd-export.ts';
import type { LgpdReceipts } from './lgpd-receipts.ts';
import { LiveConfig } from './live-config.ts';
import { LiveSessionRows } from './live-sessions.ts';
import { LoginGuard } from './login-guard.ts';
import { PriceBooks } from './price-book.ts';
import { privacyParts } from './privacy-parts.ts';
import { ProductChanges } from './product-changes.ts';
import { ProviderHealthRows } from './provider-health.ts';
import { ResumeRecords } from './resume-records.ts';
import { SEALED_STATES } from './resume-table.ts';
import type { Retention } from './retention.ts';
import { Reviews } from './reviews.ts';
import type { ScheduledJobs } from './scheduled-jobs.ts';
import { secretKeys } from './secret-key-file.ts';
import { Secrets } from './secrets.ts';
import { systemClock } from './system-clock.ts';
import { Users } from './users.ts';
import { VendorCredentials } from './vendor-credentials.ts';
import { VirtualCounters } from './virtual-counters.ts';
import { Voices } from './voices.ts';

export interface StoreOptions {
  /** Postgres connection string; absent: the embedded database in `dataDir`. */
  url?: string | undefined;
  /** Holds the embedded database, the journals, and the secret key where none is given. */
  dataDir: string;
  /** BALTO_SECRET_KEY: 32 bytes, hex or base64. Absent: `<dataDir>/secret.key`, made on an embedded start only. */
  secretKey?: string | undefined;
  /** BALTO_SECRET_KEY_PREVIOUS: keys that open what they sealed, and seal nothing. */
  previousSecretKeys?: readonly string[];
  log: Log;
  clock?: Clock;
  /** AUDIO_DUMP_DIR. Default: `audio` in the data folder. */
  audioDir?: string | undefined;
  /** Bytes of all journals. Default 64 MiB. */
  journalBytes?: number;
}

export interface StoreStatus {
  database: DatabaseStatus;
  /** `fullness` 0 to 1; `error` is the code of what keeps the journal from being written to the database. */
  journal: { bytes: number; fullness: number } & DrainerStatus;
  idsAvailable: number;
}

/** Everything that is kept: the one thing that `counter/`, `http/` and `ws/` are given. */
export interface Store {
  readonly db: Database;
  readonly journal: Journal;
  readonly ids: InteractionIds;
  readonly secrets: Secrets;
  readonly clients: Clients;
  readonly counters: Counters;
  readonly counterChanges: CounterChanges;
  readonly virtualCounters: VirtualCounters;
  readonly interactions: Interactions;
  readonly costs: Costs;
  readonly corrections: CostCorrections;
  readonly budgetClaims: BudgetClaims;
  readonly counterPlaces: CounterPlaces;
  readonly prices: PriceBooks;
  readonly providerHealth: ProviderHealthRows;
  readonly admin: Admin;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly tokens: ApiTokens;
  readonly logins: LoginGuard;
  readonly audit: Audit;
  readonly configVersions: ConfigVersions;
  readonly configDrafts: ConfigDrafts;
  readonly idempotency: IdempotencyKeys;
  readonly liveSessionRows: LiveSessionRows;
  readonly alerts: Alerts;
  /** Copies of the database that were made. */
  readonly copies: Copies;
  readonly reviews: Reviews;
  readonly employees: Employees;
  readonly voices: Voices;
  /** In this process; those of others are heard by `voices.listen`. */
  readonly voiceChanges: VoiceChanges;
  readonly productChanges: ProductChanges;
  readonly catalogueImports: CatalogueImports;
  readonly catalogueActivation: CatalogueActivation;
  readonly credentials: VendorCredentials;
  /** What each client decided about its people's data. */
  readonly dataProtection: DataProtections;
  readonly lgpd: { export: LgpdExport; erasure: Erasure; receipts: LgpdReceipts };
  readonly retention: Retention;
  readonly auditRetention: AuditRetention;
  readonly jobs: ScheduledJobs;
  /** Voices, where a client keeps them. */
  readonly audio: AudioFiles;
  /** `balto keys rotate`. */
  readonly keys: KeyRotation;
  readonly resumes: ResumeRecords;
  /** Applies nothing before it is started. */
  readonly config: LiveConfig;
  /** Resolves once the database is migrated and there are ids in hand. */
  ready(): Promise<void>;
  /** Resolves when what processes that died on this machine had journalled is in the database. */
  recovered(): Promise<void>;
  /** Resolves when everything journalled so far, also by processes that died, is in the database. */
  drained(): Promise<void>;
  /** The same, and what is stored is in no file of this process's journal any more. */
  settled(): Promise<void>;
  status(): StoreStatus;
  /**
   * Writes what is journalled to the database, for at most `graceMs` (default 5 s), and lets go of everything. What did
   * not make it stays in the journal for the next start.
   */
  close(graceMs?: number): Promise<void>;
}

const GRACE_MS = 5000;
const REJECTED_BYTES = 16 * 1024 * 1024;

/**
 * Opens database and journal. With an external database that is away it resolves all the same: see `status()`.
 * @throws BaltoError what `openDatabase` throws; `BALTO_CONFIG_SECRET_KEY` when an external database is used without a key.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const clock = options.clock ?? systemClock;
  const { log } = options;
  const root = join(options.dataDir, 'journal');
  const rejectedRoot = join(options.dataDir, 'journal-rejected');
  for (const folder of [root, rejectedRoot]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys = await secretKeys(options);
  const secrets = new Secrets(keys.current, keys.previous);
  const db = await openDatabase({ url: options.url, dataDir: options.dataDir, log, clock });
  const maxBytes = options.journalBytes;
  const journal = new Journal({ root, secrets, clock, log, ...(maxBytes !== undefined && { maxBytes }) });
  await journal.measure();
  const rejected = new Journal({ root: rejectedRoot, secrets, clock, log, maxBytes: REJECTED_BYTES });
  const drainer = new Drainer({ db, journal, rejected, root, secrets, clock, log });
  const ids = new InteractionIds(db, log, clock);
  const audit = new Audit(db, secrets, clock, new AuditWitness(options.dataDir, log));
  const versions = new ConfigVersions(db, audit, clock);
  const credentials = new VendorCredentials(db, secrets, audit, clock);
  const alerts = new Alerts(db, audit, clock);
  const voiceChanges = new VoiceChanges();
  const catalogueImports = new CatalogueImports(db, audit, clock);
  const config = new LiveConfig({ db, versions, credentials, clock, log });
  const employees = new Employees(db, audit, clock, voiceChanges);
  const audio = new AudioFiles(options.audioDir ?? join(options.dataDir, 'audio'));
  const drained = async () => {
    await drainer.recovered();
    await drainer.drained();
  };
  /** What is in the database is in no file of this journal any more. */
  const settled = async () => {
    await drained();
    await journal.roll();
    await drained();
  };
  const privacy = privacyParts({ db, secrets, audit, clock, log, employees, audio, settled, rejected });
  drainer.start();
  if (db.status().state === 'ready') await ids.ready();
  return {
    db,
    journal,
    ids,
    secrets,
    clients: new Clients(db, secrets, clock, audit),
    counters: new Counters(db, clock),
    counterChanges: new CounterChanges(db, audit),
    virtualCounters: new VirtualCounters(db, audit, clock),
    interactions: new Interactions(db),
    costs: new Costs(db),
    corrections: new CostCorrections(db, audit, clock),
    budgetClaims: new BudgetClaims(db, clock),
    counterPlaces: new CounterPlaces(db),
    prices: new PriceBooks(db),
    providerHealth: new ProviderHealthRows(db),
    admin: new Admin(db, clock),
    users: new Users(db, audit, clock),
    passwords: new Passwords(db, audit, clock),
    tokens: new ApiTokens(db, audit, clock),
    logins: new LoginGuard(db, secrets, clock),
    audit,
    idempotency: new IdempotencyKeys(db, secrets, clock),
    liveSessionRows: new LiveSessionRows(db),
    alerts,
    copies: new Copies(db, audit, alerts, clock),
    reviews: new Reviews(db, audit, alerts, clock),
    employees,
    voices: new Voices({ db, secrets, audit, clock, log, changes: voiceChanges }),
    voiceChanges,
    productChanges: new ProductChanges(db, audit),
    catalogueImports,
    catalogueActivation: new CatalogueActivation(db, audit, clock, catalogueImports.mark),
    configVersions: versions,
    configDrafts: new ConfigDrafts(db, clock),
    credentials,
    config,
    keys: new KeyRotation({
      db,
      secrets,
      audit,
      columns: [credentials.sealed, SEALED_ANSWERS, SEALED_STATES, SEALED_VOICES],
      auditRetention: privacy.auditRetention,
      keyFolder: keys.folder,
    }),
    resumes: new ResumeRecords(db, secrets, processMark()),
    ...privacy,
    audio,
    ready: () => ids.ready(),
    recovered: () => drainer.recover(),
    drained,
    settled,
    status: () => ({
      database: db.status(),
      journal: { bytes: journal.bytes, fullness: journal.fullness, ...drainer.status() },
      idsAvailable: ids.available,
    }),
    close: once(async (graceMs = GRACE_MS) => {
      await journal.close();
      const stored = await drainer.close(graceMs);
      await journal.release(stored);
      await rejected.close();
      await rejected.release(false);
      await config.close();
      await ids.close();
      await db.close();
    }),
  };
}

/** Closing twice, from a signal and from a test, is closing once. */
function once(close: (graceMs?: number) => Promise<void>): (graceMs?: number) => Promise<void> {
  let closing: Promise<void> | null = null;
  return (graceMs) => {
    closing ??= close(graceMs);
    return closing;
  };
}
