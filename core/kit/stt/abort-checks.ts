import { type Life, must } from '../check.ts';
import type { Fault } from '../emulator/index.ts';
import { failureOf, MEANS, mustMean } from '../expect.ts';
import { pause, within } from '../proof.ts';
import type { Stage } from '../stage.ts';
import {
  batch,
  emulated,
  openOn,
  optionsOf,
  push,
  type SttCheck,
  type SttProof,
  said,
  stageOf,
  streaming,
  streamOf,
  sttCheck,
  vendorOf,
} from './proof.ts';
import { StreamReader } from './reader.ts';

const NEEDS = [batch, emulated];
const STREAM_NEEDS = [emulated, streaming];

/** The caller goes away: everything ends at once, as `aborted`, and nothing stays open. */
export const abortChecks: readonly SttCheck[] = [
  sttCheck('abort-before', 'bronze', 'An abort before the call: nothing is sent.', NEEDS, async (proof, life) => {
    const stage = await stageOf(proof, life);
    mustMean(await failureOf(proof, transcribeWith(proof, stage, AbortSignal.abort())), MEANS.aborted);
    await pause();
    must(vendorOf(stage).requests.length === 0, 'nothing was sent');
  }),
  sttCheck(
    'abort-during',
    'bronze',
    'An abort while the vendor says nothing rejects at once, code aborted.',
    NEEDS,
    async (proof, life) => abortOn(proof, life, { kind: 'silence' }, 'request', false),
  ),
  sttCheck(
    'abort-releases',
    'silver',
    'After an abort the request is over at the vendor too: no socket, no handle.',
    NEEDS,
    async (proof, life) => abortOn(proof, life, { kind: 'silence' }, 'request', true),
  ),
  sttCheck(
    'abort-drip',
    'silver',
    'An abort ends an answer that comes one byte at a time.',
    NEEDS,
    async (proof, life) => abortOn(proof, life, { kind: 'drip', everyMs: 20 }, 'response', true),
  ),
  sttCheck(
    'abort-half-open',
    'silver',
    'An abort ends an answer whose connection went half-open in mid-body.',
    NEEDS,
    async (proof, life) => abortOn(proof, life, { kind: 'half_open' }, 'response', true),
  ),
  sttCheck(
    'instance-ends',
    'silver',
    'When the instance’s life ends, its requests end.',
    NEEDS,
    async (proof, life) => {
      const stage = await stageOf(proof, life, { fault: { kind: 'silence' } });
      const asked = vendorOf(stage).nextRequest();
      const call = failureOf(proof, transcribeWith(proof, stage, new AbortController().signal));
      await within(proof, asked, 'the request comes');
      stage.end();
      const { code } = await call;
      must(code === 'aborted' || code === 'connection', 'code aborted');
    },
  ),
  sttCheck(
    'open-abort-before',
    'silver',
    'An abort before open(): rejects, and no stream is left.',
    STREAM_NEEDS,
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      mustMean(await failureOf(proof, openOn(proof, stage, AbortSignal.abort())), MEANS.aborted);
      await within(proof, vendorOf(stage).idle(), 'no stream is open at the vendor');
    },
  ),
  sttCheck(
    'open-abort-during',
    'silver',
    'An abort while the handshake waits rejects at once and drops the socket.',
    STREAM_NEEDS,
    async (proof, life) => {
      const stage = await stageOf(proof, life, { fault: { kind: 'silence' } });
      const aborter = new AbortController();
      const asked = vendorOf(stage).nextRequest();
      const opening = failureOf(proof, openOn(proof, stage, aborter.signal));
      await within(proof, asked, 'the handshake comes');
      aborter.abort();
      mustMean(await opening, MEANS.aborted);
      await within(proof, vendorOf(stage).idle(), 'the handshake is over at the vendor');
    },
  ),
  sttCheck(
    'stream-abort',
    'bronze',
    'An abort of a live stream: the iteration throws aborted, and the socket is gone at the vendor.',
    STREAM_NEEDS,
    async (proof, life) => {
      const { stage, stream, aborter, reader } = await streamOf(proof, life);
      push(proof, stream, said(proof, [1]));
      const failing = failureOf(proof, reader.toEnd());
      aborter.abort();
      mustMean(await failing, MEANS.aborted);
      await within(proof, vendorOf(stage).idle(), 'the stream is closed at the vendor');
    },
  ),
  sttCheck(
    'open-half-open',
    'platinum',
    'A vendor that accepts a stream and is never heard of again: an abort ends it at once, opened or not.',
    STREAM_NEEDS,
    async (proof, life) => {
      const stage = await stageOf(proof, life, { fault: { kind: 'half_open' } });
      const aborter = new AbortController();
      const asked = vendorOf(stage).nextRequest();
      const opened = openOn(proof, stage, aborter.signal).then(async (stream) => {
        push(proof, stream, said(proof, [1]));
        throw await new StreamReader(proof, stream).failure();
      });
      const failing = failureOf(proof, opened);
      await within(proof, asked, 'the handshake comes');
      await pause(50);
      aborter.abort();
      mustMean(await failing, MEANS.aborted);
    },
  ),
];

function transcribeWith(proof: SttProof, stage: Stage<'stt'>, signal: AbortSignal): Promise<unknown> {
  return stage.instance.transcribe(said(proof, [1, 2]).audio, optionsOf(proof), signal);
}

/** Aborts once the request (or its answer's head) has come; `released`: the vendor's side is looked at as well. */
async function abortOn(
  proof: SttProof,
  life: Life,
  fault: Fault,
  when: 'request' | 'response',
  released: boolean,
): Promise<void> {
  const stage = await stageOf(proof, life, { fault });
  const aborter = new AbortController();
  const reached = when === 'request' ? vendorOf(stage).nextRequest() : stage.nextResponse();
  const failing = failureOf(proof, transcribeWith(proof, stage, aborter.signal));
  await within(proof, Promise.race([reached, failing]), 'the request comes');
  await pause(5);
  aborter.abort();
  const error = await failing;
  if (released) await within(proof, vendorOf(stage).idle(), 'the request is over at the vendor');
  mustMean(error, MEANS.aborted);
}
