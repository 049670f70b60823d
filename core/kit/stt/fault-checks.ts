import type { ProviderError } from '../../contracts/index.ts';
import { type Life, must } from '../check.ts';
import type { Fault } from '../emulator/index.ts';
import { type Expected, FAULTS, failureOf, MEANS, mustMean } from '../expect.ts';
import { pause } from '../proof.ts';
import type { Stage } from '../stage.ts';
import {
  batch,
  emulated,
  live,
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
import { StreamReader } from './reader.ts';

/** The two ways a provider is asked: a whole utterance, or the opening of a stream. */
type Ask = (proof: SttProof, stage: Stage<'stt'>, signal: AbortSignal) => Promise<unknown>;

const asBatch: Ask = (proof, stage, signal) =>
  stage.instance.transcribe(said(proof, [1, 2]).audio, optionsOf(proof), signal);

/** Some vendors refuse inside an accepted stream: then it is the iteration that throws. */
const asStream: Ask = async (proof, stage, signal) => {
  const stream = await openOn(proof, stage, signal);
  push(proof, stream, said(proof, [1, 2]));
  throw await new StreamReader(proof, stream).failure();
};

const TITLES: Record<keyof typeof FAULTS, [id: string, title: string]> = {
  refuse: ['refused', 'that finds the port closed is a connection error of the network.'],
  reset: ['reset', 'whose connection is reset is a connection error of the network.'],
  rateLimited: ['rate-limited', 'over the limit is rate_limited, says which limit, and names no time of its own.'],
  retryAfter: ['retry-after', 'over the limit keeps the time the vendor asks for, in milliseconds.'],
  auth: ['auth', 'with a wrong key is code auth, not retryable.'],
  quota: ['quota', 'without credit is code quota, not retryable.'],
  serverError: ['server-error', 'that the vendor fails is code server, retryable.'],
};

function refusals(prefix: string, subject: string, ask: Ask, needs: Parameters<typeof sttCheck>[3]): SttCheck[] {
  const faults = Object.keys(TITLES) as (keyof typeof FAULTS)[];
  const mapped = faults.map((name) => {
    const [id, title] = TITLES[name];
    const tier = name === 'auth' ? 'bronze' : 'silver';
    return sttCheck(`${prefix}-${id}`, tier, `${subject} ${title}`, needs, async (proof, life) => {
      const { error, stage } = await failWith(proof, life, ask, FAULTS[name]);
      const inBand = prefix === 'open' && stage.emulator?.refusesInBand === true;
      mustMean(error, name === 'retryAfter' && inBand ? MEANS.rateLimited : MEANS[name]);
    });
  });
  const once = sttCheck(
    `${prefix}-one-attempt`,
    'bronze',
    `${subject} that fails is not tried again: that is the core’s to decide.`,
    needs,
    async (proof, life) => {
      for (const name of faults) await mustTryOnce(proof, life, ask, FAULTS[name]);
    },
  );
  const kept = sttCheck(
    `${prefix}-vendor-code`,
    'silver',
    `${subject} that is refused keeps the vendor’s own code, for whoever writes to its support.`,
    needs,
    async (proof, life) => {
      for (const name of ['auth', 'quota', 'rateLimited'] as const) {
        const { error, stage } = await failWith(proof, life, ask, FAULTS[name]);
        const answered = stage.emulator?.requests.flatMap((request) => request.replies).join('\n') ?? '';
        must(error.vendorCode !== undefined, 'a vendorCode');
        must(answered.includes(error.vendorCode), 'the vendorCode is the vendor’s, as it answered');
      }
    },
  );
  return [...mapped, once, kept];
}

function unreadable(id: string, title: string, fault: Fault): SttCheck {
  return sttCheck(id, 'silver', title, [batch, emulated], async (proof, life) => {
    const { error } = await failWith(proof, life, asBatch, fault);
    mustMean(error, MEANS.unreadable);
  });
}

async function failWith(
  proof: SttProof,
  life: Life,
  ask: Ask,
  fault: Fault,
): Promise<{ error: ProviderError; stage: Stage<'stt'> }> {
  const stage = await stageOf(proof, life, { fault });
  return { error: await failureOf(proof, ask(proof, stage, live())), stage };
}

async function mustTryOnce(proof: SttProof, life: Life, ask: Ask, fault: Fault): Promise<void> {
  const stage = await stageOf(proof, life, { fault });
  await failureOf(proof, ask(proof, stage, live()));
  await pause();
  must(stage.calls === 1, `one attempt on "${fault.kind}", not ${stage.calls}`);
  const seen = vendorOf(stage).requests.length;
  must(seen <= 1, `one request on "${fault.kind}", not ${seen}`);
}

async function mustNotFollow(proof: SttProof, life: Life, ask: Ask): Promise<void> {
  const elsewhere = await stageOf(proof, life);
  const location = `${vendorOf(elsewhere).url}/v1/elsewhere`;
  const stage = await stageOf(proof, life, { fault: { kind: 'redirect', location } });
  const error = await failureOf(proof, ask(proof, stage, live()));
  await pause();
  must(vendorOf(elsewhere).requests.length === 0, 'nothing comes to where the redirect points');
  mustMean(error, REDIRECTED);
}

const REDIRECTED: Expected = { code: ['protocol', 'connection', 'server', 'unsupported'] };

/** Answers of the vendor that are no answers, to a whole utterance. */
export const batchFaultChecks: readonly SttCheck[] = [
  ...refusals('batch', 'A request', asBatch, [batch, emulated]),
  unreadable('batch-malformed', 'An answer that is no JSON is the vendor’s fault, code protocol.', {
    kind: 'malformed',
  }),
  unreadable('batch-wrong-shape', 'JSON of another shape is code protocol, never an empty text.', {
    kind: 'wrong_shape',
  }),
  unreadable('batch-huge', 'A body of 50 MB is given up, code protocol.', { kind: 'huge' }),
  sttCheck(
    'batch-redirect',
    'silver',
    'A redirect is not followed: the key stays with the hosts of the manifest.',
    [batch, emulated],
    async (proof, life) => mustNotFollow(proof, life, asBatch),
  ),
];

/** The same for the opening of a stream. */
export const openFaultChecks: readonly SttCheck[] = [
  ...refusals('open', 'A stream', asStream, [emulated, streaming]),
  sttCheck(
    'open-redirect',
    'silver',
    'A redirected handshake is not followed.',
    [emulated, streaming],
    async (proof, life) => mustNotFollow(proof, life, asStream),
  ),
];
