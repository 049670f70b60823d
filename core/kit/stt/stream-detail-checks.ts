import { must } from '../check.ts';
import { reachableBytes } from '../memory.ts';
import { within } from '../proof.ts';
import type { Stage } from '../stage.ts';
import {
  emulated,
  mustHear,
  push,
  type SttCheck,
  said,
  secondsOf,
  streaming,
  streamOf,
  sttCheck,
  words,
} from './proof.ts';
import { finalsOf, textOf } from './reader.ts';
import { mustBeInside, mustBeShare } from './shape.ts';
import { answer } from './stream-checks.ts';

const FRAMES = 100_000;
/** Frames after which buffers and compiled code have their size. */
const WARM_UP = 20_000;
/** 80,000 kept frames of 20 ms would be 51 MB. */
const FLAT_BYTES = 12 * 1024 * 1024;
const MOST_WAITING_BYTES = 512 * 1024;

/** What a live stream tells besides its text, and how long it can be kept up. */
export const streamDetailChecks: readonly SttCheck[] = [
  sttCheck(
    'stream-times',
    'gold',
    'Times of words count the audio pushed on this stream, also in a second utterance, and do not go back.',
    [streaming, words],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life, {}, { words: true });
      const first = said(proof, [1, 2]);
      const firstMs = secondsOf(first.audio) * 1000;
      push(proof, stream, first);
      await answer(proof, stream, reader, 1);
      let pushedMs = firstMs;
      if (proof.capabilities.finalize !== 'none') {
        push(proof, stream, said(proof, [3, 4]));
        pushedMs *= 2;
        const told = finalsOf(await answer(proof, stream, reader, 2)).flatMap((final) => final.words ?? []);
        must((told[0]?.startMs ?? 0) >= firstMs - 250, 'the second utterance starts where the first ended');
      }
      const all = finalsOf(reader.events).flatMap((final) => final.words ?? []);
      must(all.length > 0, 'words');
      mustBeInside(all, pushedMs);
      must((all.at(-1)?.endMs ?? 0) > pushedMs * 0.5, 'times in milliseconds');
    },
  ),
  sttCheck(
    'stream-words',
    'gold',
    'The words of the finals are those of their text; every confidence is from 0 to 1.',
    [streaming, words],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life, {}, { words: true });
      const speech = said(proof, [1, 0, 2, 3]);
      push(proof, stream, speech);
      const finals = finalsOf(await answer(proof, stream, reader, 1));
      mustHear(
        proof,
        finals
          .flatMap((final) => final.words ?? [])
          .map((word) => word.text)
          .join(' '),
        speech.words,
      );
      for (const final of finals) {
        mustBeShare(final.confidence, 'confidence');
        for (const word of final.words ?? []) mustBeShare(word.confidence, 'confidence of a word');
      }
    },
  ),
  sttCheck(
    'stream-long',
    'gold',
    'A minute of speech without a pause is heard whole, each word once.',
    [streaming, emulated],
    async (proof, life) => {
      const { stream, reader } = await streamOf(proof, life);
      const speech = said(
        proof,
        Array.from({ length: 120 }, (_, index) => 1 + (index % 90)),
      );
      push(proof, stream, speech);
      mustHear(proof, textOf(await answer(proof, stream, reader, 1)), speech.words);
    },
  ),
  sttCheck(
    'stream-memory',
    'gold',
    'Memory stays flat over 100,000 pushed frames.',
    [streaming, emulated],
    async (proof, life) => {
      const { stage, stream, reader } = await streamOf(proof, life);
      const reading = reader.drain();
      const frame = new Int16Array(Math.ceil((proof.capabilities.chunkMs.min * proof.rate) / 1000));
      let warmBytes = 0;
      for (let pushed = 0; pushed < FRAMES; pushed++) {
        if (pushed === WARM_UP) warmBytes = await reachableBytes();
        stream.push(frame);
        if (pushed % 200 === 199) await settle(stage, life.signal);
      }
      const grown = (await reachableBytes()) - warmBytes;
      must(grown < FLAT_BYTES, `at most ${FLAT_BYTES >> 20} MB more after 80,000 frames, not ${grown >> 20}`);
      await within(proof, stream.close(), 'close() resolves');
      await reading;
    },
  ),
];

/** Waits until the vendor has read what was sent, and forgets what the emulator noted of it. */
async function settle(stage: Stage<'stt'>, signal: AbortSignal): Promise<void> {
  do {
    await new Promise((resolve) => setImmediate(resolve));
    must(!signal.aborted, 'the vendor reads');
  } while (stage.waitingBytes > MOST_WAITING_BYTES);
  for (const request of stage.emulator?.requests ?? []) request.messages.length = 0;
}
