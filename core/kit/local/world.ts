import { inspect } from 'node:util';
import type {
  Contracts,
  Kind,
  Log,
  ProviderContext,
  ProviderManifest,
  Settings,
  VendorManifest,
} from '../../contracts/index.ts';
import { systemClock } from '../../runtime/provider-context.ts';
import type { Life } from '../check.ts';
import type { KitSubject } from '../subject.ts';

/** A provider that runs in this process, as the suites of such kinds take it. */
export interface LocalSubject<K extends Kind = Kind> {
  vendor: VendorManifest;
  provider: ProviderManifest<K>;
  /** Default: the provider's own defaults. */
  settings?: Settings;
  /** See {@link KitSubject.exempt}. */
  exempt?: KitSubject['exempt'];
}

/** What a local provider gets of the world: no network, and a note of each try to use it. */
export interface LocalWorld {
  ctx: ProviderContext;
  /** Hosts it tried to reach. */
  reached: string[];
  /** Lines it logged. */
  lines: string[];
}

/** A world of its own for each check. Timers keep the process alive, as a server's sockets do. */
export function localWorld(life: Life): LocalWorld {
  const reached: string[] = [];
  const lines: string[] = [];
  const write = (data: Record<string, unknown>, message: string) => void lines.push(inspect({ data, message }));
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const refuse = (target: unknown) => {
    reached.push(URL.canParse(String(target)) ? new URL(String(target)).host : 'unknown');
    return Promise.reject(new Error('a local provider uses no network'));
  };
  const clock = {
    ...systemClock,
    after(ms: number, run: () => void) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
  const ctx = { fetch: refuse, connect: refuse, clock, random: Math.random, log, signal: life.signal };
  return { ctx, reached, lines };
}

/** The provider's instance in a world of its own; closed with the check. */
export async function openLocal<K extends Kind>(
  subject: LocalSubject<K>,
  life: Life,
): Promise<Contracts[K]['instance']> {
  const instance = await subject.provider.create({}, subject.settings ?? {}, localWorld(life).ctx);
  life.defer(() => (instance as { close?(): Promise<void> }).close?.());
  return instance;
}
