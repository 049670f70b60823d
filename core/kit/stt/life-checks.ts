import { must } from '../check.ts';
import { failureOf, MEANS, mustMean } from '../expect.ts';
import { pause, within } from '../proof.ts';
import type { Stage } from '../stage.ts';
import { transcribe } from './batch-checks.ts';
import {
  batch,
  emulated,
  live,
  mustHear,
  openOn,
  optionsOf,
  push,
  type SttCheck,
  type SttProof,
  said,
  stageOf,
  streaming,
  sttCheck,
  vendorOf,
} from './proof.ts';
import { StreamReader, textOf } from './reader.ts';
import { answer } from './stream-checks.ts';
import type { Speech } from './subject.ts';

const WRONG_KEY = 'chave-que-nao-vale-0123456789';

const retired = ({ subject }: SttProof) => (subject.retired ? null : 'the subject names no retired model');

/** The life of an instance, and of several. */
export const lifeChecks: readonly SttCheck[] = [
  sttCheck('create-no-io', 'bronze', 'Construction asks nobody anything.', [], async (proof, life) => {
    const stage = await stageOf(proof, life);
    await pause();
    must(stage.calls === 0, 'the context is not asked for a request');
    must((stage.emulator?.requests.length ?? 0) === 0, 'nothing came to the vendor');
  }),
  sttCheck(
    'two-instances',
    'silver',
    'Two instances live side by side: each uses its own key, and one that fails leaves the other alone.',
    [emulated],
    async (proof, life) => {
      const right = await stageOf(proof, life);
      const wrong = await stageOf(proof, life, { emulator: vendorOf(right), key: WRONG_KEY });
      const speech = said(proof, [1, 2]);
      const refused = failureOf(proof, textBy(proof, wrong, speech));
      mustHear(proof, await textBy(proof, right, speech), speech.words);
      mustMean(await refused, MEANS.auth);
      mustHear(proof, await textBy(proof, right, speech), speech.words);
    },
  ),
  sttCheck(
    'parallel-calls',
    'silver',
    'Utterances transcribed at the same time by one instance do not get mixed up.',
    [batch],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      const speeches = [[1], [2, 3], [4]].map((levels) => said(proof, levels));
      const answers = await Promise.all(speeches.map((speech) => transcribe(proof, stage, speech)));
      for (const [index, speech] of speeches.entries()) mustHear(proof, answers[index]?.text ?? '', speech.words);
    },
  ),
  sttCheck(
    'parallel-streams',
    'silver',
    'Two streams of one instance at the same time do not get mixed up.',
    [streaming],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      const streams = [await openOn(proof, stage), await openOn(proof, stage)];
      const speeches = [said(proof, [1, 2]), said(proof, [3])];
      for (const [index, stream] of streams.entries()) push(proof, stream, speeches[index] ?? said(proof, [1]));
      for (const [index, stream] of streams.entries()) {
        const events = await answer(proof, stream, new StreamReader(proof, stream), 1);
        mustHear(proof, textOf(events), speeches[index]?.words ?? []);
        await within(proof, stream.close(), 'close() resolves');
      }
    },
  ),
  sttCheck(
    'instance-close',
    'silver',
    'close() of the instance, where there is one, resolves, twice.',
    [],
    async (proof, life) => {
      const { instance } = await stageOf(proof, life);
      await within(proof, Promise.all([instance.close?.(), instance.close?.()]), 'close() resolves');
    },
  ),
  sttCheck(
    'throwing-context',
    'silver',
    'A fetch or a connect that throws is a typed connection error, not an exception of the platform.',
    [emulated],
    async (proof, life) => {
      const fail = async () => {
        throw new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'EAI_AGAIN' }) });
      };
      const stage = await stageOf(proof, life, { ctx: { fetch: fail, connect: fail } });
      if (!proof.subject.streamOnly) {
        const call = stage.instance.transcribe(said(proof, [1]).audio, optionsOf(proof), live());
        mustMean(await failureOf(proof, call), MEANS.refuse);
      }
      if (proof.capabilities.streaming) mustMean(await failureOf(proof, openOn(proof, stage)), MEANS.refuse);
    },
  ),
];

/** The one call that tests a credential. */
export const probeChecks: readonly SttCheck[] = [
  sttCheck('probe-passes', 'silver', 'probe() resolves with a key that works.', [], async (proof, life) => {
    await within(proof, probe(proof, await stageOf(proof, life)), 'probe() resolves');
  }),
  sttCheck('probe-wrong-key', 'silver', 'probe() refuses a wrong key: code auth.', [emulated], async (proof, life) => {
    mustMean(await failureOf(proof, probe(proof, await stageOf(proof, life, { key: WRONG_KEY }))), MEANS.auth);
  }),
  sttCheck(
    'probe-unreachable',
    'silver',
    'probe() tells a vendor that cannot be reached from a key that does not work.',
    [emulated],
    async (proof, life) => {
      const stage = await stageOf(proof, life, { fault: { kind: 'refuse' } });
      mustMean(await failureOf(proof, probe(proof, stage)), MEANS.refuse);
      const failing = await stageOf(proof, life, { fault: { kind: 'server_error' } });
      mustMean(await failureOf(proof, probe(proof, failing)), MEANS.serverError);
    },
  ),
  sttCheck(
    'probe-cheap',
    'silver',
    'probe() asks once and sends little: no customer’s data, nothing worth billing.',
    [emulated],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      await within(proof, probe(proof, stage), 'probe() resolves');
      const { requests } = vendorOf(stage);
      const bytes = requests.reduce((sum, request) => sum + request.body.length + request.audioBytes, 0);
      must(requests.length > 0, 'the vendor is asked');
      must(requests.length <= 2 && bytes <= 65_536, 'at most two requests and 64 KB');
    },
  ),
  sttCheck(
    'probe-retired',
    'silver',
    'probe() names the nearest current model when the configured one is retired.',
    [retired, emulated],
    async (proof, life) => {
      const { model, current } = proof.subject.retired ?? { model: '', current: '' };
      const stage = await stageOf(proof, life, { settings: { model } });
      const error = await failureOf(proof, probe(proof, stage));
      mustMean(error, { code: 'invalid_request', retryable: false, blame: 'config' });
      must(error.message.includes(current), 'the message names the current model');
    },
  ),
];

/** What is heard in `speech`, by whichever way the model takes it. */
async function textBy(proof: SttProof, stage: Stage<'stt'>, speech: Speech): Promise<string> {
  if (!proof.subject.streamOnly) return (await transcribe(proof, stage, speech)).text;
  const stream = await openOn(proof, stage);
  push(proof, stream, speech);
  const text = textOf(await answer(proof, stream, new StreamReader(proof, stream), 1));
  await within(proof, stream.close(), 'close() resolves');
  return text;
}

async function probe(proof: SttProof, stage: Stage<'stt'>): Promise<void> {
  const { provider } = proof.subject;
  must(provider.probe !== undefined, 'probe() is there');
  await provider.probe(stage.credential, stage.settings, stage.ctx);
}
