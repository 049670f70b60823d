import type { Kind, ProviderError } from '../../contracts/index.ts';
import { type Life, must, type Tier } from '../check.ts';
import type { Fault } from '../emulator/index.ts';
import { type Expected, FAULTS, failureOf, MEANS, mustMean } from '../expect.ts';
import { pause } from '../proof.ts';
import type { Stage } from '../stage.ts';
import {
  emulated,
  live,
  type RemoteCheck,
  type RemoteProof,
  remoteCheck,
  stageOf,
  unreadable,
  vendorOf,
  type Way,
} from './proof.ts';

const TITLES: Record<keyof typeof FAULTS, [id: string, tier: Tier, title: string]> = {
  refuse: ['refused', 'silver', 'that finds the port closed is a connection error of the network.'],
  reset: ['reset', 'silver', 'whose connection is reset is a connection error of the network.'],
  rateLimited: [
    'rate-limited',
    'silver',
    'over the limit is rate_limited, says which limit, and names no time itself.',
  ],
  retryAfter: ['retry-after', 'silver', 'over the limit keeps the time the vendor asks for, in milliseconds.'],
  auth: ['auth', 'bronze', 'with a wrong key is code auth, not retryable.'],
  quota: ['quota', 'silver', 'without credit is code quota, not retryable.'],
  serverError: ['server-error', 'silver', 'that the vendor fails is code server, retryable.'],
};

const REDIRECTED: Expected = { code: ['protocol', 'connection', 'server', 'unsupported'] };

/** Refusals and answers that are no answers, one check each, for one way to ask. */
export function faultChecks<K extends Kind>(way: Way<K>): readonly RemoteCheck<K>[] {
  const names = Object.keys(TITLES) as (keyof typeof FAULTS)[];
  const check = (id: string, tier: Tier, title: string, run: RemoteCheck<K>['run']) =>
    remoteCheck<K>(`${way.id}-${id}`, tier, `${way.title} ${title}`, [...way.needs, emulated], run);
  const refusals = names.map((name) => {
    const [id, tier, title] = TITLES[name];
    return check(id, tier, title, async (proof, life) => {
      mustMean((await failWith(proof, life, way, FAULTS[name])).error, MEANS[name]);
    });
  });
  const broken = (id: string, title: string, fault: Fault) =>
    check(id, 'silver', title, async (proof, life) => {
      mustMean((await failWith(proof, life, way, fault)).error, unreadable(way));
    });
  return [
    ...refusals,
    check(
      'one-attempt',
      'bronze',
      'that fails is not tried again: that is the core’s to decide.',
      async (proof, life) => {
        for (const name of names) await mustTryOnce(proof, life, way, FAULTS[name]);
      },
    ),
    check(
      'vendor-code',
      'silver',
      'that is refused keeps the vendor’s own code, for its support.',
      async (proof, life) => {
        for (const name of ['auth', 'quota', 'rateLimited'] as const)
          await mustKeepCode(proof, life, way, FAULTS[name]);
      },
    ),
    ...(way.isRaw
      ? []
      : [
          broken('malformed', 'answered with what is no answer to the end is the vendor’s fault.', {
            kind: 'malformed',
          }),
          broken('wrong-shape', 'answered with JSON of another shape is no empty answer.', { kind: 'wrong_shape' }),
        ]),
    broken('huge', 'answered with 50 MB is given up.', { kind: 'huge' }),
    check(
      'redirect',
      'silver',
      'that is redirected goes nowhere: the key stays with the hosts of the manifest.',
      (proof, life) => mustNotFollow(proof, life, way),
    ),
  ];
}

async function failWith<K extends Kind>(
  proof: RemoteProof<K>,
  life: Life,
  way: Way<K>,
  fault: Fault,
): Promise<{ error: ProviderError; stage: Stage<K> }> {
  const stage = await stageOf(proof, life, { fault });
  return { error: await failureOf(proof, way.ask(stage, live())), stage };
}

async function mustTryOnce<K extends Kind>(
  proof: RemoteProof<K>,
  life: Life,
  way: Way<K>,
  fault: Fault,
): Promise<void> {
  const { stage } = await failWith(proof, life, way, fault);
  await pause();
  must(stage.calls === 1, `one attempt on "${fault.kind}", not ${stage.calls}`);
  must(vendorOf(stage).requests.length <= 1, `one request on "${fault.kind}"`);
}

async function mustKeepCode<K extends Kind>(
  proof: RemoteProof<K>,
  life: Life,
  way: Way<K>,
  fault: Fault,
): Promise<void> {
  const { error, stage } = await failWith(proof, life, way, fault);
  const answered = vendorOf(stage).requests.flatMap((request) => request.replies);
  must(error.vendorCode !== undefined, 'a vendorCode');
  must(answered.join('\n').includes(error.vendorCode), 'the vendorCode is the vendor’s, as it answered');
}

async function mustNotFollow<K extends Kind>(proof: RemoteProof<K>, life: Life, way: Way<K>): Promise<void> {
  const elsewhere = await stageOf(proof, life);
  const location = `${vendorOf(elsewhere).url}/v1/elsewhere`;
  const { error } = await failWith(proof, life, way, { kind: 'redirect', location });
  await pause();
  must(vendorOf(elsewhere).requests.length === 0, 'nothing comes to where the redirect points');
  mustMean(error, REDIRECTED);
}
