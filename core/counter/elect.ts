import {
  type Contracts,
  type Kind,
  type Log,
  ProviderError,
  type Vad,
  type VadCapabilities,
} from '../contracts/index.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import { allowedOrigins, createProviderContext } from '../runtime/provider-context.ts';
import type { Elected } from './deps.ts';

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

/** Every provider of an in-process kind (VAD, cleaner) that loads, in the configured order. One that does not is said aloud. */
export async function electLocal<K extends 'vad' | 'cleaner'>(
  registry: Registry,
  configured: readonly ConfiguredProvider[],
  options: { log: Log; signal: AbortSignal; most: number },
): Promise<Elected<Contracts[K]['instance'], Contracts[K]['capabilities']>[]> {
  const elected: Elected<Contracts[K]['instance'], Contracts[K]['capabilities']>[] = [];
  for (const candidate of configured) {
    if (elected.length >= options.most) break;
    const credential = candidate.credentials[0];
    if (!credential) continue;
    const ctx = createProviderContext({
      log: options.log,
      origins: allowedOrigins(candidate.vendor, candidate.settings),
      signal: options.signal,
    });
    try {
      elected.push({
        address: candidate.address,
        instance: await registry.create<K & Kind>(candidate.address, { credential, settings: candidate.settings, ctx }),
        capabilities: registry.capabilities<K & Kind>(candidate.address, candidate.settings),
      });
    } catch (error) {
      const code = (error as { code?: unknown } | null)?.code;
      options.log.warn(
        { provider: candidate.address, code: typeof code === 'string' ? code : 'unknown' },
        'this provider does not load here; the next one of its kind takes its place',
      );
    }
  }
  return elected;
}
