import { ProviderError, type TtsEvent, type TtsRequest, type Usage } from '../contracts/index.ts';
import { DEFAULT_TTS_BOUNDS, type TtsBounds } from './bounds.ts';
import { CandidateOrder } from './candidate-order.ts';
import { abortedError, withDeadline } from './deadline.ts';
import type { Described } from './instances.ts';
import { coversLanguage } from './languages.ts';
import { linkSignals } from './link-signals.ts';
import { onBehalfOf } from './on-behalf.ts';
import { PlainAttempt, type PlainDeps } from './plain-attempt.ts';
import { usageFrom } from './plugin-answer.ts';
import type { Attempt, Candidate } from './types.ts';

/** What is to be said. Whose voice says it is the candidate's own affair: the one it is configured with. */
export type Spoken = Omit<TtsRequest, 'voice'>;

export interface TtsCall {
  /** Gets the sound piece by piece; the next one is asked for when it has resolved. What it throws ends the call. */
  onAudio(bytes: Uint8Array): void | Promise<void>;
  /** A word and when it begins, in ms of the sound. */
  onMark?(text: string, startMs: number): void;
  signal: AbortSignal;
}

/** How a text was spoken. `cut`: its sound began and broke off; what was heard cannot be taken back. */
export interface TtsOutcome {
  status: 'answered' | 'cut' | 'failed' | 'no_provider';
  address: string | null;
  model: string | null;
  /** Bytes that were handed over. */
  bytes: number;
  attempts: Attempt[];
  costMicroUsd: number;
}

/**
 * Speaks a text: the first candidate whose voice comes in time. Until its first sound another one takes over unheard;
 * after it the voice would change in mid-word, so a break is told to the caller, who knows what to say again.
 */
export class TtsRunner {
  readonly #deps: PlainDeps;
  readonly #bounds: TtsBounds;

  constructor(deps: PlainDeps & { bounds?: Partial<TtsBounds> }) {
    this.#deps = deps;
    this.#bounds = { ...DEFAULT_TTS_BOUNDS, ...deps.bounds };
  }

  /** Never rejects for what a vendor did, nor when the signal fires: that is in the outcome. */
  async speak(candidates: readonly Candidate[], request: Spoken, call: TtsCall): Promise<TtsOutcome> {
    const { clock, health, instances } = this.#deps;
    const outcome: TtsOutcome = { ...NOT_SPOKEN, attempts: [] };
    const order = new CandidateOrder(candidates, health, clock.now());
    while (order.left > 0 && !call.signal.aborted) {
      const candidate = order.next(() => true);
      const described = candidate && instances.describe<'tts'>(candidate);
      if (!candidate || !described || !suits(described, request)) continue;
      const attempt = new PlainAttempt(this.#deps, candidate, described.model, 'stream');
      const usage: Usage[] = [];
      try {
        await this.#attempt(candidate, request, call, outcome, usage);
        attempt.answered(usage);
        outcome.status = 'answered';
      } catch (thrown) {
        if (thrown instanceof CallerFault) throw thrown.cause;
        order.failed(candidate, attempt.failed(thrown, usage));
        outcome.status = outcome.bytes > 0 ? 'cut' : 'failed';
      }
      note(outcome, attempt);
      if (outcome.status === 'failed') continue;
      outcome.address = candidate.address;
      outcome.model = described.model;
      return outcome;
    }
    return outcome;
  }

  async #attempt(
    candidate: Candidate,
    request: Spoken,
    call: TtsCall,
    outcome: TtsOutcome,
    usage: Usage[],
  ): Promise<void> {
    const left = new AbortController();
    const linked = linkSignals([call.signal, left.signal]);
    const lease = await this.#deps.instances.lease<'tts'>(candidate);
    try {
      if (call.signal.aborted) throw abortedError();
      await onBehalfOf(candidate.address, () =>
        this.#heard(lease.instance.synthesize({ ...request, voice: '' }, linked.signal), linked.signal, {
          request,
          call,
          outcome,
          usage,
        }),
      );
    } finally {
      // Whatever ended it, nothing of the vendor's stream stays open.
      left.abort();
      linked.unlink();
      lease.release();
    }
  }

  async #heard(
    stream: AsyncIterable<TtsEvent>,
    signal: AbortSignal,
    to: { request: Spoken; call: TtsCall; outcome: TtsOutcome; usage: Usage[] },
  ): Promise<void> {
    const { clock } = this.#deps;
    const { firstAudioMs, betweenAudioMs } = this.#bounds;
    const events = stream[Symbol.asyncIterator]();
    const piece = (ms: number, what: string) => withDeadline({ clock, ms, signal, what, start: () => events.next() });
    const untilMs = clock.now() + firstAudioMs;
    for (;;) {
      // Marks and usage are no sound: they do not put the first one off.
      const hasBegun = to.outcome.bytes > 0;
      const ms = hasBegun ? betweenAudioMs : Math.max(0, untilMs - clock.now());
      const next = await piece(ms, hasBegun ? 'a continuação da voz' : 'o início da voz');
      if (signal.aborted) throw abortedError();
      if (next.done) break;
      await this.#take(next.value, to);
    }
    if (to.outcome.bytes === 0) throw new ProviderError({ code: 'empty', message: 'a voz terminou sem som' });
  }

  async #take(
    event: TtsEvent,
    { request, call, outcome, usage }: { request: Spoken; call: TtsCall; outcome: TtsOutcome; usage: Usage[] },
  ): Promise<void> {
    if (event?.type === 'usage') usage.push(...(usageFrom(event.usage) ?? []));
    else if (event?.type === 'mark') {
      if (typeof event.text === 'string' && Number.isFinite(event.startMs)) call.onMark?.(event.text, event.startMs);
    } else if (event?.type !== 'audio' || !(event.bytes instanceof Uint8Array)) {
      throw new ProviderError({ code: 'protocol', blame: 'core', message: 'o plugin respondeu sem voz' });
    } else if (event.bytes.length > 0) {
      outcome.bytes += event.bytes.length;
      if (outcome.bytes > this.#mostBytes(request)) {
        throw new ProviderError({ code: 'output', message: 'a voz não tem fim' });
      }
      try {
        await call.onAudio(event.bytes);
      } catch (cause) {
        throw new CallerFault(cause);
      }
    }
  }

  /** The slowest reader there is, uncompressed: more is no reading of this text. */
  #mostBytes({ text, sampleRateHz }: Spoken): number {
    return ((text.length * this.#bounds.mostMsPerCharacter + this.#bounds.graceMs) * sampleRateHz * 2) / 1000;
  }
}

/** The caller's own fault, which is no candidate's. */
class CallerFault extends Error {
  constructor(cause: unknown) {
    super('the sound was not taken', { cause });
  }
}

const NOT_SPOKEN = { status: 'no_provider', address: null, model: null, bytes: 0, costMicroUsd: 0 } as const;

/** One that cannot do what is asked is passed over: that is nobody's failure. */
function suits({ capabilities }: Described<'tts'>, request: Spoken): boolean {
  const { encodings, languages, maxChars, sampleRates } = capabilities;
  return (
    encodings.includes(request.encoding) &&
    sampleRates.includes(request.sampleRateHz) &&
    coversLanguage(languages, request.language) &&
    request.text.length <= maxChars
  );
}

function note(outcome: TtsOutcome, { record }: PlainAttempt): void {
  outcome.attempts.push(record);
  outcome.costMicroUsd += record.costMicroUsd;
}
