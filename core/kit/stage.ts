import { inspect } from 'node:util';
import type {
  Clock,
  Connection,
  Contracts,
  Credential,
  Kind,
  Log,
  ProviderContext,
  Settings,
} from '../contracts/index.ts';
import { allowedOrigins, createProviderContext, systemClock } from '../runtime/provider-context.ts';
import type { Life } from './check.ts';
import type { Emulator, EmulatorOptions, Fault } from './emulator/index.ts';
import type { Proof } from './proof.ts';
import { credentialOf, type KitSubject, settingsOf } from './subject.ts';

/** What one check plays on: a provider of its own, the vendor it talks to, and a note of everything that passed. */
export interface Stage<K extends Kind> {
  /** Undefined when live or local. */
  emulator: Emulator | undefined;
  instance: Contracts[K]['instance'];
  credential: Credential;
  settings: Settings;
  ctx: ProviderContext;
  /** What the provider logged. */
  lines: string[];
  /** Requests and handshakes it asked the context for, the failed ones included. */
  readonly calls: number;
  /** Bytes its newest socket has not given to the network yet. */
  readonly waitingBytes: number;
  /** Ends the provider's life, as the core does when it drops an instance. */
  end(): void;
  /** Resolves when the next response's headers have come. */
  nextResponse(): Promise<void>;
}

export interface StageSetting {
  fault?: Fault;
  /** Key instead of the one that is accepted. */
  key?: string;
  settings?: Settings;
  /** How many times as fast the provider's clock goes. Default 1; ignored live. */
  clockFactor?: number;
  /** Replaces parts of the context. */
  ctx?: Partial<ProviderContext>;
  /** An emulator that is there already. */
  emulator?: Emulator;
}

/** A fresh emulator (where there is one) and a fresh instance with the context it gets in production. */
export async function setStage<K extends Kind, Options extends EmulatorOptions>(
  proof: Proof<KitSubject<K, Options>>,
  life: Life,
  start: Options,
  given: StageSetting = {},
): Promise<Stage<K>> {
  const { subject, mode, live } = proof;
  const emulator = mode === 'emulator' ? (given.emulator ?? (await startFor(subject, life, start, given))) : undefined;
  const own = mode === 'live' ? { ...subject.settings, ...live?.settings } : settingsOf(subject, emulator);
  const settings = { ...own, ...given.settings };
  const right = mode === 'live' && live ? live.credential : credentialOf(subject);
  const credential = given.key === undefined ? right : credentialOf({ ...subject, credential: right }, given.key);
  const watched = watch(proof, life, settings, given);
  const instance = await subject.provider.create(credential, settings, watched.ctx);
  life.defer(() => (instance as { close?(): Promise<void> }).close?.());
  return {
    emulator,
    instance: instance as Contracts[K]['instance'],
    credential,
    settings,
    ctx: watched.ctx,
    lines: watched.lines,
    get calls() {
      return watched.calls.length;
    },
    get waitingBytes() {
      return watched.connections.at(-1)?.bufferedBytes ?? 0;
    },
    end: watched.end,
    nextResponse: watched.nextResponse,
  };
}

async function startFor<K extends Kind, Options extends EmulatorOptions>(
  subject: KitSubject<K, Options>,
  life: Life,
  options: Options,
  given: StageSetting,
): Promise<Emulator | undefined> {
  const emulator = await subject.start?.({ ...options, ...(given.fault ? { fault: given.fault } : {}) });
  life.defer(() => emulator?.close());
  return emulator;
}

function watch(proof: Proof<Pick<KitSubject, 'vendor'>>, life: Life, settings: Settings, given: StageSetting) {
  const instanceLife = new AbortController();
  life.defer(() => instanceLife.abort());
  const { log, lines } = keptLog();
  const clock = given.clockFactor === undefined || proof.mode === 'live' ? systemClock : fastClock(given.clockFactor);
  const origins = allowedOrigins(proof.subject.vendor, settings);
  const base = { ...createProviderContext({ log, origins, signal: instanceLife.signal, clock }), ...given.ctx };
  const calls: string[] = [];
  const connections: Connection[] = [];
  const waiting: (() => void)[] = [];
  const ctx: ProviderContext = {
    ...base,
    async fetch(...request) {
      calls.push('fetch');
      const response = await base.fetch(...request);
      for (const resolve of waiting.splice(0)) resolve();
      return response;
    },
    async connect(...request) {
      calls.push('connect');
      const connection = await base.connect(...request);
      connections.push(connection);
      return connection;
    },
  };
  const nextResponse = () => new Promise<void>((resolve) => waiting.push(resolve));
  return { ctx, lines, calls, connections, nextResponse, end: () => instanceLife.abort() };
}

function keptLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const write = (data: Record<string, unknown>, message: string) =>
    void lines.push(inspect({ data, message }, { depth: 8 }));
  return { lines, log: { debug: write, info: write, warn: write, error: write } };
}

/** A clock on which everything happens `factor` times as fast. */
function fastClock(factor: number): Clock {
  return {
    now: () => performance.now() * factor,
    date: () => new Date(),
    after(ms, run) {
      const timer = setTimeout(run, ms / factor);
      return () => clearTimeout(timer);
    },
  };
}
