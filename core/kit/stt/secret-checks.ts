import { type Life, must } from '../check.ts';
import { EMULATOR_KEY, type Fault } from '../emulator/index.ts';
import { failureOf, mustHide } from '../expect.ts';
import { within } from '../proof.ts';
import { transcribe } from './batch-checks.ts';
import {
  emulated,
  live,
  openOn,
  optionsOf,
  push,
  type SttCheck,
  type SttProof,
  said,
  stageOf,
  streamOf,
  sttCheck,
} from './proof.ts';
import { StreamReader } from './reader.ts';
import { answer } from './stream-checks.ts';

/** The words of the kit's audio, as they stand in a transcript. */
const TRANSCRIPT = /\bp[1-9]\b/;

/** An answer that quotes the key wherever a vendor has been seen to put its own words. */
function quoting(status: number): Fault {
  const text = `chave ${EMULATOR_KEY}`;
  const error = { message: text, code: 'bad', status: 'bad', type: 'bad', detail: text, param: null };
  const body = { error, detail: error, err_code: 'bad', err_msg: text, message: text, category: 'bad', details: text };
  return { kind: 'status', status, headers: { 'x-error': text }, body: JSON.stringify(body) };
}

/** Neither the key nor what a customer said is in any log line or error. */
export const secretChecks: readonly SttCheck[] = [
  sttCheck(
    'key-hidden',
    'silver',
    'No key in any error or log line, not even when the vendor quotes it.',
    [emulated],
    async (proof, life) => {
      const faults: Fault[] = [quoting(400), quoting(401), quoting(500), { kind: 'refuse' }, { kind: 'reset' }];
      for (const fault of faults) {
        for (const { error, lines } of await failures(proof, life, fault)) mustHide([error, lines], [EMULATOR_KEY]);
      }
    },
  ),
  sttCheck(
    'transcript-hidden',
    'silver',
    'No transcript in any error or log line: answers cut short, of another shape, streams that fail after words.',
    [emulated],
    async (proof, life) => {
      if (!proof.subject.streamOnly) await mustHideInBatch(proof, life);
      if (proof.capabilities.streaming) await mustHideInStream(proof, life);
    },
  ),
];

async function mustHideInBatch(proof: SttProof, life: Life): Promise<void> {
  const stage = await stageOf(proof, life);
  await transcribe(proof, stage, said(proof, [1, 2]));
  mustHide(stage.lines, [TRANSCRIPT, EMULATOR_KEY]);
  for (const fault of [{ kind: 'malformed' }, { kind: 'reset', afterBytes: 400 }] as Fault[]) {
    const broken = await stageOf(proof, life, { fault });
    const call = broken.instance.transcribe(said(proof, [1, 2]).audio, optionsOf(proof), live());
    mustHide([await failureOf(proof, call), broken.lines], [TRANSCRIPT]);
  }
}

async function mustHideInStream(proof: SttProof, life: Life): Promise<void> {
  const good = await streamOf(proof, life);
  push(proof, good.stream, said(proof, [1, 2]));
  await answer(proof, good.stream, good.reader, 1);
  await within(proof, good.stream.close(), 'close() resolves');
  mustHide(good.stage.lines, [TRANSCRIPT, EMULATOR_KEY]);
  const reason = `p1 p2 ${EMULATOR_KEY}`;
  const faults: Fault[] = [{ kind: 'die', afterAudioMs: 2500, code: 1011, reason }, { kind: 'malformed_frame' }];
  for (const fault of faults) {
    const { stage, stream, reader } = await streamOf(proof, life, { fault });
    push(proof, stream, said(proof, [1, 2, 3, 4, 5, 6]));
    if (proof.capabilities.finalize !== 'none') stream.finalize(1);
    mustHide([await reader.failure(), stage.lines], [TRANSCRIPT, EMULATOR_KEY]);
  }
}

/** The errors of each way to ask, with what was logged. */
async function failures(proof: SttProof, life: Life, fault: Fault) {
  const { provider } = proof.subject;
  const stage = await stageOf(proof, life, { fault });
  const asks = [
    () => stage.instance.transcribe(said(proof, [1]).audio, optionsOf(proof), live()),
  ] as (() => Promise<unknown>)[];
  if (proof.capabilities.streaming) {
    asks.push(async () => {
      throw await new StreamReader(proof, await openOn(proof, stage)).failure();
    });
  }
  if (provider.probe) asks.push(async () => provider.probe?.(stage.credential, stage.settings, stage.ctx));
  const found = [];
  for (const ask of asks) {
    const error = await within(
      proof,
      ask().then(
        () => undefined,
        (reason: unknown) => reason,
      ),
      'the call ends',
    );
    must(error !== undefined || fault.kind === 'status', 'the call fails');
    found.push({ error, lines: stage.lines });
  }
  return found;
}
