import Fastify, { type FastifyInstance } from 'fastify';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { openBackups } from './app-backups.ts';
import { openImports, recoverImports } from './app-catalogue.ts';
import { commandSocket } from './app-commands.ts';
import { openConfigChanges, openConfigDoors } from './app-config.ts';
import { figuresOf } from './app-figures.ts';
import { announceHealth } from './app-health.ts';
import { openLegacyImport } from './app-legacy.ts';
import { type AppLimits, openLimits } from './app-limits.ts';
import { type Live, openLive } from './app-live.ts';
import { openMoney } from './app-money.ts';
import { openKeeper, openMasking, openRetention } from './app-privacy.ts';
import { openProviders, type Providers } from './app-providers.ts';
import { openRoutingDoors } from './app-routing.ts';
import { openSessions } from './app-sessions.ts';
import { type AppVoices, openVoices } from './app-voices.ts';
import { findFfmpeg, prepareDecoders } from './audio/decode/index.ts';
import type { Imports } from './catalogue/imports.ts';
import { BaltoError, type Gauges, type Log } from './contracts/index.ts';
import { LiveSessions } from './counter/live-sessions.ts';
import type { Masking } from './counter/masking.ts';
import { Observer } from './counter/observer.ts';
import { effectiveVad } from './counter/settings.ts';
import { access } from './http/access.ts';
import type { ConfigDoors, MoneyDoors, RoutingDoors } from './http/options.ts';
import http from './http/plugin.ts';
import { serverOptions } from './http/server-options.ts';
import type { LegacyReport } from './legacy/report.ts';
import { loadPharmacyData } from './pharmacy/data.ts';
import type { OtcList } from './pharmacy/otc.ts';
import { loadPlugins } from './registry/load.ts';
import registry from './registry/plugin.ts';
import type { ConfigChanges } from './routing/config-changes.ts';
import { systemClock } from './runtime/provider-context.ts';
import { cutSilentSockets } from './silent-sockets.ts';
import type { BackupDesk } from './store/backup-desk.ts';
import { openStore, type Store } from './store/index.ts';
import { candidatesOf, missingOf, type Summary } from './summary.ts';
import { gaugesOf, STARTING, telemetryOf } from './telemetry.ts';
import ws from './ws/plugin.ts';

export interface AppOptions {
  /** Variables, as `process.env` has them. Nothing else is read from the environment. */
  env: Record<string, string | undefined>;
  /** Where plugin folders lie; default: the repository's. */
  pluginsDirectory?: URL;
  observer?: Observer;
  /** Where log lines go; default: standard output. */
  logStream?: { write(line: string): void };
}

/** A Balto that is built but does not listen yet. */
export interface Balto {
  app: FastifyInstance;
  environment: Environment;
  observer: Observer;
  store: Store;
  providers: Providers;
  /** How the configuration is changed. */
  config: ConfigChanges;
  /** `balto import-legacy`, with voices. */
  importLegacy(request: unknown): Promise<LegacyReport>;
  summary(): Summary;
  /** Drains the counters, writes what is journalled, lets go of everything. Idempotent. */
  close(): Promise<void>;
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Builds Balto from its parts. The same function serves the start, the command line, the demo and the tests.
 * @throws BaltoError for a wrong configuration, a locked data folder or a plugin that fails: never for a vendor or an
 * external database that cannot be reached.
 */
export async function createApp(options: AppOptions): Promise<Balto> {
  const environment = readEnvironment(options.env, SILENT);
  const ffmpegPath = ffmpegOf(environment, options.env);
  const app = Fastify(serverOptions(environment, options.logStream));
  const observer = options.observer ?? new Observer();
  const undo: (() => Promise<void>)[] = [() => app.close()];
  try {
    cutSilentSockets(app);
    await app.register(access);
    await app.register(registry);
    let gauges = (): Gauges => STARTING;
    app.decorate(
      'telemetry',
      telemetryOf(observer, () => gauges(), environment),
    );
    await loadPlugins(app, options.pluginsDirectory ?? new URL('../plugins/', import.meta.url), environment.plugins);
    const store = await openStore({
      url: environment.databaseUrl,
      dataDir: environment.dataDir,
      secretKey: environment.secretKey,
      previousSecretKeys: environment.previousSecretKeys,
      audioDir: environment.audioDumpDir,
      log: app.log,
      clock: systemClock,
    });
    undo.push(() => store.close());
    await store.config.start();
    const parts = { registry: app.balto.registry, environment, env: options.env, clock: systemClock, log: app.log };
    const [providers] = await Promise.all([openProviders({ ...parts, live: store.config }), prepareDecoders()]);
    undo.push(() => providers.close());
    followConfig(store, providers);
    undo.push(announceHealth({ ...parts, health: providers.health, store, observer }));
    const imports = await openImports({ ...parts, ...environment, maxMb: environment.catalogueImportMb, store });
    undo.push(() => imports.close());
    const backups = openBackups({ ...parts, store });
    undo.push(() => backups.close());
    const money = openMoney({ ...parts, ...providers, store, observer });
    undo.push(() => money.close());
    const liveSessions = openLiveSessions(store, observer, app.log);
    undo.push(() => liveSessions.close());
    const live = openLive({ ...parts, store, observer, liveSessions, health: () => providers.health.status() });
    undo.push(async () => live.close());
    const limits = await openLimits({ ...parts, store, providers, liveSessions, observer });
    undo.push(() => limits.close());
    const voices = openVoices({ ...parts, store, providers });
    undo.push(() => voices.close());
    const pharmacy = loadPharmacyData();
    const masking = openMasking(store.db, pharmacy, systemClock, app.log);
    store.voiceChanges.on('changed', (clientId) => masking.changed(clientId));
    const keeper = openKeeper(store, systemClock, app.log);
    undo.push(() => keeper.close());
    const importLegacy = openLegacyImport({ ...parts, ffmpegPath, store, masking, enrolment: voices.enrolment });
    if (store.db.kind === 'embedded')
      undo.push(await commandSocket(environment.dataDir, store, providers, imports, importLegacy, app.log));
    const sessions = openSessions({
      ...parts,
      ffmpegPath,
      observer,
      store,
      providers,
      pharmacy,
      masking,
      keeper,
      money,
      limits,
      voices,
    });
    undo.push(() => sessions.close());
    const retention = openRetention({ store, environment, clock: systemClock, log: app.log });
    undo.push(() => retention.close());
    // A counter of the first second is to find the catalogue; a database that is away is not waited for.
    if (store.db.status().state === 'ready') await sessions.seeded;
    void recoverImports(imports, store, app.log);
    gauges = () => gaugesOf(app, store, providers);
    const summary = () => summaryOf(environment, providers, store);
    const config = openConfigChanges({ ...parts, store, providers });
    const configDoors = openConfigDoors({ ...parts, providers, changes: config });
    const routingDoors = openRoutingDoors({
      ...parts,
      ...providers,
      store,
      changes: config,
      budgetLeft: (effective) => money.budgets.left(effective),
    });
    const doors = { configDoors, routingDoors, money: { ...money, limitsOf: limits.limitsOf }, otc: pharmacy.otc };
    const open = { sessions, liveSessions, live, limits, masking, imports, voices, ffmpegPath, backups: backups.desk };
    await registerDoors(app, { environment, store, ...open, ...doors, summary });
    liveSessions.watch(() => app.connections.live());
    void providers.warm();
    return { app, environment, observer, store, providers, config, importLegacy, summary, close: once(undo) };
  } catch (error) {
    await once(undo)();
    throw error;
  }
}

/** Of several processes each tells the others which counters it serves; the embedded database has one. */
function openLiveSessions(store: Store, observer: Observer, log: Log): LiveSessions {
  return new LiveSessions({
    observer,
    rows: store.liveSessionRows,
    seen: (counterIds) => store.counters.seen(counterIds),
    isShared: store.db.kind === 'postgres',
    version: () => store.config.version,
    clock: systemClock,
    log,
  });
}

/** A new version is worked out for every session as soon as it is applied, and what nobody uses any more is closed. */
function followConfig({ config }: Store, { configuration, ears }: Providers): void {
  const loadEars = async () => {
    await ears.loadDefault(configuration.global());
    for (const effective of configuration.places()) await ears.load(effective);
  };
  config.on('applied', () => void configuration.settled().then(loadEars));
  config.countSessions(() => configuration.sessions());
}

/** A named ffmpeg that cannot be run is a wrong configuration; none at all is not. */
function ffmpegOf({ ffmpegPath }: Environment, env: AppOptions['env']): string | null {
  const found = findFfmpeg({ FFMPEG_PATH: ffmpegPath, PATH: env['PATH'] });
  if (ffmpegPath === undefined || found !== undefined) return found ?? null;
  throw new BaltoError({
    code: 'BALTO_CONFIG_ENVIRONMENT',
    message: 'FFMPEG_PATH: não há um programa que se possa executar nesse caminho',
    field: 'FFMPEG_PATH',
  });
}

async function registerDoors(
  app: FastifyInstance,
  parts: {
    environment: Environment;
    store: Store;
    sessions: ReturnType<typeof openSessions>;
    liveSessions: LiveSessions;
    live: Live;
    configDoors: ConfigDoors;
    routingDoors: RoutingDoors;
    money: MoneyDoors;
    otc: OtcList;
    limits: AppLimits;
    masking: Masking;
    imports: Imports;
    backups: BackupDesk;
    voices: AppVoices;
    ffmpegPath: string | null;
    summary: () => Summary;
  },
): Promise<void> {
  const { environment, store, sessions, limits, voices, summary, ...doors } = parts;
  // First what turns errors into answers: it holds for the routes registered after it.
  await app.register(http, {
    ...store,
    ...doors,
    enrolment: voices.enrolment,
    trials: sessions.trials,
    requestLimits: limits.requests,
    clock: systemClock,
    figures: () => figuresOf(app, store, environment.dataDir),
    readiness: () => ({ ready: summary().missing.length === 0, missing: summary().missing }),
    settings: environment,
  });
  await app.register(ws, {
    authenticate: sessions.authenticate,
    openSession: sessions.open,
    resumeSession: sessions.resume,
    onFeedback: sessions.feedback,
    refused: (live) => store.counters.refusedAmong(live),
    admit: limits.admit,
    overload: limits.overload,
    maxCounters: environment.maxCounters,
    limits: { maxFrameBytes: environment.maxFrameBytes },
    clock: systemClock,
  });
}

function summaryOf(environment: Environment, providers: Providers, store: Store): Summary {
  const { database, journal } = store.status();
  const isSimulated = environment.mockMode;
  const everyones = providers.configuration.global();
  const { configured } = everyones;
  const ear = providers.ears.of(everyones);
  const isNeeded = !isSimulated && !environment.mockVoice && !providers.configuration.somebodyHas('stt');
  const needed = isNeeded ? missingOf('stt', configured.stt) : null;
  const isAway = database.state !== 'ready';
  return {
    database: {
      kind: database.kind === 'embedded' ? 'embutido' : 'Postgres',
      place:
        database.kind === 'embedded' ? environment.dataDir : new URL(environment.databaseUrl ?? 'postgres://?').host,
      state: isAway
        ? `fora do ar (${database.error ?? database.state}), tentando`
        : `pronto, migração ${database.migration}`,
    },
    candidates: { stt: candidatesOf(configured.stt), llm: candidatesOf(configured.llm) },
    vad: ear.vad.address,
    cleaner: ear.cleaner?.address ?? null,
    thresholds: effectiveVad(environment.vad),
    mode: isSimulated ? 'simulado' : 'real',
    notices: environment.notices,
    missing: [
      ...(isAway ? ['o banco de dados não responde; confira POSTGRES_* ou espere: o Balto continua tentando'] : []),
      ...(journal.fullness >= 0.9 ? ['o diário de interações está quase cheio; confira o banco e o disco'] : []),
      ...(needed === null ? [] : [needed]),
    ],
  };
}

/** Lets go in the reverse order of taking; the first failure is thrown after all were let go. */
function once(undo: (() => Promise<void>)[]): () => Promise<void> {
  let closing: Promise<void> | null = null;
  return () => {
    closing ??= (async () => {
      const [app, ...rest] = undo;
      const failures: unknown[] = [];
      // The doors first: closing them drains the counters, which still need everything else.
      for (const step of [app, ...rest.reverse()]) await step?.().catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    })();
    return closing;
  };
}
