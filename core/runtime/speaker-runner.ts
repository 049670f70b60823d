import { type Audio, type Clock, CORE_SAMPLE_RATE_HZ, ProviderError } from '../contracts/index.ts';
import { parseAddress } from '../registry/address.ts';
import { abortedError, toProviderError, withDeadline } from './deadline.ts';
import type { Health } from './health.ts';
import { modelOf, type ProviderInstances } from './instances.ts';
import { onBehalfOf } from './on-behalf.ts';
import type { Candidate } from './types.ts';

export interface SpeakerRunnerOptions {
  instances: ProviderInstances;
  health: Health;
  clock: Clock;
}

/** A voice as one provider measured it. */
export interface VoiceVector {
  vector: Float32Array;
  /** Provider and model: voices of another one are never compared with it. */
  model: string;
  /** It hints at who speaks, and proves nothing. */
  isHint: boolean;
}

export interface VoiceCall {
  /** Until the call is given up, all candidates together. */
  ms: number;
  signal: AbortSignal;
  /** Those that rest after a failure are asked too: somebody waits for this very answer. */
  insist?: boolean;
}

/** Clips measured at once by one provider, and how long one more waits for its turn. */
const AT_ONCE = 2;
const QUEUE_MS = 1000;
const MOST_DIMENSIONS = 8192;

/** Provider and model, as a voice is kept under it. */
export function voiceModel({ provider }: Candidate): string {
  const { kind, provider: id } = parseAddress(provider.address);
  return `${kind}/${id}:${modelOf(provider)}`;
}

/**
 * Measures voices: the first candidate that answers. One that throws, stalls or is missing costs its own attempt; a
 * failure counts against its health as any other kind's does, and it rests.
 */
export class SpeakerRunner {
  readonly #options: SpeakerRunnerOptions;

  constructor(options: SpeakerRunnerOptions) {
    this.#options = options;
  }

  /** Null: nobody could measure it. Never rejects for what a provider did, nor when the signal fires. */
  async embed(candidates: readonly Candidate[], audio: Audio, call: VoiceCall): Promise<VoiceVector | null> {
    const { clock, health } = this.#options;
    const untilMs = clock.now() + call.ms;
    for (const candidate of candidates) {
      const leftMs = untilMs - clock.now();
      if (call.signal.aborted || leftMs <= 0) return null;
      if (!call.insist && health.restsUntilMs(candidate) > clock.now()) continue;
      const measured = await this.#ask(candidate, audio, leftMs, call.signal);
      if (measured) return measured;
    }
    return null;
  }

  async #ask(candidate: Candidate, audio: Audio, ms: number, signal: AbortSignal): Promise<VoiceVector | null> {
    const { clock, health, instances } = this.#options;
    const leave = await instances.places(candidate, AT_ONCE).take(Math.min(ms, QUEUE_MS), signal);
    if (!leave) return null;
    const sentAtMs = clock.now();
    health.used(candidate);
    try {
      const what = 'a medida de uma voz';
      const start = (within: AbortSignal) => this.#measure(candidate, audio, within);
      const measured = await withDeadline({ clock, ms, signal, what, start });
      health.answered(candidate, { sentAtMs, isEmpty: false });
      return measured;
    } catch (thrown) {
      const error = toProviderError(thrown);
      instances.sayIfBroken(candidate, error);
      health.failed(candidate, error, { mode: 'batch', begunAtMs: sentAtMs });
      return null;
    } finally {
      leave();
    }
  }

  async #measure(candidate: Candidate, audio: Audio, signal: AbortSignal): Promise<VoiceVector> {
    const lease = await this.#options.instances.lease<'speaker'>(candidate);
    try {
      if (signal.aborted) throw abortedError();
      const { capabilities, instance } = lease;
      if (audio.pcm.length < (capabilities.minMs * CORE_SAMPLE_RATE_HZ) / 1000) {
        throw new ProviderError({ code: 'empty', message: 'fala curta demais para reconhecer uma voz' });
      }
      const vector = await onBehalfOf(candidate.address, () => instance.embed(audio, signal));
      return { vector: vectorFrom(vector), model: voiceModel(candidate), isHint: capabilities.hint === true };
    } finally {
      lease.release();
    }
  }
}

/** A copy of what is of the contract: finite numbers, not all of them zero. */
function vectorFrom(value: unknown): Float32Array {
  const isVector = value instanceof Float32Array && value.length > 0 && value.length <= MOST_DIMENSIONS;
  if (isVector && value.every(Number.isFinite) && value.some(Boolean)) return value.slice();
  throw new ProviderError({ code: 'protocol', blame: 'core', message: 'o plugin respondeu sem um vetor de voz' });
}
