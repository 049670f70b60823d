import type { ProviderErrorCode } from '../../contracts/index.ts';
import { type Life, must } from '../check.ts';
import type { Fault } from '../emulator/index.ts';
import { MEANS, mustMean } from '../expect.ts';
import { pause, within } from '../proof.ts';
import {
  emulated,
  markers,
  mustHear,
  openOn,
  push,
  type SttCheck,
  type SttProof,
  said,
  streaming,
  streamOf,
  sttCheck,
  vendorOf,
} from './proof.ts';
import { donesOf, StreamReader, textOf } from './reader.ts';
import { answer } from './stream-checks.ts';

const NEEDS = [streaming, emulated];
const closes = ({ subject }: SttProof) =>
  (subject.closes ?? []).length > 0 ? null : 'the subject names no close codes of this vendor';

/** A live stream whose vendor fails in mid-utterance. */
export const streamFaultChecks: readonly SttCheck[] = [
  sttCheck(
    'stream-dies',
    'silver',
    'A socket that vanishes in mid-utterance is a connection error, never an end.',
    NEEDS,
    async (proof, life) => {
      const { error } = await failIn(proof, life, { kind: 'die', afterAudioMs: 300 });
      mustMean(error, { code: 'connection', retryable: true, blame: 'network' });
    },
  ),
  sttCheck(
    'stream-close-code',
    'silver',
    'A close with 1011 in mid-utterance is the vendor’s failure, retryable.',
    NEEDS,
    async (proof, life) => {
      const { error } = await failIn(proof, life, { kind: 'die', afterAudioMs: 300, code: 1011, reason: 'internal' });
      mustMean(error, { code: ['server', 'connection', 'timeout'], retryable: true });
      must(error.vendorCode !== undefined, 'the close code is kept as vendorCode');
    },
  ),
  sttCheck(
    'stream-close-normal',
    'silver',
    'A close with 1000 while audio waits for its answer is an error: the words are missing.',
    NEEDS,
    async (proof, life) => {
      const { error } = await failIn(proof, life, { kind: 'die', afterAudioMs: 300, code: 1000 });
      mustMean(error, { code: ['server', 'connection', 'protocol', 'timeout'] });
    },
  ),
  sttCheck(
    'stream-vendor-closes',
    'silver',
    'The vendor’s own close codes mean what the vendor says they mean.',
    [...NEEDS, closes],
    async (proof, life) => {
      for (const { code, reason, means } of proof.subject.closes ?? []) {
        const fault = { kind: 'die', afterAudioMs: 300, code, ...(reason === undefined ? {} : { reason }) } as const;
        const { error } = await failIn(proof, life, fault);
        must(error.code === means, `close ${code}: ${means}, not ${error.code}`);
      }
    },
  ),
  sttCheck(
    'stream-error-frame',
    'silver',
    'An error inside the stream surfaces, with the vendor’s own code.',
    NEEDS,
    async (proof, life) => {
      const { error, stage } = await failIn(proof, life, { kind: 'error_frame', afterAudioMs: 300 });
      mustMean(error, { code: IN_BAND });
      const told = vendorOf(stage)
        .requests.flatMap((request) => request.replies)
        .join('\n');
      must(error.vendorCode !== undefined && told.includes(error.vendorCode), 'the vendorCode of the message');
    },
  ),
  sttCheck(
    'stream-malformed-frame',
    'silver',
    'A message that is no JSON is code protocol, blame vendor.',
    NEEDS,
    async (proof, life) => {
      const { error } = await failIn(proof, life, { kind: 'malformed_frame' });
      mustMean(error, MEANS.unreadable);
    },
  ),
  sttCheck(
    'stream-unknown-messages',
    'silver',
    'A message of a type that is new changes nothing.',
    NEEDS,
    async (proof, life) => {
      const speech = said(proof, [1, 2]);
      const told: number[] = [];
      for (const given of [{}, { fault: { kind: 'unknown_messages' } }] as const) {
        const { stage, stream, reader } = await streamOf(proof, life, given);
        push(proof, stream, speech);
        mustHear(proof, textOf(await answer(proof, stream, reader, 1)), speech.words);
        told.push(vendorOf(stage).requests.flatMap((request) => request.replies).length);
      }
      const [usual = 0, withNews = 0] = told;
      must(withNews > usual, 'the emulator says something new');
    },
  ),
  sttCheck(
    'stream-no-reconnect',
    'bronze',
    'A stream that failed is not opened again by the plugin: replay is the core’s.',
    NEEDS,
    async (proof, life) => {
      const { stage } = await failIn(proof, life, { kind: 'die', afterAudioMs: 300 });
      await pause();
      must(vendorOf(stage).requests.length === 1 && stage.calls === 1, 'one handshake, no other');
    },
  ),
  sttCheck(
    'stream-after-failure',
    'silver',
    'After a stream was lost, the same instance opens another that works.',
    NEEDS,
    async (proof, life) => {
      const { stage } = await failIn(proof, life, { kind: 'die', afterAudioMs: 300 });
      await vendorOf(stage).setFault(null);
      const stream = await openOn(proof, stage);
      const speech = said(proof, [3, 4]);
      push(proof, stream, speech);
      mustHear(proof, textOf(await answer(proof, stream, new StreamReader(proof, stream), 1)), speech.words);
      await within(proof, stream.close(), 'close() resolves');
    },
  ),
  sttCheck(
    'stream-idle-lost',
    'silver',
    'A stream that is lost while it is idle is over at once, and another one opens and answers.',
    NEEDS,
    async (proof, life) => {
      const { stage, stream, reader } = await streamOf(proof, life);
      push(proof, stream, said(proof, [1]));
      await answer(proof, stream, reader, 1);
      vendorOf(stage).dropConnections();
      await reader.over();
      const next = await openOn(proof, stage);
      const speech = said(proof, [2]);
      push(proof, next, speech);
      mustHear(proof, textOf(await answer(proof, next, new StreamReader(proof, next), 1)), speech.words);
      await within(proof, next.close(), 'close() resolves');
    },
  ),
  sttCheck(
    'stream-duplicate-finals',
    'platinum',
    'A final that the vendor sends twice is said once.',
    NEEDS,
    async (proof, life) => {
      const { stage, stream, reader } = await streamOf(proof, life, { fault: { kind: 'duplicate_finals' } });
      const spoken: string[] = [];
      const rounds = proof.capabilities.finalize === 'none' ? 1 : 3;
      for (let marker = 1; marker <= rounds; marker++) {
        const speech = said(proof, [marker]);
        spoken.push(...speech.words);
        push(proof, stream, speech);
        await answer(proof, stream, reader, marker);
      }
      await within(proof, stream.close(), 'close() resolves');
      await reader.toEnd();
      const replies = vendorOf(stage).requests.flatMap((request) => request.replies);
      must(
        replies.some((text, at) => text.includes('p1') && replies.indexOf(text, at + 1) !== -1),
        'the emulator sends one twice',
      );
      mustHear(proof, textOf(reader.events), spoken);
      must(new Set(donesOf(reader.events)).size === donesOf(reader.events).length, 'each marker is answered once');
    },
  ),
  sttCheck(
    'stream-out-of-order',
    'platinum',
    'Finals that come in another order than they were spoken are put right, and no done comes before its words.',
    [...NEEDS, markers],
    async (proof, life) => {
      const { stage, stream, reader } = await streamOf(proof, life, { fault: { kind: 'out_of_order_finals' } });
      const speeches = [said(proof, [1]), said(proof, [2])];
      for (const [index, speech] of speeches.entries()) {
        push(proof, stream, speech);
        stream.finalize(index + 1);
      }
      for (const [index, speech] of speeches.entries()) {
        mustHear(proof, textOf(await reader.toDone(index + 1)), speech.words);
      }
      const replies = vendorOf(stage).requests.flatMap((request) => request.replies);
      const first = replies.findLastIndex((text) => text.includes('p1'));
      must(first > replies.findIndex((text) => text.includes('p2')), 'the emulator changes their order');
    },
  ),
];

const IN_BAND: ProviderErrorCode[] = ['server', 'rate_limited', 'quota', 'auth', 'timeout', 'invalid_request'];

async function failIn(proof: SttProof, life: Life, fault: Fault) {
  const opened = await streamOf(proof, life, { fault });
  push(proof, opened.stream, said(proof, [1, 2]));
  if (fault.kind === 'malformed_frame' && proof.capabilities.finalize !== 'none') opened.stream.finalize(1);
  return { ...opened, error: await opened.reader.failure() };
}
