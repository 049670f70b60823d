import { must } from '../check.ts';
import { pause, within } from '../proof.ts';
import {
  emulated,
  mustHear,
  push,
  type SttCheck,
  type SttProof,
  said,
  streaming,
  streamOf,
  sttCheck,
  vendorOf,
} from './proof.ts';
import { textOf } from './reader.ts';
import { answer } from './stream-checks.ts';

const keptAlive = ({ capabilities }: SttProof) =>
  capabilities.idle === 'keepalive' ? null : 'idle close: the core closes a stream that is idle';

/** The end of a live stream. */
export const closeChecks: readonly SttCheck[] = [
  sttCheck(
    'stream-close-flushes',
    'silver',
    'close() without finalize: what was pushed is still answered, then the iteration ends without an error.',
    [streaming],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      const speech = said(proof, [1, 2]);
      push(proof, stream, speech);
      const closing = stream.close();
      mustHear(proof, textOf(await reader.toEnd()), speech.words);
      await within(proof, closing, 'close() resolves');
    },
  ),
  sttCheck(
    'stream-close-twice',
    'silver',
    'close() is idempotent: a second one resolves, and nothing is thrown.',
    [streaming],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      push(proof, stream, said(proof, [1]));
      await within(proof, Promise.all([stream.close(), stream.close()]), 'both close() resolve');
      await within(proof, stream.close(), 'a third close() resolves');
      await reader.toEnd();
    },
  ),
  sttCheck(
    'stream-close-releases',
    'silver',
    'After close() the socket is gone at the vendor.',
    [streaming, emulated],
    async (proof, life) => {
      const { stage, stream } = await streamOf(proof, life);
      push(proof, stream, said(proof, [1]));
      await within(proof, stream.close(), 'close() resolves');
      await within(proof, vendorOf(stage).idle(), 'the stream is closed at the vendor');
    },
  ),
  sttCheck(
    'stream-close-stalled',
    'silver',
    'close() never hangs: not even when the vendor reads on and says nothing more.',
    [streaming, emulated],
    async (proof, life) => {
      const fault = { kind: 'stall', afterAudioMs: 0 } as const;
      const { stage, stream, reader } = await streamOf(proof, life, { fault, clockFactor: 20 });
      push(proof, stream, said(proof, [1, 2]));
      stream.finalize(1);
      await within(proof, stream.close(), 'close() resolves within its own bound');
      await reader.over();
      must(textOf(reader.events).trim() === '', 'the emulator stalls when it is told to');
      await within(proof, vendorOf(stage).idle(), 'the stream is closed at the vendor');
    },
  ),
  sttCheck(
    'stream-close-half-open',
    'platinum',
    'close() of a stream in mid-speech, whose vendor reads nothing any more, resolves within its own bound.',
    [streaming, emulated],
    async (proof, life) => {
      const { stage, stream } = await streamOf(proof, life, { clockFactor: 20 });
      push(proof, stream, said(proof, [1]));
      vendorOf(stage).pauseStreams();
      push(proof, stream, said(proof, [2]));
      await within(proof, stream.close(), 'close() resolves within its own bound');
    },
  ),
  sttCheck(
    'stream-push-after-close',
    'silver',
    'push() and finalize() after close() do nothing, and throw nothing: the core races with its own closing.',
    [streaming],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      const speech = said(proof, [1]);
      push(proof, stream, speech);
      const closing = stream.close();
      push(proof, stream, said(proof, [2]));
      stream.finalize(9);
      await within(proof, closing, 'close() resolves');
      push(proof, stream, said(proof, [3]));
      stream.finalize(10);
      mustHear(proof, textOf(await reader.toEnd()), speech.words);
    },
  ),
  sttCheck(
    'stream-ends-once',
    'silver',
    'Once the iteration is over it stays over, also after an error.',
    [streaming, emulated],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life, { fault: { kind: 'die', afterAudioMs: 300 } });
      push(proof, stream, said(proof, [1, 2]));
      await reader.failure();
      must((await reader.next('the iteration is over')) === undefined, 'the iteration is over');
      await within(proof, stream.close(), 'close() resolves');
    },
  ),
  sttCheck(
    'stream-keepalive',
    'gold',
    'An idle stream that is to be kept alive says something to the vendor.',
    [streaming, emulated, keptAlive],
    async (proof, life) => {
      const { stage, stream, reader } = await streamOf(proof, life, { clockFactor: 200 });
      push(proof, stream, said(proof, [1]));
      if (proof.capabilities.finalize !== 'none') await answer(proof, stream, reader, 1);
      const [request] = vendorOf(stage).requests;
      must(request !== undefined, 'a stream');
      await pause();
      const before = request.messages.length + request.audioBytes;
      const until = performance.now() + Math.min(proof.patienceMs, 1500);
      const isAlive = () => request.messages.length + request.audioBytes > before;
      while (!isAlive() && performance.now() < until) await pause(10);
      must(isAlive(), 'a keep-alive within five minutes of its clock');
    },
  ),
];
