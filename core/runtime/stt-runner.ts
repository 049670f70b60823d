import { type Clock, CORE_SAMPLE_RATE_HZ, type Log, type SttOptions } from '../contracts/index.ts';
import { DEFAULT_STT_BOUNDS, type SttBounds } from './bounds.ts';
import { wait } from './deadline.ts';
import type { Health } from './health.ts';
import type { ProviderInstances } from './instances.ts';
import type { Latencies } from './latencies.ts';
import { Places } from './places.ts';
import type { PriceBook } from './prices.ts';
import type { BlockPool } from './ring.ts';
import type { Shadows } from './shadows.ts';
import { StreamLanes } from './stream-lanes.ts';
import type { Attempt, Routed, SttOutcome, UtteranceFacts } from './types.ts';
import { type Cut, type JobDeps, UtteranceJob } from './utterance-job.ts';

export interface SttRunnerEvents {
  /** Text so far of an utterance that is being spoken; replaces the one before it. */
  partial?(segment: number, text: string): void;
  /**
   * Speech goes on, and what was said up to `cut.through` will not change any more: an utterance that is too long may be
   * ended there. Who does so ends its feed and begins the next one before this returns: its sound begins at `cut.from`.
   */
  finalThrough?(segment: number, cut: Cut): void;
  /** An attempt ended, whatever became of it. */
  attempt?(segment: number, attempt: Attempt): void;
}

export interface SttRunnerOptions {
  /**
   * Who an utterance may be given to. Asked at the start of speech with null, when nothing is known of it yet; and where
   * the answer was mode `segment` again at its end, with its facts: that answer holds.
   */
  route(facts: UtteranceFacts | null): Routed;
  instances: ProviderInstances;
  /** Shared by the sessions of a process: an outage is learned once. */
  health: Health;
  /** Shared by the sessions of a process: how long each candidate usually takes. */
  latencies: Latencies;
  /** Shared by the sessions of a process: the bound on audio in memory. */
  pool: BlockPool;
  /** Shared by the sessions of a process: gives a share of the utterances to a second provider. Absent: nothing is compared. */
  shadows?: Shadows;
  /** Shared by the sessions of a client: its utterances in flight. Absent: no limit beside the session's own. */
  clientPlaces?: Pick<Places, 'take'> | undefined;
  clock: Clock;
  log: Log;
  prices: PriceBook;
  /** Settings of the session; they follow it to whichever provider is elected. */
  options: SttOptions;
  bounds?: Partial<SttBounds>;
  events?: SttRunnerEvents;
  /** 0 (included) to 1 (excluded). */
  random?: () => number;
}

/** One utterance on its way to text. */
export interface UtteranceFeed {
  /** 16 kHz mono; borrowed until return. */
  push(pcm: Int16Array): void;
  /** It was no utterance: nothing is answered, nothing is counted. */
  cancel(): void;
  /** Speech is over, and this is what it was. Never rejects: what became of it is in the outcome. */
  end(facts: UtteranceFacts): Promise<SttOutcome>;
}

/** An utterance that began, and how it is cut: a streamed one is never force-cut at the length limit. */
export interface BegunUtterance {
  mode: 'segment' | 'stream';
  feed: UtteranceFeed;
}

/**
 * Turns one session's utterances into text. Utterances run side by side; putting them in the order spoken is the session's
 * business. Every second of audio is kept until a candidate has answered it, or until a bound of {@link SttBounds} is passed.
 */
export class SttRunner {
  readonly #options: SttRunnerOptions;
  readonly #bounds: SttBounds;
  readonly #jobDeps: JobDeps;
  /** Unanswered, in the order they began. */
  readonly #open = new Set<UtteranceJob>();
  readonly #lanes: StreamLanes;
  #keptSamples = 0;
  /** May be cut just now. */
  #offered: UtteranceJob | undefined;
  #isFinishing = false;

  constructor(options: SttRunnerOptions) {
    this.#options = options;
    this.#bounds = { ...DEFAULT_STT_BOUNDS, ...options.bounds };
    const { instances, clock, log, prices, health, latencies, pool, shadows, events } = options;
    const shared = { instances, clock, log, prices, bounds: this.#bounds, options: options.options };
    this.#lanes = new StreamLanes(shared);
    this.#jobDeps = {
      ...shared,
      lanes: this.#lanes,
      health,
      latencies,
      pool,
      shadows,
      inFlight: bothOf(new Places(clock, this.#bounds.maxInFlight), options.clientPlaces),
      random: options.random ?? Math.random,
      route: (facts) => options.route(facts),
      isFinishing: () => this.#isFinishing,
      onPartial: (segment, text) => this.#tell(() => events?.partial?.(segment, text)),
      onAttempt: (segment, attempt) => this.#tell(() => events?.attempt?.(segment, attempt)),
      onFinalThrough: (job, cut) => {
        this.#offered = job;
        this.#tell(() => events?.finalThrough?.(job.segment, cut));
        this.#offered = undefined;
      },
      onKept: (samples) => {
        this.#keptSamples += samples;
      },
    };
  }

  /** Unanswered utterances now. */
  get unanswered(): number {
    return this.#open.size;
  }

  /** Begins an utterance; the mode is routing's, and holds until its end. */
  begin(segment: number): BegunUtterance {
    const job = new UtteranceJob(this.#jobDeps, segment, this.#options.route(null));
    this.#open.add(job);
    if (this.#offered?.endedAtMs !== undefined) job.takeOver(this.#offered);
    this.#offered = undefined;
    void job.outcome.then(() => this.#open.delete(job));
    const feed: UtteranceFeed = {
      push: (pcm) => {
        job.push(pcm);
        this.#keepWithinBound();
      },
      cancel: () => job.cancel(),
      end: (facts) => job.end(facts),
    };
    return { mode: job.mode, feed };
  }

  /** The session ends: candidates that all fail are not gone through again. Call before waiting for the last outcomes. */
  finish(): void {
    this.#isFinishing = true;
  }

  /** Waits for what is under way, at most `drainMs`; what is unanswered then is lost. Closes the session's streams. */
  async close(): Promise<void> {
    this.finish();
    const drained = new AbortController();
    const ends = Promise.all([...this.#open].map((job) => job.end())).then(() => drained.abort());
    await wait(this.#options.clock, this.#bounds.drainMs, drained.signal);
    for (const job of this.#open) job.lose('drain');
    await ends;
    await this.#lanes.close();
  }

  /** The oldest goes first: the newest words are the ones a customer still waits for. */
  #keepWithinBound(): void {
    const most = (this.#bounds.maxUnansweredMs * CORE_SAMPLE_RATE_HZ) / 1000;
    if (this.#keptSamples <= most) return;
    for (const job of this.#open) {
      if (this.#keptSamples <= most) return;
      job.lose('speech');
    }
  }

  /** A listener's fault is not the vendor's: it must not look like one. */
  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      const { name } = error instanceof Error ? error : { name: typeof error };
      this.#options.log.error({ error: name }, 'a listener of the runtime threw');
    }
  }
}

/** A place at the session, then one at its client: both are given back together. */
function bothOf(own: Places, shared: Pick<Places, 'take'> | undefined): Pick<Places, 'take'> {
  if (!shared) return own;
  return {
    async take(waitMs, signal) {
      const leave = await own.take(waitMs, signal);
      if (!leave) return null;
      const leaveShared = await shared.take(waitMs, signal);
      if (!leaveShared) leave();
      return (
        leaveShared &&
        (() => {
          leaveShared();
          leave();
        })
      );
    },
  };
}
