import type { Environment } from '../config/environment.ts';
import type { Clock, Kind, Log } from './contracts/index.ts';
import { Ears } from './counter/ears.ts';
import { configuredProviders } from './registry/configured.ts';
import type { Registry } from './registry/registry.ts';
import { Configuration } from './routing/client-config.ts';
import { Egress } from './runtime/egress.ts';
import { ProviderInstances } from './runtime/instances.ts';
import { Latencies } from './runtime/latencies.ts';
import { loadPrices, type PriceBook } from './runtime/prices.ts';
import { RealProber } from './runtime/prober.ts';
import { ProviderHealth } from './runtime/provider-health.ts';
import { BlockPool } from './runtime/ring.ts';
import { Shadows } from './runtime/shadows.ts';
import type { SttRunnerOptions } from './runtime/stt-runner.ts';
import type { Candidate } from './runtime/types.ts';
import type { ConfigSnapshot } from './store/config-snapshot.ts';

/** BCP 47 of what is spoken at the counters. */
export const LANGUAGE = 'pt-BR';

/** Everything that turns a configuration into providers at work; one per process. */
export interface Providers {
  /** What holds for each counter: environment, then what is stored for everyone, its client and itself. */
  configuration: Configuration;
  /** Addresses of the environment's transcription list, as the registry writes them. */
  listed: readonly string[];
  instances: ProviderInstances;
  egress: Egress;
  health: ProviderHealth;
  prices: PriceBook;
  /** What the utterances of all sessions share. */
  utterances: Pick<SttRunnerOptions, 'pool' | 'latencies' | 'shadows'>;
  /** VADs and cleaners of every configuration; the one of who has nothing of its own is loaded. */
  ears: Ears;
  /**
   * Loads the code of everything that some configuration may ask, now and at each change: a large SDK takes the audio thread
   * 65 ms, and the first to need it would be the words that just lost their vendor. Never rejects.
   */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** Reads the configured lists, loads VAD and cleaner, and makes ready what vendors are called through. No vendor is called here. */
export async function openProviders(options: {
  registry: Registry;
  environment: Environment;
  env: Record<string, string | undefined>;
  live: { snapshot(): ConfigSnapshot };
  clock: Clock;
  log: Log;
}): Promise<Providers> {
  const { registry, environment, env, clock, log } = options;
  const list = (kind: Kind, addresses: readonly string[]) => configuredProviders(registry, kind, addresses, env);
  // What the environment says must be right, whoever says otherwise later.
  const configured = {
    stt: list('stt', environment.sttProviders),
    llm: list('llm', environment.llmProviders),
  };
  list('vad', environment.vadProviders);
  list('cleaner', environment.cleanerProviders);
  list('speaker', environment.speakerProviders);
  const configuration = new Configuration({ registry, env, lists: listsOf(environment) }, options.live);
  const egress = new Egress(environment.egressAllow);
  const inForce = (candidate: Candidate) => configuration.inForce(candidate);
  const instances = new ProviderInstances({ registry, clock, log, egress, inForce });
  const warm = () => instances.warm(named(configuration));
  configuration.on('settled', () => void instances.sweep().then(warm));
  const prices = loadPrices({ clock, log });
  const prober = new RealProber({ instances, clock, log, prices, language: LANGUAGE });
  const health = new ProviderHealth({ clock, log, prober });
  const ears = await openEars({ registry, environment, configuration, health, egress, clock, log });
  const pool = new BlockPool();
  const shadows = new Shadows({ instances, health, pool, prices, clock, log });
  return {
    configuration,
    listed: configured.stt.map(({ address }) => address),
    instances,
    egress,
    health,
    prices,
    utterances: { pool, latencies: new Latencies(), shadows },
    ears,
    warm,
    async close() {
      health.close();
      await shadows.close();
      await instances.close();
      await ears.close();
      await egress.close();
    },
  };
}

/** What some place's configuration may ask, each with its first key. */
function named(configuration: Configuration): Candidate[] {
  const places = [configuration.global(), ...configuration.places()];
  const providers = places.flatMap(({ configured }) => [...configured.stt, ...configured.llm]);
  return providers
    .filter(({ missing }) => missing === null)
    .map((provider) => ({ address: provider.address, credential: 0, provider }));
}

/** The environment's lists, as every configuration stands on them. */
export function listsOf(environment: Environment): Record<Kind, readonly string[]> {
  const { sttProviders: stt, llmProviders: llm, vadProviders: vad, cleanerProviders: cleaner } = environment;
  return { stt, llm, vad, cleaner, embeddings: [], speaker: environment.speakerProviders, tts: [] };
}

/** The usual VAD and cleaner are loaded before anybody is heard. */
async function openEars(parts: {
  registry: Registry;
  environment: Environment;
  configuration: Configuration;
  health: ProviderHealth;
  egress: Egress;
  clock: Clock;
  log: Log;
}): Promise<Ears> {
  const { cleanerForVad, cleanerForStt } = parts.environment;
  const ears = new Ears({ ...parts, cleanerForVad, cleanerForStt });
  await ears.loadDefault(parts.configuration.global());
  return ears;
}
