import Fastify, { type FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { openBackups } from '../../core/app-backups.ts';
import { openImports } from '../../core/app-catalogue.ts';
import { openConfigChanges, openConfigDoors } from '../../core/app-config.ts';
import { figuresOf } from '../../core/app-figures.ts';
import { openLive } from '../../core/app-live.ts';
import { openMoney } from '../../core/app-money.ts';
import { openMasking } from '../../core/app-privacy.ts';
import { openRoutingDoors } from '../../core/app-routing.ts';
import { type Clock, KINDS, type Kind, type Log } from '../../core/contracts/index.ts';
import { Enrolment } from '../../core/counter/enrolment.ts';
import { LiveSessions } from '../../core/counter/live-sessions.ts';
import { Observer } from '../../core/counter/observer.ts';
import { RequestLimits } from '../../core/counter/request-limits.ts';
import { access } from '../../core/http/access.ts';
import type { HttpOptions, MoneyDoors, Readiness } from '../../core/http/options.ts';
import httpPlugin from '../../core/http/plugin.ts';
import { serverOptions } from '../../core/http/server-options.ts';
import { loadPharmacyData } from '../../core/pharmacy/data.ts';
import { Registry } from '../../core/registry/registry.ts';
import { Configuration } from '../../core/routing/client-config.ts';
import type { Limits } from '../../core/routing/types.ts';
import { Egress } from '../../core/runtime/egress.ts';
import { loadPrices } from '../../core/runtime/prices.ts';
import { ProviderHealth } from '../../core/runtime/provider-health.ts';
import type { BackupDesk } from '../../core/store/backup-desk.ts';
import type { Store } from '../../core/store/index.ts';
import { MemoryRates } from '../../core/store/rate-counter.ts';
import openapi from '../../plugins/openapi/index.ts';
import { type OpenStore, openTestStore, temporaryFolder } from './databases.ts';

export const OWNER_PASSWORD = 'uma-senha-bem-comprida';

/** A clock that a test moves; timers are not its business. */
export class MovableClock implements Clock {
  offsetMs = 0;
  now = (): number => performance.now() + this.offsetMs;
  date = (): Date => new Date(Date.now() + this.offsetMs);
  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  }
}

/** What several servers of one test file stand on. */
export interface House {
  store: Store;
  clock: MovableClock;
}

/** `open`: on this database, with `forEachDatabase`. */
export async function openHouse(t: Test, open?: OpenStore): Promise<House> {
  const clock = new MovableClock();
  const store = await (open ? open({ clock }) : openTestStore(t, { clock }));
  await store.admin.bootstrapOwner(OWNER_PASSWORD);
  return { store, clock };
}

export interface HttpServer {
  app: FastifyInstance;
  url: string;
  readiness: Readiness & { fault?: Error };
  /** Where files to import wait. */
  spool: string;
  dataDir: string;
  backups: BackupDesk;
  /** Resolves when no copy is in the making, its sweeping included. */
  settled(): Promise<void>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Logs the owner in; the value for a `Cookie` header. */
  login(): Promise<string>;
}

/** The REST doors over a real store, listening on loopback. Limits are its own. */
export async function startHttpServer(
  t: Test,
  { store, clock }: House,
  settings: Partial<HttpOptions['settings']> = {},
  trustProxy: string[] = ['loopback'],
  limitsOf: (clientId: string | null) => Limits = () => ({}),
  maxMb = 50,
): Promise<HttpServer> {
  const readiness: HttpServer['readiness'] = { ready: true, missing: [] };
  const app = Fastify(serverOptions({ trustProxy, logLevel: 'silent' }));
  await app.register(access);
  await app.register(openapi);
  const observer = new Observer();
  const liveSessions = new LiveSessions({
    observer,
    rows: store.liveSessionRows,
    seen: (counterIds) => store.counters.seen(counterIds),
    isShared: store.db.kind === 'postgres',
    version: () => store.config.version,
    clock,
    log: app.log,
  });
  t.teardown(() => liveSessions.close());
  const dataDir = await temporaryFolder(t);
  const imports = await openImports({ store, dataDir, maxMb, clock, log: app.log });
  t.teardown(() => imports.close());
  const copying = { dataDir, backupKeep: 3, backupMaxAgeDays: 7 };
  const backups = openBackups({ store, environment: copying, clock, log: app.log });
  t.teardown(() => backups.close());
  const pharmacy = loadPharmacyData();
  await app.register(httpPlugin, {
    ...store,
    imports,
    backups: backups.desk,
    figures: () => figuresOf(app, store, dataDir),
    liveSessions,
    live: openLive({ store, observer, liveSessions, health: () => [], clock, log: app.log }),
    ...configDoorsOf(t, { store, clock }, app.log, limitsOf),
    trials: NO_TRIALS,
    requestLimits: new RequestLimits({
      counter: new MemoryRates(),
      limitsOf,
      clock,
      log: app.log,
    }),
    masking: openMasking(store.db, pharmacy, clock, app.log),
    otc: pharmacy.otc,
    ffmpegPath: null,
    clock,
    readiness: () => {
      if (readiness.fault) throw readiness.fault;
      return readiness;
    },
    settings: {
      openRegistration: true,
      registrationsPerMinute: 20,
      codeTtlHours: 24,
      corsOrigins: ['*'],
      ...settings,
    },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.teardown(() => app.close());
  const url = `http://127.0.0.1:${(app.server.address() as { port: number }).port}`;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    app,
    url,
    readiness,
    spool: imports.spool.folder,
    dataDir,
    backups: backups.desk,
    settled: () => backups.desk.close(),
    post,
    get: (path, headers = {}) => fetch(url + path, { headers }),
    async login() {
      const answer = await post('/admin/login', { password: OWNER_PASSWORD });
      return (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    },
  };
}

/** Nothing is installed that could hear, transcribe or choose. */
const nothing = () => Promise.reject(new Error('nothing is installed'));
const NO_TRIALS = { segment: nothing, transcribe: nothing, analyse: nothing };

/** The configuration's doors over an empty registry: nothing is installed that could be called. */
function configDoorsOf(
  t: Test,
  { store, clock }: House,
  log: Log,
  limitsOf: MoneyDoors['limitsOf'],
): Pick<HttpOptions, 'configDoors' | 'routingDoors' | 'money' | 'enrolment'> {
  const registry = new Registry();
  const egress = new Egress([]);
  t.teardown(() => egress.close());
  const lists = Object.fromEntries(KINDS.map((kind) => [kind, []])) as unknown as Record<Kind, string[]>;
  const configuration = new Configuration({ registry, env: {}, lists }, store.config);
  const providers = { configuration, egress, health: { status: () => [] } };
  const changes = openConfigChanges({ registry, env: {}, store, providers, clock, log });
  const health = new ProviderHealth({ clock, log });
  const prices = loadPrices({ clock, log });
  const money = openMoney({ store, prices, health, environment: {}, observer: new Observer(), clock, log });
  t.teardown(() => money.close());
  const routing = { registry, configuration, changes, health, prices, store, clock };
  return {
    configDoors: openConfigDoors({ registry, providers, changes, clock, log }),
    routingDoors: openRoutingDoors({ ...routing, budgetLeft: () => null }),
    money: { ...money, limitsOf },
    enrolment: new Enrolment({
      effective: (clientId) => configuration.for(clientId, null),
      runner: { embed: async () => null },
      voices: store.voices,
    }),
  };
}
