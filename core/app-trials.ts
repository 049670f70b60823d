import type { Environment } from '../config/environment.ts';
import type { Money } from './app-money.ts';
import { LANGUAGE, type Providers } from './app-providers.ts';
import { BaltoError, type Clock, type Log } from './contracts/index.ts';
import type { SessionDeps } from './counter/deps.ts';
import type { Masking } from './counter/masking.ts';
import { mockTranscriber } from './counter/mock.ts';
import { Trials } from './counter/trials.ts';
import type { Registry } from './registry/registry.ts';
import { route } from './routing/route.ts';
import { modelOf } from './runtime/instances.ts';
import { SttRunner } from './runtime/stt-runner.ts';
import type { Routed } from './runtime/types.ts';
import type { Store } from './store/index.ts';

/** Ties the trials of `/api/test` to what counters are served by. */
export function openTrials(parts: {
  environment: Environment;
  registry: Registry;
  store: Store;
  providers: Providers;
  money: Money;
  session: SessionDeps;
  masking: Pick<Masking, 'load'>;
  clock: Clock;
  log: Log;
}): Trials {
  const { environment, registry, store, providers, money, session, masking, clock, log } = parts;
  const { configuration, instances, health, prices, utterances, ears } = providers;
  const latency = { minMs: environment.mockLatencyMinS * 1000, maxMs: environment.mockLatencyMaxS * 1000 };
  return new Trials({
    session,
    async prepare(clientId) {
      const effective = configuration.for(clientId, null);
      await Promise.all([ears.load(effective), masking.load(clientId)]);
      const vad = clientId === '' ? {} : ((await store.clients.byId(clientId))?.vad ?? {});
      const { parts, leave } = ears.take(effective);
      return { vad, parts, leave };
    },
    transcriber(clientId, address) {
      if (session.options.simulated) return mockTranscriber(clock, Math.random, latency);
      const forced = address === null ? null : only(providers, clientId, address);
      const routing = () => ({
        registry,
        effective: configuration.for(clientId, null),
        language: LANGUAGE,
        now: clock.date(),
        counterTags: [],
        budgetLeft: money.budgets.left(configuration.for(clientId, null)),
        price: (provider: Parameters<typeof modelOf>[0], mode: 'batch' | 'stream') =>
          prices.estimateMicroUsd(provider.address, mode, modelOf(provider)),
      });
      const { pool, latencies } = utterances;
      return new SttRunner({
        route: (facts) => forced ?? route(routing(), facts),
        instances,
        health,
        pool,
        latencies,
        prices,
        clock,
        log,
        options: { language: LANGUAGE, words: true },
      });
    },
  });
}

/** The provider that was asked for, with all its keys, and nobody else. */
function only({ configuration }: Providers, clientId: string, address: string): Routed {
  const effective = configuration.for(clientId, null);
  const provider = effective.provider(address);
  if (!provider) throw wrongProvider('não há esse provedor de transcrição (GET /api/v1/providers)', 400);
  if (provider.missing !== null) throw wrongProvider(provider.missing, 503);
  const candidates = provider.credentials.map((_, credential) => ({ address: provider.address, credential, provider }));
  const decision = { rule: 'teste', version: effective.version, candidates: [provider.address], rejected: [] };
  return { decision: { ...decision, mode: 'segment' }, candidates };
}

function wrongProvider(why: string, statusCode: number): BaltoError {
  return new BaltoError({ code: 'BALTO_TEST_PROVIDER', field: 'provider', message: `provider: ${why}`, statusCode });
}
