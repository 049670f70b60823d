import type { Kind } from '../../contracts/index.ts';
import { type Life, must, type Tier } from '../check.ts';
import type { Fault } from '../emulator/index.ts';
import { failureOf, MEANS, mustMean } from '../expect.ts';
import { pause, within } from '../proof.ts';
import {
  emulated,
  live,
  type RemoteCheck,
  type RemoteProof,
  remoteCheck,
  stageOf,
  vendorOf,
  type Way,
} from './proof.ts';

/** The caller goes away: everything ends at once, as `aborted`, and nothing stays open. */
export function abortChecks<K extends Kind>(way: Way<K>): readonly RemoteCheck<K>[] {
  const check = (id: string, tier: Tier, title: string, run: RemoteCheck<K>['run']) =>
    remoteCheck<K>(`${way.id}-${id}`, tier, `${way.title} ${title}`, [...way.needs, emulated], run);
  return [
    check('abort-before', 'bronze', 'aborted before it is made is not sent.', async (proof, life) => {
      const stage = await stageOf(proof, life);
      mustMean(await failureOf(proof, way.ask(stage, AbortSignal.abort())), MEANS.aborted);
      await pause();
      must(vendorOf(stage).requests.length === 0, 'nothing was sent');
    }),
    check(
      'abort-during',
      'bronze',
      'aborted while the vendor says nothing ends at once, code aborted.',
      (proof, life) => abortOn(proof, life, way, { kind: 'silence' }, { released: false }),
    ),
    check(
      'abort-releases',
      'silver',
      'that was aborted is over at the vendor too: no socket, no handle.',
      (proof, life) => abortOn(proof, life, way, { kind: 'silence' }, { released: true }),
    ),
    check('abort-drip', 'silver', 'is aborted also when its answer comes one byte at a time.', (proof, life) =>
      abortOn(proof, life, way, { kind: 'drip', everyMs: 20 }, { released: true }),
    ),
    check(
      'abort-half-open',
      'silver',
      'is aborted also when the connection went half-open in mid-body.',
      (proof, life) => abortOn(proof, life, way, { kind: 'half_open' }, { released: true }),
    ),
    check('instance-ends', 'silver', 'ends when the instance’s life ends.', async (proof, life) => {
      const stage = await stageOf(proof, life, { fault: { kind: 'silence' } });
      const asked = vendorOf(stage).nextRequest();
      const call = failureOf(proof, way.ask(stage, live()));
      await within(proof, asked, 'the request comes');
      stage.end();
      const { code } = await call;
      must(code === 'aborted' || code === 'connection', 'code aborted');
    }),
  ];
}

/** Aborts once the request (when the vendor is silent) or the head of its answer has come. */
async function abortOn<K extends Kind>(
  proof: RemoteProof<K>,
  life: Life,
  way: Way<K>,
  fault: Fault,
  { released }: { released: boolean },
): Promise<void> {
  const stage = await stageOf(proof, life, { fault });
  const aborter = new AbortController();
  const reached = fault.kind === 'silence' ? vendorOf(stage).nextRequest() : stage.nextResponse();
  const failing = failureOf(proof, way.ask(stage, aborter.signal));
  await within(proof, Promise.race([reached, failing]), 'the request comes');
  await pause(5);
  aborter.abort();
  const error = await failing;
  if (released) await within(proof, vendorOf(stage).idle(), 'the request is over at the vendor');
  mustMean(error, released ? { code: ['aborted', 'connection'] } : MEANS.aborted);
}
