import type { SttEvent, SttStream } from '../../contracts/index.ts';
import { must } from '../check.ts';
import { failureOf, mustMean } from '../expect.ts';
import { within } from '../proof.ts';
import { asksForPortuguese } from './batch-checks.ts';
import {
  emulated,
  live,
  markers,
  mustHear,
  openOn,
  optionsOf,
  push,
  type SttCheck,
  type SttProof,
  said,
  secondsOf,
  stageOf,
  streaming,
  streamOf,
  sttCheck,
  vendorOf,
} from './proof.ts';
import { donesOf, finalsOf, StreamReader, textOf, usageOf } from './reader.ts';
import { mustBeEvent, mustBill } from './shape.ts';

const interim = ({ capabilities }: SttProof) => (capabilities.interim ? null : 'gives no interim results');

/** Asks for everything pushed so far, the way this vendor answers: by a marker, or by closing. */
export async function answer(
  proof: SttProof,
  stream: SttStream,
  reader: StreamReader,
  marker: number,
): Promise<SttEvent[]> {
  if (proof.capabilities.finalize !== 'none') {
    stream.finalize(marker);
    return reader.toDone(marker);
  }
  const closing = stream.close();
  const events = await reader.toEnd();
  await within(proof, closing, 'close() resolves');
  return events;
}

const streamOnly = ({ subject }: SttProof) => (subject.streamOnly ? null : 'the model takes whole utterances');

/** A live stream that works. */
export const streamChecks: readonly SttCheck[] = [
  sttCheck(
    'transcribe-refused',
    'bronze',
    'A model that only streams says so when it is given a whole utterance: unsupported, blame config.',
    [streamOnly],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      const call = stage.instance.transcribe(said(proof, [1]).audio, optionsOf(proof), live());
      mustMean(await failureOf(proof, call), { code: 'unsupported', retryable: false, blame: 'config' });
    },
  ),
  sttCheck('stream-text', 'bronze', 'Known audio, pushed live, becomes its text.', [streaming], async (proof, life) => {
    const { stream, reader } = await streamOf(proof, life);
    const speech = said(proof, [1, 0, 2, 3]);
    push(proof, stream, speech);
    mustHear(proof, textOf(await answer(proof, stream, reader, 1)), speech.words);
  }),
  sttCheck(
    'stream-shape',
    'bronze',
    'The events are as the contract writes them.',
    [streaming],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      push(proof, stream, said(proof, [1, 2]));
      for (const event of await answer(proof, stream, reader, 1)) mustBeEvent(event);
    },
  ),
  sttCheck(
    'stream-finalize',
    'bronze',
    'finalize() is answered by one done with its marker, after the finals it covers.',
    [streaming, markers],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      const speech = said(proof, [1, 2]);
      push(proof, stream, speech);
      const events = await answer(proof, stream, reader, 7);
      must(donesOf(events).join() === '7', 'one done, with the marker that was set');
      mustHear(proof, textOf(events), speech.words);
      await within(proof, stream.close(), 'close() resolves');
      const late = await reader.toEnd();
      must(
        finalsOf(late).every((final) => final.text.trim() === ''),
        'no words after the done',
      );
    },
  ),
  sttCheck(
    'stream-finalize-silence',
    'bronze',
    'finalize() is answered when nothing was said, and when nothing was pushed since.',
    [streaming, markers],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      push(proof, stream, said(proof, [0, 0]));
      const events = await answer(proof, stream, reader, 1);
      must(textOf(events).trim() === '', 'no words');
      await answer(proof, stream, reader, 2);
    },
  ),
  sttCheck(
    'stream-finalize-again',
    'bronze',
    'A second and third utterance in the same stream are answered, each with its own words.',
    [streaming, markers],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      for (const [index, levels] of [[1, 2], [3], [4, 0, 5]].entries()) {
        const speech = said(proof, levels);
        push(proof, stream, speech);
        mustHear(proof, textOf(await answer(proof, stream, reader, index + 1)), speech.words);
      }
    },
  ),
  sttCheck(
    'stream-finalize-queued',
    'silver',
    'Two finalize() before any answer: two dones, in order, the words before the right one.',
    [streaming, markers],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      const speeches = [said(proof, [1]), said(proof, [2])];
      for (const [index, speech] of speeches.entries()) {
        push(proof, stream, speech);
        stream.finalize(index + 1);
      }
      for (const [index, speech] of speeches.entries()) {
        mustHear(proof, textOf(await reader.toDone(index + 1)), speech.words);
      }
      must(donesOf(reader.events).join() === '1,2', 'each marker once, in order');
    },
  ),
  sttCheck(
    'stream-partials',
    'silver',
    'Interim text comes while speech goes on, before the final.',
    [streaming, interim],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      push(proof, stream, said(proof, [1, 2, 3, 4, 5, 6]));
      const events = await answer(proof, stream, reader, 1);
      const partial = events.findIndex((event) => event.type === 'partial' && event.text.trim() !== '');
      const last = events.findLastIndex((event) => event.type === 'final');
      must(partial !== -1 && partial < last, 'a partial with text before the last final');
    },
  ),
  sttCheck(
    'stream-reopen',
    'bronze',
    'After a stream was closed, another one opens and answers.',
    [streaming],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      for (const levels of [[1, 2], [3]]) {
        const stream = await openOn(proof, stage);
        const speech = said(proof, levels);
        push(proof, stream, speech);
        mustHear(proof, textOf(await answer(proof, stream, new StreamReader(proof, stream), 1)), speech.words);
        await within(proof, stream.close(), 'close() resolves');
      }
    },
  ),
  sttCheck(
    'stream-language',
    'silver',
    'Portuguese is asked for in the stream, explicitly.',
    [streaming, emulated],
    async (proof, life) => {
      const { stage, stream, reader } = await streamOf(proof, life);
      push(proof, stream, said(proof, [1]));
      await answer(proof, stream, reader, 1);
      must(vendorOf(stage).requests.some(asksForPortuguese), 'pt or pt-BR is on the wire');
    },
  ),
  sttCheck(
    'stream-usage',
    'silver',
    'The seconds pushed are reported as usage, once.',
    [streaming],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      const speech = said(proof, [1, 2, 3, 4]);
      push(proof, stream, speech);
      await answer(proof, stream, reader, 1);
      await within(proof, stream.close(), 'close() resolves');
      await reader.toEnd();
      const usage = usageOf(reader.events);
      if (proof.capabilities.billing === 'audio') mustBill(usage, secondsOf(speech.audio));
      else must(usage.length > 0, 'usage is reported');
    },
  ),
  sttCheck(
    'stream-borrows',
    'silver',
    'push() only borrows the samples: what happens to them afterwards is not heard.',
    [streaming],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      const speech = said(proof, [1, 2]);
      const block = new Int16Array(speech.audio.pcm.length + 200).fill(900);
      block.set(speech.audio.pcm, 100);
      push(proof, stream, { ...speech, audio: { ...speech.audio, pcm: block.subarray(100, block.length - 100) } });
      block.fill(900);
      mustHear(proof, textOf(await answer(proof, stream, reader, 1)), speech.words);
    },
  ),
  sttCheck(
    'stream-empty-push',
    'silver',
    'An empty push changes nothing; some vendors take an empty frame for the end.',
    [streaming],
    async (proof, life) => {
      const { stage, stream, reader } = await streamOf(proof, life);
      const speech = said(proof, [1]);
      stream.push(new Int16Array(0));
      push(proof, stream, speech);
      stream.push(new Int16Array(0));
      mustHear(proof, textOf(await answer(proof, stream, reader, 1)), speech.words);
      must((stage.emulator?.requests[0]?.emptyFrames ?? 0) === 0, 'no empty frame is sent');
    },
  ),
];
