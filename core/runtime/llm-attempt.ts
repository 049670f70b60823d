import { type Clock, type Llm, type LlmRequest, type LlmResult, ProviderError } from '../contracts/index.ts';
import type { LlmBounds } from './bounds.ts';
import { abortedError, toProviderError, withDeadline } from './deadline.ts';
import type { Described, Lease, ProviderInstances } from './instances.ts';
import { linkSignals } from './link-signals.ts';
import { readAnswer } from './llm-answer.ts';
import type { LlmCall } from './llm-runner.ts';
import { onBehalfOf } from './on-behalf.ts';
import { nameOf, usageFrom } from './plugin-answer.ts';
import type { PriceBook } from './prices.ts';
import type { Attempt, Candidate } from './types.ts';

export interface LlmDeps {
  instances: ProviderInstances;
  clock: Clock;
  prices: PriceBook;
  bounds: LlmBounds;
}

export interface LlmQuestion<T> {
  candidate: Candidate;
  described: Described<'llm'>;
  request: LlmRequest;
  call: LlmCall<T>;
  /** Until the attempt is given up. */
  ms: number;
}

interface Times {
  attempt: Attempt;
  requestedAt: Date;
  requestedAtMs: number;
}

/** How one candidate answered, or why it did not. */
export type LlmAsked<T> = Times &
  ({ error: null; value: T; raw: string; answeredAt: Date; answeredAtMs: number } | { error: ProviderError });

/** One question to one candidate. Never throws. */
export async function askOnce<T>(deps: LlmDeps, question: LlmQuestion<T>): Promise<LlmAsked<T>> {
  const { clock, prices } = deps;
  const { candidate, described } = question;
  const startedAt = clock.date();
  const attempt: Attempt = {
    address: candidate.address,
    purpose: 'answer',
    model: described.model,
    mode: 'batch',
    outcome: 'answered',
    startedAt: startedAt.toISOString(),
    queueMs: 0,
    durationMs: 0,
    firstByteMs: 0,
    replayedMs: 0,
    usage: [],
    costMicroUsd: 0,
  };
  const times: Times = { attempt, requestedAt: startedAt, requestedAtMs: clock.now() };
  try {
    const result = await withDeadline({
      clock,
      ms: question.ms,
      signal: question.call.signal,
      what: 'a resposta do modelo',
      start: (signal) => request(deps, question, attempt, signal),
    });
    readUsage(attempt, result);
    const value = readAnswer(question.request, result, question.call.validate);
    return { ...times, error: null, value, raw: result.text, answeredAt: clock.date(), answeredAtMs: clock.now() };
  } catch (thrown) {
    const error = toProviderError(thrown);
    deps.instances.sayIfBroken(candidate, error);
    attempt.outcome = error.code === 'aborted' ? 'aborted' : 'failed';
    attempt.error = { code: error.code, blame: error.blame };
    if (error.vendorCode !== undefined) attempt.error.vendorCode = error.vendorCode;
    if (error.requestId !== undefined) attempt.requestId = error.requestId;
    return { ...times, error };
  } finally {
    attempt.durationMs = Math.round(clock.now() - times.requestedAtMs);
    attempt.costMicroUsd = prices.costMicroUsd(candidate.address, attempt.mode, attempt.usage);
  }
}

async function request<T>(deps: LlmDeps, question: LlmQuestion<T>, attempt: Attempt, signal: AbortSignal) {
  const lease = await deps.instances.lease<'llm'>(question.candidate);
  try {
    if (signal.aborted) throw abortedError();
    const given = fitted(question.request, lease);
    const streams = lease.capabilities.streaming && lease.instance.stream !== undefined;
    attempt.mode = streams ? 'stream' : 'batch';
    const result = await (streams
      ? onBehalfOf(question.candidate.address, () => streamed(deps, lease.instance, given, signal))
      : onBehalfOf(question.candidate.address, () => lease.instance.complete(given, signal)));
    if (typeof result?.text === 'string' && Buffer.byteLength(result.text) > deps.bounds.maxBytes) throw tooLong();
    return result;
  } finally {
    lease.release();
  }
}

/** Streamed for the sake of its deadlines: a model that is stuck is left 3 s after the question or 2 s after a piece, not after 8. */
async function streamed(deps: LlmDeps, llm: Llm, given: LlmRequest, signal: AbortSignal): Promise<LlmResult> {
  const left = new AbortController();
  const linked = linkSignals([signal, left.signal]);
  try {
    return await collected(deps, llm, given, linked.signal);
  } finally {
    // Whatever ended it, nothing of the vendor's stream stays open.
    left.abort();
    linked.unlink();
  }
}

async function collected(deps: LlmDeps, llm: Llm, given: LlmRequest, signal: AbortSignal): Promise<LlmResult> {
  const events = llm.stream?.(given, signal)[Symbol.asyncIterator]();
  if (!events) throw new ProviderError({ code: 'unsupported', message: 'o provedor não transmite a resposta' });
  const { firstTokenMs, betweenTokensMs } = deps.bounds;
  const piece = (ms: number, what: string) =>
    withDeadline({ clock: deps.clock, ms, signal, what, start: () => events.next() });
  let length = 0;
  let next = await piece(firstTokenMs, 'o início da resposta do modelo');
  for (; !next.done; next = await piece(betweenTokensMs, 'a continuação da resposta do modelo')) {
    if (signal.aborted) throw abortedError();
    if (next.value.type === 'result') return next.value.result;
    if (next.value.type === 'delta') length += next.value.text.length;
    if (length > deps.bounds.maxBytes) throw tooLong();
  }
  throw new ProviderError({ code: 'output', message: 'a resposta terminou sem resultado' });
}

/** Temperature only where the model takes one: some refuse the parameter. */
function fitted(request: LlmRequest, lease: Lease<'llm'>): LlmRequest {
  if (lease.capabilities.temperature || request.temperature === undefined) return request;
  const { temperature: _temperature, ...rest } = request;
  return rest;
}

/** A refused or cut answer was billed as well. */
function readUsage(attempt: Attempt, result: LlmResult): void {
  attempt.usage = usageFrom(result?.usage) ?? [];
  attempt.model = nameOf(result?.model) ?? attempt.model;
  const requestId = nameOf(result?.requestId);
  if (requestId !== undefined) attempt.requestId = requestId;
}

function tooLong(): ProviderError {
  return new ProviderError({ code: 'output', message: 'a resposta do modelo é longa demais' });
}
