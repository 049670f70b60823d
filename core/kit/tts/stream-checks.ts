import { isProviderError, type ProviderError, type TtsEvent } from '../../contracts/index.ts';
import { KitFailure, type Life, must } from '../check.ts';
import type { Fault } from '../emulator/index.ts';
import { MEANS, mustMean } from '../expect.ts';
import { within } from '../proof.ts';
import {
  emulated,
  live,
  requestOf,
  stageOf,
  type TtsCheck,
  type TtsProof,
  type TtsStage,
  ttsCheck,
  vendorOf,
} from './proof.ts';

const CUT_BYTES = 400;

/** Speech that breaks off. */
export const streamChecks: readonly TtsCheck[] = [
  ttsCheck(
    'cut-is-an-error',
    'bronze',
    'Audio cut in the middle is a connection error, never a short text.',
    [emulated],
    async (proof, life) => {
      const { error } = await brokenOff(proof, await broken(proof, life, { kind: 'reset', afterBytes: CUT_BYTES }));
      mustMean(error, MEANS.reset);
    },
  ),
  ttsCheck(
    'while-it-comes',
    'silver',
    'A piece is told when it comes, not when all of it is there.',
    [emulated, ({ capabilities }) => (capabilities.streaming ? null : 'does not stream')],
    async (proof, life) => {
      const stage = await broken(proof, life, { kind: 'reset', afterBytes: CUT_BYTES });
      must(
        (await brokenOff(proof, stage)).events.some(({ type }) => type === 'audio'),
        'audio before the cut',
      );
    },
  ),
  ttsCheck(
    'no-audio-is-an-error',
    'silver',
    'An answer without audio is an error.',
    [emulated],
    async (proof, life) => {
      const { error } = await brokenOff(proof, await broken(proof, life, { kind: 'status', status: 200, body: '' }));
      mustMean(error, { code: ['output', 'protocol', 'empty'] });
    },
  ),
  ttsCheck('abort-inside', 'bronze', 'An abort in the middle throws aborted.', [emulated], async (proof, life) => {
    const { error } = await abortedInside(proof, await broken(proof, life, { kind: 'drip', everyMs: 1 }));
    mustMean(error, MEANS.aborted);
  }),
  ttsCheck(
    'abort-inside-releases',
    'silver',
    'After it the request is over at the vendor.',
    [emulated],
    async (proof, life) => {
      const stage = await broken(proof, life, { kind: 'drip', everyMs: 1 });
      await abortedInside(proof, stage);
      await within(proof, vendorOf(stage).idle(), 'no socket is left');
    },
  ),
  ttsCheck(
    'left-inside',
    'gold',
    'A listener that leaves in the middle ends the request at the vendor.',
    [emulated, ({ capabilities }) => (capabilities.streaming ? null : 'does not stream')],
    async (proof, life) => {
      const stage = await broken(proof, life, { kind: 'drip', everyMs: 1 });
      const listening = (async () => {
        for await (const event of stage.instance.synthesize(requestOf(proof), live()))
          if (event.type === 'audio') break;
      })();
      await within(proof, listening, 'the first piece comes');
      await within(proof, vendorOf(stage).idle(), 'no socket is left');
    },
  ),
];

function broken(proof: TtsProof, life: Life, fault: Fault): Promise<TtsStage> {
  return stageOf(proof, life, { fault });
}

/** What came before it failed, and how. */
async function brokenOff(
  proof: TtsProof,
  stage: TtsStage,
  signal: AbortSignal = live(),
  onEvent: (event: TtsEvent) => void = () => undefined,
): Promise<{ events: TtsEvent[]; error: ProviderError }> {
  const events: TtsEvent[] = [];
  const listening = (async () => {
    for await (const event of stage.instance.synthesize(requestOf(proof), signal)) {
      events.push(event);
      onEvent(event);
    }
  })();
  const ended = listening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const error = await within(proof, ended, 'the speech ends');
  if (error === undefined) throw new KitFailure('the speech fails');
  must(isProviderError(error), 'a ProviderError');
  return { events, error };
}

/** Aborts at the first piece; where it comes as a whole, while the body is on its way. */
async function abortedInside(proof: TtsProof, stage: TtsStage) {
  const aborter = new AbortController();
  const head = stage.nextResponse();
  const ended = brokenOff(proof, stage, aborter.signal, ({ type }) => type === 'audio' && aborter.abort());
  if (!proof.capabilities.streaming) await head.then(() => aborter.abort());
  return ended;
}
