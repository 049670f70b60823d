import { type Audio, CORE_SAMPLE_RATE_HZ, ProviderError, type Transcript } from '../contracts/index.ts';
import {
  type AttemptDeps,
  type AttemptInput,
  AttemptMeter,
  type AttemptResult,
  audioUsage,
  noPlace,
  takePlace,
} from './attempt.ts';
import { batchDeadlineMs } from './bounds.ts';
import { abortedError, toProviderError, withDeadline } from './deadline.ts';
import { onBehalfOf } from './on-behalf.ts';
import { transcriptFrom } from './plugin-answer.ts';
import { resampled } from './resampler.ts';
import { optionsFor, rateFor } from './stt-request.ts';

/** Gives one whole utterance to one candidate, once. Never throws: how it ended is in the result. */
export async function batchAttempt(deps: AttemptDeps, input: AttemptInput): Promise<AttemptResult> {
  const meter = new AttemptMeter(deps, input, 'batch');
  const { capabilities, model } = input.described;
  const { durationMs, samples } = input.audio;
  if (durationMs > capabilities.maxSeconds * 1000) return meter.failed(tooLong());
  const begunMs = deps.clock.now();
  const leave = await takePlace(deps, input, input.signal);
  meter.queued(deps.clock.now() - begunMs);
  if (!leave) return meter.failed(input.signal.aborted ? abortedError() : noPlace());
  try {
    const audio = await audioFor(input);
    if (input.signal.aborted) return meter.failed(abortedError());
    meter.gave(samples);
    const transcript = await withDeadline({
      clock: deps.clock,
      ms: batchDeadlineMs(capabilities.deadlines, durationMs),
      signal: input.signal,
      what: 'a transcrição',
      start: (signal) => transcribe(deps, input, audio, signal),
    });
    const usage = transcript.usage ?? audioUsage(capabilities, model, audio.pcm.length, audio.sampleRateHz);
    return meter.answered(transcript, usage);
  } catch (thrown) {
    const error = toProviderError(thrown);
    // It has the audio: vendors bill what they were sent, whether or not anyone waits for the answer.
    if (error.code === 'aborted' && input.signal.aborted) {
      return meter.failed(error, audioUsage(capabilities, model, samples, CORE_SAMPLE_RATE_HZ));
    }
    // Some vendors refuse audio in which nobody speaks: that is an answer.
    return error.code === 'empty' ? meter.answered({ text: '', model }, []) : meter.failed(error);
  } finally {
    leave();
  }
}

async function transcribe(
  deps: AttemptDeps,
  input: AttemptInput,
  audio: Audio,
  signal: AbortSignal,
): Promise<Transcript> {
  const lease = await deps.instances.lease<'stt'>(input.candidate);
  try {
    if (signal.aborted) throw abortedError();
    const options = optionsFor(lease.capabilities, deps.options);
    const { address } = input.candidate;
    const answer: unknown = await onBehalfOf(address, () => lease.instance.transcribe(audio, options, signal));
    return transcriptFrom(answer, input.described.model);
  } finally {
    lease.release();
  }
}

/** The utterance at a rate the provider takes, no shorter than it accepts. */
async function audioFor(input: AttemptInput): Promise<Audio> {
  const { capabilities } = input.described;
  const sampleRateHz = rateFor(capabilities);
  const minSamples = Math.ceil(((capabilities.minMs ?? 0) * CORE_SAMPLE_RATE_HZ) / 1000);
  const pcm = input.audio.toPcm(minSamples);
  return { pcm: await resampled(pcm, CORE_SAMPLE_RATE_HZ, sampleRateHz), sampleRateHz };
}

function tooLong(): ProviderError {
  return new ProviderError({
    code: 'unsupported',
    blame: 'core',
    message: 'fala mais longa do que este provedor aceita num pedido',
  });
}
