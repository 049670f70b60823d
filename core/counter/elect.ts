import {
  type Cleaner,
  type CleanerCapabilities,
  type Clock,
  type Log,
  ProviderError,
  type Vad,
  type VadCapabilities,
} from '../contracts/index.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import { toProviderError, withDeadline } from '../runtime/deadline.ts';
import type { Egress } from '../runtime/egress.ts';
import { onBehalfOf } from '../runtime/on-behalf.ts';
import { allowedOrigins, createProviderContext } from '../runtime/provider-context.ts';
import type { Elected } from './deps.ts';

/** Loading weights takes a second; a plugin that never ends would keep the server from starting. */
const LOAD_MS = 20_000;
const CLOSE_MS = 2000;

/** Stands where no VAD loads: it opens nothing, so that the ear falls back to fixed cuts, and says so. */
export const NO_VAD: Elected<Vad, VadCapabilities> = {
  address: 'vad/nenhum',
  instance: {
    sampleRateHz: 16_000,
    frameSamples: 480,
    open: () => {
      throw new ProviderError({ code: 'unsupported', message: 'nenhum VAD carregou' });
    },
  },
  capabilities: { robustToNoise: false, thresholds: { on: 0.5, off: 0.35 } },
};

/** One provider of an in-process kind (VAD, cleaner), loaded; null where it does not load, which is said aloud. */
export async function loadLocal(
  provider: ConfiguredProvider,
  options: { registry: Registry; log: Log; clock: Clock; egress: Egress; signal: AbortSignal },
): Promise<Elected<Vad | Cleaner, VadCapabilities | CleanerCapabilities> | null> {
  const { address, settings } = provider;
  const { registry, clock, signal } = options;
  const credential = provider.credentials[0];
  if (!credential) return null;
  const ctx = createProviderContext({
    log: options.log,
    origins: allowedOrigins(provider.vendor, settings),
    egress: provider.guarded ? options.egress : undefined,
    signal,
  });
  const start = () =>
    onBehalfOf(address, () => registry.create<'vad' | 'cleaner'>(address, { credential, settings, ctx }));
  try {
    return {
      address,
      candidate: { address, credential: 0, provider },
      instance: await withDeadline({ clock, ms: LOAD_MS, signal, what: 'carregar o provedor', start }),
      capabilities: registry.capabilities<'vad' | 'cleaner'>(address, settings),
    };
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    options.log.warn(
      { provider: address, code: typeof code === 'string' ? code : 'unknown' },
      'this provider does not load here; the next one of its kind takes its place',
    );
    return null;
  }
}

/** Lets go of a provider of an in-process kind, within 2 s. Never throws: one that hangs or throws is named in the log. */
export async function closeLocal(
  { address, instance }: { address: string; instance: { close?(): Promise<void> } },
  { clock, log }: { clock: Clock; log: Log },
): Promise<void> {
  try {
    await withDeadline({
      clock,
      ms: CLOSE_MS,
      signal: new AbortController().signal,
      what: 'fechar o provedor',
      start: async () => onBehalfOf(address, () => instance.close?.()),
    });
  } catch (error) {
    const { code, vendorCode } = toProviderError(error);
    log.warn({ provider: address, code, error: vendorCode }, 'a provider did not close; it is left behind');
  }
}
