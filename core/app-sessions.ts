import type { Environment } from '../config/environment.ts';
import type { AppLimits } from './app-limits.ts';
import type { Money } from './app-money.ts';
import { otcRules } from './app-otc.ts';
import { LANGUAGE, type Providers } from './app-providers.ts';
import { seed } from './app-seed.ts';
import { openTrials } from './app-trials.ts';
import type { AppVoices } from './app-voices.ts';
import { BlockPool as EarPool } from './audio/ring.ts';
import type { Clock, Log } from './contracts/index.ts';
import type { AudioKeeper } from './counter/audio-keeper.ts';
import { CounterWatch } from './counter/counter-watch.ts';
import type { SessionDeps } from './counter/deps.ts';
import { Keyterms } from './counter/keyterms.ts';
import { LoadSampler } from './counter/load.ts';
import type { Masking } from './counter/masking.ts';
import { mockRecommendation, mockTranscriber } from './counter/mock.ts';
import type { Observer } from './counter/observer.ts';
import { ResumeDesk } from './counter/resume-desk.ts';
import { Conversation } from './counter/session.ts';
import type { Trials } from './counter/trials.ts';
import type { CounterIdentity, OpenSession, ResumeSession } from './counter/types.ts';
import { withVoices } from './counter/voice-ear.ts';
import type { PharmacyData } from './pharmacy/data.ts';
import { type Complete, type RecommendInput, recommend } from './pharmacy/recommend.ts';
import type { Registry } from './registry/registry.ts';
import type { PriceOf } from './routing/plan.ts';
import { route } from './routing/route.ts';
import type { Effective } from './routing/types.ts';
import { modelOf } from './runtime/instances.ts';
import { LlmRunner } from './runtime/llm-runner.ts';
import { SttRunner } from './runtime/stt-runner.ts';
import type { Store } from './store/index.ts';
import { Products } from './store/products.ts';
import { type Authenticate, DEFAULT_WS_LIMITS, type FeedbackResult } from './ws/types.ts';

/** What the door of the counters is given. */
export interface Sessions {
  authenticate: Authenticate;
  open: OpenSession;
  resume: ResumeSession;
  feedback(identity: CounterIdentity, interactionId: number, result: FeedbackResult): void;
  /** The steps of a conversation one by one, for who tries them out. */
  trials: Trials;
  /** Settles when catalogue and prices are in the database; with an external one that is away, once it comes. Never rejects. */
  seeded: Promise<void>;
  close(): Promise<void>;
}

export interface SessionParts {
  environment: Environment;
  /** The variables themselves. */
  env: Record<string, string | undefined>;
  /** Decodes what is not decoded in process. */
  ffmpegPath: string | null;
  registry: Registry;
  store: Store;
  providers: Providers;
  pharmacy: PharmacyData;
  masking: Masking;
  keeper: AudioKeeper;
  money: Money;
  limits: Pick<AppLimits, 'clients'>;
  voices: Pick<AppVoices, 'desk' | 'pool'>;
  observer: Observer;
  clock: Clock;
  log: Log;
}

/** Ties a counter's conversation to the store, the providers and the pharmacy. */
export function openSessions(parts: SessionParts): Sessions {
  const load = new LoadSampler();
  const { store, log } = parts;
  const products = new Products(store.db);
  const keyterms = new Keyterms({
    names: (clientId, limit) => products.names(clientId, limit),
    clock: parts.clock,
    log,
    limit: parts.environment.keyterms,
  });
  const watch = new CounterWatch({
    revisions: (counterIds) => store.counters.revisions(counterIds),
    read: (counterIds) => store.counters.tunings(counterIds),
    clock: parts.clock,
    log,
  });
  const deps = sessionDeps(parts, { load, products, keyterms, watch });
  const seeded = seed(parts, products);
  const desk = resumeDesk(parts, deps);
  return {
    open: (identity, handshake, transport) =>
      handshake.protocol === 2
        ? desk.open(identity, handshake, transport)
        : new Conversation(deps, identity, handshake, transport),
    resume: (identity, wish) => desk.resume(identity, wish),
    async authenticate(apiKey) {
      try {
        // Without an id in hand nothing that is heard could be stored.
        if (store.status().idsAvailable === 0) return { status: 'unavailable' };
        const login = await store.counters.byKey(apiKey);
        if (!login) return { status: 'unknown' };
        if (login.status !== 'active') return { status: login.status };
        const config = parts.providers.configuration.for(login.clientId, null);
        const { clientId, counterId } = login;
        const ear = parts.providers.ears.load(parts.providers.configuration.for(clientId, counterId));
        const privacy = [parts.masking.greet(clientId), parts.keeper.load()];
        const loaded = [keyterms.load(clientId), ...privacy, parts.money.budgets.load(config), ear];
        await Promise.all(loaded);
        return { status: 'ok', identity: login };
      } catch (error) {
        log.warn({ code: (error as { code?: unknown }).code }, 'no key can be looked up: the database is away');
        return { status: 'unavailable' };
      }
    },
    feedback(identity, interactionId, result) {
      store.journal
        .append({ type: 'feedback', interactionId, counterId: identity.counterId, result })
        .catch((error: unknown) =>
          log.error({ code: (error as { code?: unknown }).code }, 'a feedback was not stored'),
        );
    },
    trials: openTrials({ ...parts, session: deps }),
    seeded,
    async close() {
      await desk.close();
      load.close();
      watch.close();
    },
  };
}

/** The sessions of protocol 2, which outlive their connections. */
function resumeDesk({ environment, store, log }: SessionParts, deps: SessionDeps): ResumeDesk {
  return new ResumeDesk({
    deps,
    store: store.resumes,
    limits: {
      windowMs: environment.resumeWindowS * 1000,
      maxFrameBytes: environment.maxFrameBytes,
      textBytes: DEFAULT_WS_LIMITS.textBytes,
    },
    rows: (clientId, sessionId, segments) => store.interactions.ofSession(clientId, sessionId, segments),
    recovered: () => store.recovered(),
    // A socket that drains is waited for a little longer.
    drainMs: DEFAULT_WS_LIMITS.drainMs - 2000,
    log,
  });
}

interface Shared {
  load: LoadSampler;
  products: Products;
  keyterms: Keyterms;
  watch: CounterWatch;
}

function sessionDeps(parts: SessionParts, { load, products, keyterms, watch }: Shared): SessionDeps {
  const {
    environment,
    ffmpegPath,
    providers,
    registry,
    store,
    pharmacy,
    masking,
    clock,
    log,
    observer,
    money,
    limits,
    voices,
  } = parts;
  const { configuration, instances, health, prices } = providers;
  const price: PriceOf = (provider, mode) => prices.estimateMicroUsd(provider.address, mode, modelOf(provider));
  /** Asked for each utterance and each question to a model: a change is in force at the next one. */
  const routing = (effective: Effective, counterTags: readonly string[]) => ({
    registry,
    effective,
    language: LANGUAGE,
    now: clock.date(),
    counterTags,
    budgetLeft: money.budgets.left(configuration.for(effective.clientId, null)),
    price,
  });
  const latency = { minMs: environment.mockLatencyMinS * 1000, maxMs: environment.mockLatencyMaxS * 1000 };
  const otc = otcRules(parts);
  const isVoiceMocked = environment.mockMode || environment.mockVoice;
  /** Asks the models of one counter; undefined: it has none, and the catalogue's own ranking answers. */
  const modelFor = ({ clientId, counterId }: RecommendInput): Complete | undefined => {
    const routed = route(
      { ...routing(configuration.for(clientId, counterId), watch.tagsOf(counterId)), kind: 'llm' },
      null,
    );
    if (routed.candidates.length === 0) return undefined;
    const llm = new LlmRunner({ candidates: () => routed, instances, health, prices, clock });
    return (request, how) => llm.complete(request, how);
  };
  /** The client's own choice, else the environment's. */
  const isRestricted = ({ clientId, counterId }: RecommendInput): boolean =>
    configuration.for(clientId, counterId).offering.restrictProducts ?? environment.restrictProducts;
  return {
    clock,
    log,
    observer,
    load,
    ffmpegPath,
    earPool: new EarPool(),
    environmentVad: environment.vad,
    follow: (identity, onTuned) => {
      const follower = configuration.follow(identity.clientId, identity.counterId);
      const watched = watch.watch(identity.counterId, identity, onTuned);
      const joined = limits.clients.join(identity.clientId);
      const ear = providers.ears.take(follower.effective());
      return {
        identity,
        effective: () => follower.effective(),
        ear: ear.parts,
        take: () => follower.take(),
        tags: () => watched.tuning().tags,
        places: joined.places,
        leave: () => {
          follower.leave();
          watched.leave();
          joined.leave();
          ear.leave();
        },
      };
    },
    createTranscriber(config, events) {
      if (isVoiceMocked) return mockTranscriber(clock, Math.random, latency);
      const diarize = config.effective().voices.diarize === true;
      const runner = new SttRunner({
        route: (facts) => route(routing(config.take(), config.tags()), facts),
        instances,
        health,
        ...providers.utterances,
        clientPlaces: config.places,
        prices,
        clock,
        log,
        options: { language: LANGUAGE, words: true, diarize, keyterms: keyterms.of(config.identity.clientId) },
        events,
      });
      const kept = parts.keeper.tap(runner, config.identity.clientId);
      return withVoices(kept, voices.desk.join(config), voices.pool, diarize);
    },
    recommend: (input) =>
      environment.mockMode
        ? mockRecommendation(clock, Math.random, latency)
        : recommend(input, {
            retrieve: (clientId, text, limit, tags) =>
              products.retrieve(clientId, text, limit, { tags, ownOnly: isRestricted(input) }),
            ...withModel(modelFor(input)),
            prompt: pharmacy.prompt,
            lexicon: pharmacy.lexicon,
            book: pharmacy.book,
            gate: pharmacy.gate,
            otc,
          }),
    filters: () => pharmacy.filters,
    masker: (clientId) => masking.of(clientId),
    nextId: () => store.ids.nextId(),
    keepAudio: (row, outcome) => parts.keeper.store(row, outcome),
    append: async (entry) => {
      await store.journal.append(entry);
      money.budgets.note(entry);
      if ('usage' in entry && entry.usage.length > 0) observer.emit('billed', entry.usage);
    },
    prices,
    options: {
      orderWaitMs: 5000,
      cardMaxAgeMs: 20_000,
      // A simulated card asks no model: it comes also where the model must not be called.
      neverRecommend: environment.mockRecommendation && !environment.mockMode,
      simulated: isVoiceMocked,
    },
  };
}

function withModel(complete: Complete | undefined): { complete?: Complete } {
  return complete ? { complete } : {};
}
