import { performance } from 'node:perf_hooks';
import {
  type Clock,
  type Log,
  type ProviderContext,
  ProviderError,
  type Settings,
  type VendorManifest,
} from '../contracts/index.ts';
import { boundBody, DEFAULT_MAX_BODY_BYTES } from './bounded-body.ts';
import type { Egress } from './egress.ts';
import { linkSignals } from './link-signals.ts';
import { connectWebSocket } from './web-socket.ts';

export interface ProviderContextOptions {
  log: Log;
  /** Origins requests may go to (`https://api.acme.com`); see {@link allowedOrigins}. */
  origins: readonly string[];
  /** Where an administrator's settings may send requests; absent: the settings are the operator's own, and go anywhere. */
  egress?: Egress | undefined;
  /** The instance's life: when it fires, requests and sockets end. */
  signal: AbortSignal;
  clock?: Clock;
  random?: () => number;
  /** Bound of a response body, in bytes. Default 8 MiB. */
  maxBodyBytes?: number;
}

/** The world as a provider sees it: real fetch and sockets, for the hosts of its manifest and settings only. */
export function createProviderContext(options: ProviderContextOptions): ProviderContext {
  const origins = new Set(options.origins.map(originOf));
  return {
    fetch: guardedFetch(options, origins),
    connect: async (url, connect) => {
      refuseOthers(url, origins, options.egress);
      return connectWebSocket(url, connect, { lifetime: options.signal, log: options.log, egress: options.egress });
    },
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    log: options.log,
    signal: options.signal,
  };
}

/** Origins of a provider: its vendor's hosts over TLS, and the base URL its settings name (`baseUrl`), as it is written. */
export function allowedOrigins(vendor: Pick<VendorManifest, 'hosts'>, settings: Settings): string[] {
  const origins = (vendor.hosts ?? []).map((host) => `https://${host}`);
  const { baseUrl } = settings;
  return typeof baseUrl === 'string' && URL.canParse(baseUrl) ? [...origins, originOf(baseUrl)] : origins;
}

/** The process's clock: monotonic `now`, timers that keep nothing alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

function guardedFetch(options: ProviderContextOptions, origins: ReadonlySet<string>): typeof globalThis.fetch {
  const { egress } = options;
  // Node's fetch takes a dispatcher; its types know only their own copy of that class.
  const through = egress ? ({ dispatcher: egress.dispatcher } as unknown as RequestInit) : {};
  return async (input, init) => {
    refuseOthers(typeof input === 'string' ? input : input instanceof URL ? input.href : input.url, origins, egress);
    const own = input instanceof Request ? input.signal : undefined;
    const { signal, unlink } = linkSignals([init?.signal, own, options.signal]);
    try {
      const sent = await withoutForm(init);
      signal.throwIfAborted();
      const response = await fetch(input, { ...sent, ...through, signal, redirect: 'error' });
      return boundBody(response, options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES, unlink);
    } catch (error) {
      unlink();
      throw error;
    }
  };
}

/** The same with a form as its bytes: given up while it streams a form, fetch goes on with that and throws at nobody. */
async function withoutForm(init: RequestInit | undefined): Promise<RequestInit | undefined> {
  if (!(init?.body instanceof FormData)) return init;
  const whole = new Response(init.body);
  const headers = new Headers(init.headers);
  headers.set('content-type', whole.headers.get('content-type') ?? 'multipart/form-data');
  return { ...init, headers, body: await whole.bytes() };
}

/** WebSocket and HTTP URLs of one host are one origin. The URL itself is not quoted: it may carry a key. */
function originOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol.replace(/^ws/, 'http')}//${host}`;
}

function refuseOthers(url: string, origins: ReadonlySet<string>, egress: Egress | undefined): void {
  if (URL.canParse(url) && origins.has(originOf(url))) {
    egress?.check(url);
    return;
  }
  throw new ProviderError({
    code: 'unsupported',
    message: 'endereço que o manifesto do provedor não permite',
    vendorCode: URL.canParse(url) ? new URL(url).host : 'URL inválida',
  });
}
