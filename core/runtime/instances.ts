import {
  type Clock,
  type Contracts,
  type Kind,
  type Log,
  type ProviderContext,
  ProviderError,
  type VendorManifest,
} from '../contracts/index.ts';
import { parseAddress } from '../registry/address.ts';
import { type ConfiguredProvider, configurationKey } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import { toProviderError, withDeadline } from './deadline.ts';
import type { Egress } from './egress.ts';
import { onBehalfOf } from './on-behalf.ts';
import { Places } from './places.ts';
import { allowedOrigins, createProviderContext } from './provider-context.ts';
import { addressIn, type Candidate, candidateKey } from './types.ts';

export interface InstancesOptions {
  registry: Registry;
  clock: Clock;
  log: Log;
  /** What requests to a base URL pass that an administrator named. */
  egress: Egress;
  /** Whether the candidate's settings and keys are still in force; an instance that is not closes with its last user. */
  inForce?(candidate: Candidate): boolean;
  /** How long an instance may take to close before it is left behind. Default 2 s. */
  closeMs?: number;
}

/** What is known of a candidate without making it. */
export interface Described<K extends Kind> {
  vendor: VendorManifest;
  capabilities: Contracts[K]['capabilities'];
  /** The model it will use: the address's, else the settings', else the provider's first. */
  model: string;
  /** Changes with settings and keys: what was opened under another one is of another configuration. */
  configuration: string;
}

/** An instance in use. `release` when done: an instance whose configuration is gone closes with its last user. */
export interface Lease<K extends Kind> extends Described<K> {
  instance: Contracts[K]['instance'];
  release(): void;
}

interface Entry {
  key: string;
  candidate: Candidate;
  made: Promise<{ close?(): Promise<void> }>;
  life: AbortController;
  /** WebSockets it has open. */
  sockets: Set<symbol>;
  users: number;
}

const CLOSE_MS = 2000;
const BROKEN = 'a provider did not keep to its contract; the next candidate is asked';

/**
 * The provider instances of a process: one per (address, credential, settings), made at first use, shared by all
 * sessions. A plugin that throws while it is made, or hangs while it closes, costs its own attempt and nothing else.
 */
export class ProviderInstances {
  readonly #options: InstancesOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #places = new Map<string, Places>();
  #closed = false;

  constructor(options: InstancesOptions) {
    this.#options = options;
  }

  /** Null when the plugin cannot say what it can do. */
  describe<K extends Kind>(candidate: Candidate): Described<K> | null {
    const configured = candidate.provider;
    try {
      return {
        vendor: configured.vendor,
        capabilities: this.#options.registry.capabilities<K>(configured.address, configured.settings),
        model: modelOf(configured),
        configuration: this.#keyOf(candidate, configured),
      };
    } catch (error) {
      this.#say(candidate, error, 'a provider does not say what it can do');
      return null;
    }
  }

  /** Places at one credential, shared by all sessions. `max` is what its capabilities allow now. */
  places(candidate: Candidate, max: number): Places {
    const key = candidateKey(candidate);
    const places = this.#places.get(key) ?? new Places(this.#options.clock, max);
    places.max = max;
    this.#places.set(key, places);
    return places;
  }

  /** Places of every credential that was asked for. */
  queues(): { address: string; taken: number; waiting: number }[] {
    return [...this.#places].map(([key, { taken, waiting }]) => ({ address: addressIn(key), taken, waiting }));
  }

  /** The shared instance. Throws ProviderError: `unsupported` when it cannot be made, whatever the plugin threw. */
  async lease<K extends Kind>(candidate: Candidate): Promise<Lease<K>> {
    const described = this.describe<K>(candidate);
    if (this.#closed || !described) throw notConfigured(candidate.address);
    const entry = this.#entryOf(candidate, candidate.provider);
    entry.users += 1;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      entry.users -= 1;
      if (entry.users === 0 && !this.#isCurrent(entry)) void this.#close(entry);
    };
    try {
      return { ...described, instance: (await entry.made) as Contracts[K]['instance'], release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Makes the instances now, so that nobody's first words wait for a plugin's code to load. Never throws. */
  async warm(candidates: readonly Candidate[]): Promise<void> {
    const leases = await Promise.allSettled(candidates.map((candidate) => this.lease(candidate)));
    for (const lease of leases) if (lease.status === 'fulfilled') lease.value.release();
  }

  /** Names in the log a plugin that threw or answered what is not of the contract; a vendor's own failures are not said. */
  sayIfBroken(candidate: Candidate, error: ProviderError): void {
    if (error.blame === 'core' && error.code === 'protocol') this.#say(candidate, error, BROKEN);
  }

  /** Closes what nobody uses and nobody may be given any more; the configuration changed. Never throws. */
  async sweep(): Promise<void> {
    const idle = [...this.#entries.values()].filter((entry) => entry.users === 0 && !this.#isCurrent(entry));
    await Promise.all(idle.map((entry) => this.#close(entry)));
    const left = new Set([...this.#entries.values()].map(({ candidate }) => candidateKey(candidate)));
    for (const [key, places] of this.#places) if (places.isIdle && !left.has(key)) this.#places.delete(key);
  }

  /** Instances there are, and WebSockets they have open. */
  get open(): { instances: number; sockets: number } {
    const entries = [...this.#entries.values()];
    return { instances: entries.length, sockets: entries.reduce((sum, { sockets }) => sum + sockets.size, 0) };
  }

  /** Closes every instance, each within its bound. Never throws. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#entries.values()].map((entry) => this.#close(entry)));
  }

  #entryOf(candidate: Candidate, configured: ConfiguredProvider): Entry {
    const key = this.#keyOf(candidate, configured);
    const known = this.#entries.get(key);
    if (known) return known;
    const life = new AbortController();
    const sockets = new Set<symbol>();
    const made = this.#make(candidate, configured, { signal: life.signal, sockets });
    const entry: Entry = { key, candidate, life, sockets, users: 0, made };
    this.#entries.set(key, entry);
    entry.made.catch((error: unknown) => {
      // The next attempt may try again: a file may have come, a setting may have changed.
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      this.#say(candidate, error, 'a provider could not be made');
    });
    return entry;
  }

  async #make(
    candidate: Candidate,
    configured: ConfiguredProvider,
    { signal, sockets }: { signal: AbortSignal; sockets: Set<symbol> },
  ) {
    const credential = configured.credentials[candidate.credential];
    if (!credential) throw notConfigured(candidate.address);
    const { vendor, settings } = configured;
    const origins = allowedOrigins(vendor, settings);
    const log = namedLog(this.#options.log, candidate.address);
    const { registry, clock } = this.#options;
    const egress = configured.guarded ? this.#options.egress : undefined;
    const ctx = counting(createProviderContext({ log, clock, origins, egress, signal }), sockets);
    try {
      const given = { credential, settings, ctx };
      return await onBehalfOf(candidate.address, () => registry.create<'stt'>(candidate.address, given));
    } catch (error) {
      throw new ProviderError({
        code: 'unsupported',
        blame: 'config',
        message: `o provedor "${candidate.address}" não pôde ser criado`,
        vendorCode: nameOf(error),
        cause: error,
      });
    }
  }

  async #close(entry: Entry): Promise<void> {
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    try {
      await withDeadline({
        clock: this.#options.clock,
        ms: this.#options.closeMs ?? CLOSE_MS,
        signal: new AbortController().signal,
        what: 'fechar o provedor',
        start: async () => {
          const instance = await entry.made;
          await onBehalfOf(entry.candidate.address, () => instance.close?.());
        },
      });
    } catch (error) {
      this.#say(entry.candidate, error, 'a provider did not close; it is left behind');
    }
    const left = entry.sockets.size;
    if (left > 0) {
      const data = { provider: entry.candidate.address, left };
      this.#options.log.warn(data, 'a provider left connections open; they are cut');
    }
    entry.life.abort();
  }

  #isCurrent(entry: Entry): boolean {
    return !this.#closed && (this.#options.inForce?.(entry.candidate) ?? true);
  }

  /** A change of key or settings makes a new instance; another key beside it does not. */
  #keyOf(candidate: Candidate, configured: ConfiguredProvider): string {
    return `${candidateKey(candidate)}#${configurationKey(configured)}`;
  }

  #say(candidate: Candidate, error: unknown, message: string): void {
    const { code, vendorCode } = toProviderError(error);
    const name = (vendorCode ?? nameOf(error)).slice(0, 60);
    this.#options.log.warn({ provider: candidate.address, code, error: name }, message);
  }
}

/** The same context, which keeps a note of the WebSockets that are open. */
function counting(ctx: ProviderContext, sockets: Set<symbol>): ProviderContext {
  return {
    ...ctx,
    async connect(url, options) {
      const socket = Symbol();
      const onClose = (code: number, reason: string) => {
        sockets.delete(socket);
        options.onClose(code, reason);
      };
      sockets.add(socket);
      try {
        return await ctx.connect(url, { ...options, onClose });
      } catch (error) {
        sockets.delete(socket);
        throw error;
      }
    },
  };
}

/** What a plugin says, with its name: in one log speak all. */
function namedLog(log: Log, provider: string): Log {
  const named = (level: keyof Log) => (data: Record<string, unknown>, message: string) =>
    log[level]({ ...data, provider }, message);
  return { debug: named('debug'), info: named('info'), warn: named('warn'), error: named('error') };
}

export function modelOf(configured: ConfiguredProvider): string {
  const named = parseAddress(configured.address).model ?? configured.settings['model'];
  return typeof named === 'string' ? named : (configured.provider.models[0] ?? configured.provider.id);
}

function nameOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : typeof error;
}

function notConfigured(address: string): ProviderError {
  return new ProviderError({
    code: 'unsupported',
    blame: 'config',
    message: `o provedor "${address}" não está configurado`,
  });
}
