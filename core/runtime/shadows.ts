import type { SttOptions } from '../contracts/index.ts';
import type { AttemptDeps, AttemptInput, AttemptResult } from './attempt.ts';
import { batchAttempt } from './batch-attempt.ts';
import { DEFAULT_STT_BOUNDS } from './bounds.ts';
import type { Health } from './health.ts';
import type { BlockPool, UtteranceAudio } from './ring.ts';
import { StreamLanes } from './stream-lanes.ts';
import type { Candidate, ShadowHeard } from './types.ts';

interface ShadowsOptions extends Omit<AttemptDeps, 'options' | 'bounds'> {
  health: Health;
  pool: BlockPool;
  /** Comparisons at once in this process; what comes above is not compared. Default 8. */
  most?: number;
}

/** One utterance to be compared. */
interface ShadowWork {
  candidate: Candidate;
  /** Belongs to the comparison from now on. */
  audio: UtteranceAudio;
  options: SttOptions;
}

const MOST = 8;

/**
 * Gives answered utterances to a second provider as well, for comparison. Nobody waits for it: it takes memory and places
 * that nobody else wants, gives both up the moment somebody does, is tried once, and changes nobody's health.
 */
export class Shadows {
  readonly #options: ShadowsOptions;
  readonly #running = new Set<{ stop: AbortController; ended: Promise<unknown> }>();
  #isClosed = false;

  constructor(options: ShadowsOptions) {
    this.#options = options;
  }

  /** Null: it was given nothing, because this process has better things to do. Never rejects. */
  run(work: ShadowWork): Promise<ShadowHeard | null> {
    const { pool, health, clock, most = MOST } = this.#options;
    const stop = new AbortController();
    const guest = { evict: () => letGo() };
    const letGo = () => {
      stop.abort();
      work.audio.release();
      pool.leave(guest);
    };
    const isUnwelcome =
      this.#isClosed ||
      this.#running.size >= most ||
      health.restsUntilMs(work.candidate) > clock.now() ||
      !pool.enterGuest(guest);
    if (isUnwelcome) {
      letGo();
      return Promise.resolve(null);
    }
    const ended = this.#heard(work, stop).finally(() => {
      this.#running.delete(running);
      letGo();
    });
    const running = { stop, ended };
    this.#running.add(running);
    return ended;
  }

  /** Gives up what runs; resolves when all of it has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { stop } of this.#running) stop.abort();
    await Promise.all([...this.#running].map(({ ended }) => ended));
  }

  async #heard(work: ShadowWork, stop: AbortController): Promise<ShadowHeard | null> {
    try {
      const result = await this.#attempt(work, stop);
      if (!result || result.record.firstByteMs === null) return null;
      const text = result.outcome === 'answered' ? result.transcript.text.trim() : null;
      return { attempt: result.record, text, at: this.#options.clock.date() };
    } catch (error) {
      const { name } = error instanceof Error ? error : { name: typeof error };
      this.#options.log.error({ provider: work.candidate.address, error: name }, 'a comparison could not be made');
      return null;
    }
  }

  async #attempt({ candidate, audio, options }: ShadowWork, stop: AbortController): Promise<AttemptResult | null> {
    const described = this.#options.instances.describe<'stt'>(candidate);
    if (!described) return null;
    const deps: AttemptDeps = { ...this.#options, options, bounds: DEFAULT_STT_BOUNDS };
    const input: AttemptInput = {
      candidate,
      described,
      purpose: 'shadow',
      audio,
      givenSamples: 0,
      queueMs: 0,
      signal: stop.signal,
      revoke: () => stop.abort(),
    };
    const result = await batchAttempt(deps, input);
    const cannot = result.outcome === 'failed' && result.error.code === 'unsupported';
    if (!cannot || !described.capabilities.streaming || stop.signal.aborted) return result;
    const lanes = new StreamLanes(deps);
    try {
      const onTurn = (turn: { finish(): void }) => turn.finish();
      return await lanes.attempt({ ...input, onPartial: () => undefined, onTurn });
    } finally {
      await lanes.close();
    }
  }
}
