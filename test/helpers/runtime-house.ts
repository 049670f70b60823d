import type { AnyProvider, Log } from '../../core/contracts/index.ts';
import { type ConfiguredProvider, configuredProviders } from '../../core/registry/configured.ts';
import { Registry } from '../../core/registry/registry.ts';
import type { SttBounds } from '../../core/runtime/bounds.ts';
import { Egress } from '../../core/runtime/egress.ts';
import { ProviderInstances } from '../../core/runtime/instances.ts';
import { Latencies } from '../../core/runtime/latencies.ts';
import { PriceBook } from '../../core/runtime/prices.ts';
import { RealProber } from '../../core/runtime/prober.ts';
import { ProviderHealth } from '../../core/runtime/provider-health.ts';
import { BlockPool } from '../../core/runtime/ring.ts';
import { Shadows } from '../../core/runtime/shadows.ts';
import { SttRunner, type SttRunnerEvents, type UtteranceFeed } from '../../core/runtime/stt-runner.ts';
import type { Attempt, Candidate, Decision, Routed, UtteranceFacts } from '../../core/runtime/types.ts';
import { ManualClock } from './manual-clock.ts';
import { keptLog } from './provider.ts';
import { byList } from './routing.ts';
import { type ScriptedStt, scriptedVendor } from './scripted-provider.ts';

export const FRAME = 480;

/** An utterance nobody looks at closely. */
export const FACTS: UtteranceFacts = { durationMs: 1500, snrDb: 20, class: 'fala' };

export interface HouseOptions {
  maxBytes?: number;
  closeMs?: number;
  /** Comparisons at once. */
  shadows?: number;
  /** Candidates that rest are probed, as in a server; default: a rest ends by time, and nobody is asked beside the test. */
  probes?: boolean;
}

/** A runtime over scripted providers, on a manual clock, with what a process shares. */
export class RuntimeHouse {
  readonly clock = new ManualClock();
  readonly log = keptLog();
  readonly registry = new Registry();
  readonly health: ProviderHealth;
  readonly latencies = new Latencies();
  readonly partials: { segment: number; text: string }[] = [];
  readonly attempts: Attempt[] = [];
  readonly configured: ConfiguredProvider[];
  readonly instances: ProviderInstances;
  readonly prices: PriceBook;
  readonly pool: BlockPool;
  readonly shadows: Shadows;

  constructor(providers: AnyProvider[], options: HouseOptions = {}) {
    for (const provider of providers) this.registry.register(scriptedVendor(provider.vendor), [provider]);
    this.configured = providers.flatMap((provider) =>
      configuredProviders(this.registry, provider.kind, [`${provider.kind}/${provider.id}`], {}),
    );
    this.pool = new BlockPool(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes });
    this.prices = new PriceBook(PRICES, { clock: this.clock, log: this.log as Log });
    this.instances = new ProviderInstances({
      registry: this.registry,
      clock: this.clock,
      log: this.log,
      egress: new Egress(),
      inForce: ({ provider }) => this.configured.includes(provider),
      ...(options.closeMs === undefined ? {} : { closeMs: options.closeMs }),
    });
    const { clock, log, instances, pool, prices } = this;
    const prober = new RealProber({ instances, clock, log, prices, language: 'pt-BR' });
    this.health = new ProviderHealth({ clock, log, random: () => 0.5, ...(options.probes ? { prober } : {}) });
    const most = options.shadows === undefined ? {} : { most: options.shadows };
    this.shadows = new Shadows({ instances, health: this.health, pool, prices, clock, log, ...most });
  }

  /** A configured provider as a candidate. */
  candidate(address: string, credential = 0): Candidate {
    const provider = this.configured.find((each) => each.address === address);
    if (!provider) throw new Error(`${address} is not configured`);
    return { address, credential, provider };
  }

  /** What the configuration says of an utterance, in its order. */
  routed(mode?: Decision['mode']): Routed {
    const routed = byList(this)();
    return mode ? { ...routed, decision: { ...routed.decision, mode } } : routed;
  }

  /** One session's runner. */
  runner(
    bounds: Partial<SttBounds> = {},
    route: (facts: UtteranceFacts | null) => Routed = () => this.routed(),
    events: SttRunnerEvents = {},
  ): SttRunner {
    return new SttRunner({
      route,
      instances: this.instances,
      health: this.health,
      latencies: this.latencies,
      pool: this.pool,
      shadows: this.shadows,
      clock: this.clock,
      log: this.log,
      prices: this.prices,
      options: { language: 'pt-BR' },
      bounds: { persistMs: 0, ...bounds },
      random: () => 0.5,
      events: {
        ...events,
        partial: (segment, text) => void this.partials.push({ segment, text }),
        attempt: (_segment, attempt) => void this.attempts.push(attempt),
      },
    });
  }

  /** Speaks `frames` of 30 ms in real time; sample n of the utterance has the value n + `from`. */
  async speak(feed: UtteranceFeed, frames: number, from = 0): Promise<void> {
    const frame = new Int16Array(FRAME);
    for (let index = 0; index < frames; index++) {
      for (let at = 0; at < FRAME; at++) frame[at] = from + index * FRAME + at;
      feed.push(frame);
      await this.clock.advance(30);
    }
    // What was pushed was borrowed: nobody may read it later.
    frame.fill(-1);
  }
}

/** A house of STT providers, in the order they are asked. */
export function sttHouse(providers: ScriptedStt[], options: HouseOptions = {}): RuntimeHouse {
  return new RuntimeHouse(
    providers.map((provider) => provider.manifest),
    options,
  );
}

/** Samples `from`, `from + 1`, … of `frames` frames, as {@link RuntimeHouse.speak} says them. */
export function said(frames: number, from = 0): Int16Array {
  return Int16Array.from({ length: frames * FRAME }, (_, index) => from + index);
}

const audio = { of: 'audio_in', unit: 'second', per: 1, from: '2026-01-01', source: 'teste' };

/** One thousandth of a cent per second, whoever listens. */
const PRICES = {
  version: '2026-11-21',
  prices: ['a', 'b', 'c'].map((id) => ({ provider: `stt/${id}`, model: '*', microUsd: 10, ...audio })),
};
