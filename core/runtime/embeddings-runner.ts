import { ProviderError, type Usage } from '../contracts/index.ts';
import { CandidateOrder } from './candidate-order.ts';
import { abortedError, withDeadline } from './deadline.ts';
import type { Described } from './instances.ts';
import { onBehalfOf } from './on-behalf.ts';
import { PlainAttempt, type PlainDeps } from './plain-attempt.ts';
import { usageFrom } from './plugin-answer.ts';
import type { Attempt, Candidate } from './types.ts';

export interface EmbeddingsCall {
  purpose: 'query' | 'document';
  /** Until the call is given up, all candidates together. */
  ms: number;
  signal: AbortSignal;
}

/** How a request for vectors ended. All vectors are of one provider and model: those of two are never compared. */
export interface EmbeddingsOutcome {
  status: 'answered' | 'failed' | 'no_provider';
  /** One a text, in their order; empty without an answer. */
  vectors: Float32Array[];
  address: string | null;
  model: string | null;
  attempts: Attempt[];
  costMicroUsd: number;
}

interface Asked {
  candidate: Candidate;
  described: Described<'embeddings'>;
  texts: readonly string[];
  purpose: EmbeddingsCall['purpose'];
}

/** Turns text into vectors: the first candidate that answers for all of it. */
export class EmbeddingsRunner {
  readonly #deps: PlainDeps;

  constructor(deps: PlainDeps) {
    this.#deps = deps;
  }

  /** Never rejects for what a vendor did, nor when the signal fires: that is in the outcome. */
  async embed(
    candidates: readonly Candidate[],
    texts: readonly string[],
    { purpose, ms, signal }: EmbeddingsCall,
  ): Promise<EmbeddingsOutcome> {
    const { clock, health, instances } = this.#deps;
    const outcome: EmbeddingsOutcome = noVectors();
    const order = new CandidateOrder(candidates, health, clock.now());
    const untilMs = clock.now() + ms;
    while (order.left > 0 && !signal.aborted && clock.now() < untilMs) {
      const candidate = order.next(() => true);
      const described = candidate && instances.describe<'embeddings'>(candidate);
      if (!candidate || !described) continue;
      const attempt = new PlainAttempt(this.#deps, candidate, described.model, 'batch');
      const leftMs = untilMs - clock.now();
      // Whoever is behind it gets half of what is left.
      const share = order.left > 0 ? leftMs / 2 : leftMs;
      const usage: Usage[] = [];
      try {
        const asked = { candidate, described, texts, purpose };
        const start = (within: AbortSignal) => this.#vectors(asked, usage, within);
        outcome.vectors = await withDeadline({ clock, ms: share, signal, what: 'os vetores de um texto', start });
        attempt.answered(usage);
        return noted({ ...outcome, status: 'answered', address: candidate.address, model: described.model }, attempt);
      } catch (thrown) {
        order.failed(candidate, attempt.failed(thrown, usage));
        outcome.status = 'failed';
        noted(outcome, attempt);
      }
    }
    return outcome;
  }

  /** As many requests as the provider's limit asks for, one after the other. */
  async #vectors({ candidate, described, texts, purpose }: Asked, usage: Usage[], signal: AbortSignal) {
    const lease = await this.#deps.instances.lease<'embeddings'>(candidate);
    try {
      const { dimensions, maxTexts } = described.capabilities;
      const vectors: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += maxTexts) {
        if (signal.aborted) throw abortedError();
        const some = texts.slice(from, from + maxTexts);
        const answer = await onBehalfOf(candidate.address, () => lease.instance.embed(some, purpose, signal));
        usage.push(...(usageFrom(answer?.usage) ?? []));
        vectors.push(...vectorsFrom(answer?.vectors, some.length, dimensions));
      }
      return vectors;
    } finally {
      lease.release();
    }
  }
}

/** Copies of what is of the contract: one vector a text, of finite numbers, all of the length that was said. */
function vectorsFrom(value: unknown, count: number, dimensions: number): Float32Array[] {
  const isVector = (each: unknown) =>
    each instanceof Float32Array && each.length === dimensions && each.every(Number.isFinite);
  if (Array.isArray(value) && value.length === count && value.every(isVector)) {
    return value.map((each: Float32Array) => each.slice());
  }
  throw new ProviderError({ code: 'protocol', blame: 'core', message: 'o plugin respondeu sem os vetores' });
}

function noVectors(): EmbeddingsOutcome {
  return { status: 'no_provider', vectors: [], address: null, model: null, attempts: [], costMicroUsd: 0 };
}

function noted(outcome: EmbeddingsOutcome, { record }: PlainAttempt): EmbeddingsOutcome {
  outcome.attempts.push(record);
  outcome.costMicroUsd += record.costMicroUsd;
  return outcome;
}
