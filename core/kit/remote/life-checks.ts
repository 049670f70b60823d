import type { Kind } from '../../contracts/index.ts';
import { must } from '../check.ts';
import { failureOf, MEANS, mustMean } from '../expect.ts';
import { pause, within } from '../proof.ts';
import type { Stage } from '../stage.ts';
import {
  emulated,
  live,
  type Need,
  type RemoteCheck,
  type RemoteProof,
  type RemoteSuite,
  remoteCheck,
  stageOf,
  vendorOf,
} from './proof.ts';

const WRONG_KEY = 'chave-que-nao-vale-0123456789';
const PROBE_BYTES = 65_536;

/** The life of an instance, and the one call that tests a credential. */
export function lifeChecks<K extends Kind>({ ways }: RemoteSuite<K>): readonly RemoteCheck<K>[] {
  const [way] = ways;
  must(way !== undefined, 'a suite has a way to ask');
  return [
    remoteCheck('create-no-io', 'bronze', 'Construction asks nobody anything.', [], async (proof, life) => {
      const stage = await stageOf(proof, life);
      await pause();
      must(stage.calls === 0, 'the context is not asked for a request');
    }),
    remoteCheck(
      'two-instances',
      'silver',
      'Two instances live side by side: each uses its own key, and one that fails leaves the other alone.',
      [emulated],
      async (proof, life) => {
        const right = await stageOf(proof, life);
        const wrong = await stageOf(proof, life, { emulator: vendorOf(right), key: WRONG_KEY });
        const refused = failureOf(proof, way.ask(wrong, live()));
        await within(proof, way.ask(right, live()), 'the answer comes');
        await refused;
        await within(proof, way.ask(right, live()), 'the answer comes');
        const keys = vendorOf(right).requests.map(({ authorized }) => authorized);
        must(keys.filter(Boolean).length === 2 && keys.length === 3, 'each call carries the key of its own instance');
      },
    ),
    remoteCheck(
      'instance-close',
      'silver',
      'close() of the instance, where there is one, resolves, twice.',
      [],
      async (proof, life) => {
        const instance = (await stageOf(proof, life)).instance as { close?(): Promise<void> };
        await within(proof, Promise.all([instance.close?.(), instance.close?.()]), 'close() resolves');
      },
    ),
    remoteCheck(
      'throwing-context',
      'silver',
      'A fetch that throws is a typed connection error, not an exception of the platform.',
      [emulated],
      async (proof, life) => {
        const fetch = async () => {
          throw new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'EAI_AGAIN' }) });
        };
        const stage = await stageOf(proof, life, { ctx: { fetch } });
        mustMean(await failureOf(proof, way.ask(stage, live())), MEANS.refuse);
      },
    ),
    ...probeChecks<K>(),
  ];
}

function probeChecks<K extends Kind>(): readonly RemoteCheck<K>[] {
  const retired: Need<K> = ({ subject }) => (subject.retired ? null : 'the subject names no retired model');
  return [
    remoteCheck('probe-passes', 'silver', 'probe() resolves with a key that works.', [], async (proof, life) => {
      await within(proof, probe(proof, await stageOf(proof, life)), 'probe() resolves');
    }),
    remoteCheck(
      'probe-wrong-key',
      'silver',
      'probe() refuses a wrong key: code auth.',
      [emulated],
      async (proof, life) => {
        mustMean(await failureOf(proof, probe(proof, await stageOf(proof, life, { key: WRONG_KEY }))), MEANS.auth);
      },
    ),
    remoteCheck(
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
    remoteCheck(
      'probe-cheap',
      'silver',
      'probe() asks once and sends little: no customer’s data, nothing worth billing.',
      [emulated],
      async (proof, life) => {
        const stage = await stageOf(proof, life);
        await within(proof, probe(proof, stage), 'probe() resolves');
        const { requests } = vendorOf(stage);
        const bytes = requests.reduce((sum, request) => sum + request.body.length, 0);
        must(requests.length > 0, 'the vendor is asked');
        must(requests.length <= 2 && bytes <= PROBE_BYTES, 'at most two requests and 64 KB');
      },
    ),
    remoteCheck(
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
}

async function probe<K extends Kind>(proof: RemoteProof<K>, stage: Stage<K>): Promise<void> {
  const { provider } = proof.subject;
  must(provider.probe !== undefined, 'probe() is there');
  await provider.probe(stage.credential, stage.settings, stage.ctx);
}
