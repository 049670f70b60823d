import { readFileSync } from 'node:fs';
import type { Clock, Log, ProviderError } from '../contracts/index.ts';
import type { AttemptDeps, AttemptInput, AttemptResult } from './attempt.ts';
import { batchAttempt } from './batch-attempt.ts';
import { DEFAULT_LLM_BOUNDS, DEFAULT_STT_BOUNDS } from './bounds.ts';
import type { ProviderInstances } from './instances.ts';
import { askOnce } from './llm-attempt.ts';
import type { PriceBook } from './prices.ts';
import { BlockPool, UtteranceAudio } from './ring.ts';
import { StreamLanes } from './stream-lanes.ts';
import type { Attempt, Candidate } from './types.ts';

/** How a probe ended: the attempt as any other, and what was said to it. */
export interface Probed {
  attempt: Attempt;
  /** Null: it answered. */
  error: ProviderError | null;
  /** It took clear speech for nothing. Always false of a kind that does not hear. */
  isEmpty: boolean;
}

/** Asks a candidate with nothing of a customer's. */
export interface Prober {
  /** Whether there is a probe for its kind. */
  canAsk(candidate: Candidate): boolean;
  /** Null: it could not be asked. Never rejects for what a vendor did. */
  ask(candidate: Candidate, mode: Attempt['mode'] | undefined, signal: AbortSignal): Promise<Probed | null>;
}

export interface ProberOptions {
  instances: ProviderInstances;
  clock: Clock;
  log: Log;
  prices: PriceBook;
  /** BCP 47 of what the sessions ask for. */
  language: string;
}

/** How long a probe waits for a place at the credential: with all of them taken it is at work already. */
const QUEUE_MS = 1000;
const WAV_HEADER_BYTES = 44;

const QUESTION = {
  messages: [{ role: 'user' as const, content: 'Responda {"pronto": true}.' }],
  schema: {
    name: 'pronto',
    schema: {
      type: 'object',
      properties: { pronto: { type: 'boolean' } },
      required: ['pronto'],
      additionalProperties: false,
    },
  },
};

/**
 * Probes by doing what a customer's words would ask for: an utterance of a second and a half of synthetic speech, heard as
 * the attempt that failed was (batch or stream); for a model, the smallest structured question. A manifest's `probe()` lists
 * models or projects: it tells a key apart from a wrong one, not a service that answers from one that does not.
 */
export class RealProber implements Prober {
  readonly #options: ProberOptions;
  readonly #pool = new BlockPool({ spareBytes: 0 });
  #clip: Int16Array | undefined;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  canAsk({ provider }: Candidate): boolean {
    return provider.kind === 'stt' || provider.kind === 'llm';
  }

  async ask(candidate: Candidate, mode: Attempt['mode'] | undefined, signal: AbortSignal): Promise<Probed | null> {
    const { kind } = candidate.provider;
    return kind === 'stt' ? this.#speak(candidate, mode, signal) : this.#question(candidate, signal);
  }

  async #speak(candidate: Candidate, mode: Attempt['mode'] | undefined, signal: AbortSignal): Promise<Probed | null> {
    const described = this.#options.instances.describe<'stt'>(candidate);
    if (!described) return null;
    const audio = new UtteranceAudio(this.#pool);
    try {
      audio.append(this.#speech());
      const input = {
        candidate,
        described,
        purpose: 'answer' as const,
        audio,
        givenSamples: 0,
        queueMs: QUEUE_MS,
        signal,
      };
      const result = await this.#attempt(input, mode ?? (described.capabilities.streaming ? 'stream' : 'batch'));
      if (result.outcome === 'failed') return { attempt: result.record, error: result.error, isEmpty: false };
      return { attempt: result.record, error: null, isEmpty: result.record.outcome === 'empty' };
    } finally {
      audio.release();
    }
  }

  async #attempt(input: AttemptInput, mode: Attempt['mode']): Promise<AttemptResult> {
    const { language, ...options } = this.#options;
    const deps: AttemptDeps = { ...options, bounds: { ...DEFAULT_STT_BOUNDS, idleCloseMs: 0 }, options: { language } };
    if (mode === 'batch') return batchAttempt(deps, input);
    const lanes = new StreamLanes(deps);
    try {
      return await lanes.attempt({ ...input, onPartial: () => undefined, onTurn: (turn) => turn.finish() });
    } finally {
      await lanes.close();
    }
  }

  async #question(candidate: Candidate, signal: AbortSignal): Promise<Probed | null> {
    const described = this.#options.instances.describe<'llm'>(candidate);
    if (!described) return null;
    const call = { validate: (value: unknown) => value, signal };
    const bounds = DEFAULT_LLM_BOUNDS;
    const question = { candidate, described, request: QUESTION, call, ms: bounds.totalMs };
    const { attempt, error } = await askOnce({ ...this.#options, bounds }, question);
    return { attempt, error, isEmpty: false };
  }

  /** Read when the first probe is sent: most processes never need it. */
  #speech(): Int16Array {
    this.#clip ??= readClip();
    return this.#clip;
  }
}

/** "Um, dois, três", 16 kHz mono, by a synthesiser: nobody's voice. */
function readClip(): Int16Array {
  const bytes = readFileSync(new URL('../../config/probe-clip.wav', import.meta.url)).subarray(WAV_HEADER_BYTES);
  return new Int16Array(Uint8Array.from(bytes).buffer);
}
