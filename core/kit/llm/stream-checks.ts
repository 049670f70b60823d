import { isProviderError, type LlmEvent, type ProviderError } from '../../contracts/index.ts';
import { KitFailure, type Life, must } from '../check.ts';
import type { Fault } from '../emulator/index.ts';
import { MEANS, mustMean } from '../expect.ts';
import { within } from '../proof.ts';
import { mustBeResult, mustBeTokens, streamedResult } from './answer-checks.ts';
import {
  ANSWER,
  emulated,
  type LlmCheck,
  type LlmProof,
  type LlmStage,
  live,
  llmCheck,
  modelOf,
  QUESTION,
  resultOf,
  stream,
  streaming,
  textOf,
  vendorOf,
} from './proof.ts';

const NEEDS = [streaming, emulated];

/** An answer in pieces. */
export const streamChecks: readonly LlmCheck[] = [
  llmCheck('stream-joins', 'bronze', 'The deltas add up to the model’s text.', NEEDS, async (proof, life) => {
    const events = await stream(proof, await modelOf(proof, life));
    must(textOf(events) === ANSWER, 'the text, whole');
  }),
  llmCheck('stream-result-text', 'bronze', 'The result’s text is what the deltas said.', NEEDS, async (proof, life) => {
    must((await streamedResult(proof, life)).text === ANSWER, 'the same text');
  }),
  llmCheck('stream-result-last', 'bronze', 'One result, and nothing after it.', NEEDS, async (proof, life) => {
    const events = await stream(proof, await modelOf(proof, life));
    must(events.filter(({ type }) => type === 'result').length === 1, 'one result');
    must(events.at(-1)?.type === 'result', 'at the end');
  }),
  llmCheck(
    'stream-result-shape',
    'bronze',
    'The streamed result is the contract’s too.',
    NEEDS,
    async (proof, life) => {
      mustBeResult(await streamedResult(proof, life));
    },
  ),
  llmCheck('stream-in-pieces', 'silver', 'It comes in pieces, none of them empty.', NEEDS, async (proof, life) => {
    const events = await stream(proof, await modelOf(proof, life));
    const deltas = events.flatMap((event) => (event.type === 'delta' ? [event.text] : []));
    must(deltas.length >= 3, 'three pieces and more');
    must(!deltas.includes(''), 'no empty piece');
  }),
  llmCheck('stream-usage', 'silver', 'A stream reports its tokens.', NEEDS, async (proof, life) => {
    mustBeTokens((await streamedResult(proof, life)).usage);
  }),
  llmCheck(
    'stream-while-it-comes',
    'silver',
    'A piece is told when it comes, not when the answer is over.',
    NEEDS,
    async (proof, life) => {
      const stage = await modelOf(proof, life, { fault: { kind: 'reset', afterBytes: await cutAt(proof, life) } });
      must(
        (await brokenStream(proof, stage)).events.some(({ type }) => type === 'delta'),
        'pieces before the cut',
      );
    },
  ),
  llmCheck(
    'stream-cut',
    'bronze',
    'A stream cut in the middle is a connection error, never a short answer.',
    NEEDS,
    async (proof, life) => {
      const stage = await modelOf(proof, life, { fault: { kind: 'reset', afterBytes: await cutAt(proof, life) } });
      const { events, error } = await brokenStream(proof, stage);
      must(!events.some(({ type }) => type === 'result'), 'no result');
      mustMean(error, MEANS.reset);
    },
  ),
  llmCheck(
    'stream-error-inside',
    'silver',
    'An error inside an accepted stream is the vendor’s, typed like every other.',
    NEEDS,
    async (proof, life) => {
      const { events, error } = await brokenStream(proof, await broken(proof, life, { kind: 'error_frame' }));
      must(!events.some(({ type }) => type === 'result'), 'no result');
      mustMean(error, { code: ['server', 'rate_limited'], retryable: true, blame: 'vendor' });
    },
  ),
  llmCheck(
    'stream-malformed-event',
    'silver',
    'An event that is no JSON is a protocol error.',
    NEEDS,
    async (proof, life) => {
      const { error } = await brokenStream(proof, await broken(proof, life, { kind: 'malformed_frame' }));
      mustMean(error, MEANS.unreadable);
    },
  ),
  llmCheck(
    'stream-unknown-event',
    'silver',
    'An event of an unknown type is passed over.',
    NEEDS,
    async (proof, life) => {
      const events = await stream(proof, await broken(proof, life, { kind: 'unknown_messages' }));
      must(resultOf(events).text === ANSWER, 'the answer, whole');
    },
  ),
  llmCheck(
    'stream-abort-inside',
    'bronze',
    'An abort in mid-stream throws aborted and gives no result.',
    NEEDS,
    async (proof, life) => {
      const { error, events } = await abortedInside(proof, await broken(proof, life, { kind: 'drip', everyMs: 1 }));
      must(!events.some(({ type }) => type === 'result'), 'no result');
      mustMean(error, MEANS.aborted);
    },
  ),
  llmCheck(
    'stream-abort-inside-releases',
    'silver',
    'After an abort in mid-stream the request is over at the vendor.',
    NEEDS,
    async (proof, life) => {
      const stage = await broken(proof, life, { kind: 'drip', everyMs: 1 });
      await abortedInside(proof, stage);
      await within(proof, vendorOf(stage).idle(), 'no socket is left');
    },
  ),
  llmCheck(
    'stream-left',
    'gold',
    'A reader that leaves in mid-stream ends the request at the vendor.',
    NEEDS,
    async (proof, life) => {
      const stage = await broken(proof, life, { kind: 'drip', everyMs: 1 });
      const reading = (async () => {
        for await (const event of stage.instance.stream?.(QUESTION, live()) ?? []) if (event.type === 'delta') break;
      })();
      await within(proof, reading, 'the first piece comes');
      await within(proof, vendorOf(stage).idle(), 'no socket is left');
    },
  ),
  llmCheck(
    'stream-byte-by-byte',
    'platinum',
    'A stream that comes one byte at a time says the same.',
    NEEDS,
    async (proof, life) => {
      const options = { respond: () => 'Dor de cabeça?' };
      const stage = await modelOf(proof, life, { fault: { kind: 'drip', everyMs: 0 } }, options);
      const patient = { ...proof, patienceMs: proof.patienceMs * 5 };
      must(resultOf(await stream(patient, stage)).text === options.respond(), 'the text, whole');
    },
  ),
];

function broken(proof: LlmProof, life: Life, fault: Fault): Promise<LlmStage> {
  return modelOf(proof, life, { fault });
}

/** Bytes at two thirds of this vendor's stream: text has come, its end has not. */
async function cutAt(proof: LlmProof, life: Life): Promise<number> {
  const stage = await modelOf(proof, life);
  await stream(proof, stage);
  return Math.floor((vendorOf(stage).requests.at(-1)?.replies.join('').length ?? 0) * 0.66);
}

/** What came before it failed, and how. */
async function brokenStream(
  proof: LlmProof,
  stage: LlmStage,
  signal: AbortSignal = live(),
  onEvent: (event: LlmEvent) => void = () => undefined,
): Promise<{ events: LlmEvent[]; error: ProviderError }> {
  const events: LlmEvent[] = [];
  const reading = (async () => {
    for await (const event of stage.instance.stream?.(QUESTION, signal) ?? []) {
      events.push(event);
      onEvent(event);
    }
  })();
  const error = await within(
    proof,
    reading.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
    'the stream ends',
  );
  if (error === undefined) throw new KitFailure('the stream fails');
  must(isProviderError(error), 'a ProviderError');
  return { events, error };
}

function abortedInside(proof: LlmProof, stage: LlmStage) {
  const aborter = new AbortController();
  return brokenStream(proof, stage, aborter.signal, ({ type }) => type === 'delta' && aborter.abort());
}
