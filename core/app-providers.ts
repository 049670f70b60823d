import type { Environment } from '../config/environment.ts';
import type { Clock, Kind, Log } from './contracts/index.ts';
import type { SessionDeps } from './counter/deps.ts';
import { earHealth } from './counter/ear-health.ts';
import { closeLocal, electLocal, NO_VAD } from './counter/elect.ts';
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
  ear: Pick<SessionDeps, 'vad' | 'fallbackVad' | 'cleaner' | 'cleanerFor' | 'earHealth'>;
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
    vad: list('vad', environment.vadProviders),
    cleaner: list('cleaner', environment.cleanerProviders),
  };
  const configuration = new Configuration({ registry, env, lists: listsOf(environment) }, options.live);
  const egress = new Egress(environment.egressAllow);
  const inForce = (candidate: Candidate) => configuration.inForce(candidate);
  const instances = new ProviderInstances({ registry, clock, log, egress, inForce });
  configuration.on('settled', () => void instances.sweep());
  const life = new AbortController();
  const [vad, fallbackVad = null] = await electLocal<'vad'>(registry, configured.vad, {
    log,
    clock,
    egress,
    signal: life.signal,
    most: 2,
  });
  const [cleaner = null] = await electLocal<'cleaner'>(registry, configured.cleaner, {
    log,
    clock,
    egress,
    signal: life.signal,
    most: 1,
  });
  const prices = loadPrices({ clock, log });
  const prober = new RealProber({ instances, clock, log, prices, language: LANGUAGE });
  const health = new ProviderHealth({ clock, log, prober });
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
    ear: {
      vad: vad ?? NO_VAD,
      fallbackVad,
      cleaner,
      cleanerFor: cleanerFor(environment, vad?.capabilities.robustToNoise ?? true),
      earHealth: earHealth(health, { vad: vad?.candidate, cleaner: cleaner?.candidate }, clock),
    },
    async close() {
      health.close();
      await shadows.close();
      await instances.close();
      await Promise.all([vad, fallbackVad, cleaner].map((each) => each && closeLocal(each, { clock, log })));
      life.abort();
      await egress.close();
    },
  };
}

/** The environment's lists, as every configuration stands on them. */
export function listsOf(environment: Environment): Record<Kind, readonly string[]> {
  const { sttProviders: stt, llmProviders: llm, vadProviders: vad, cleanerProviders: cleaner } = environment;
  return { stt, llm, vad, cleaner, embeddings: [], speaker: [], tts: [] };
}

/** A VAD that noise fools hears the cleaned signal, unless the operator says otherwise; STT hears raw by default. */
function cleanerFor(environment: Environment, robustToNoise: boolean): { vad: boolean; stt: boolean } {
  const { cleanerForVad, cleanerForStt } = environment;
  return { vad: cleanerForVad === 'auto' ? !robustToNoise : cleanerForVad, stt: cleanerForStt };
}
