import type { Kind } from '../../contracts/index.ts';
import { type Life, must } from '../check.ts';
import { EMULATOR_KEY, type Fault } from '../emulator/index.ts';
import { mustHide } from '../expect.ts';
import { within } from '../proof.ts';
import { emulated, live, type RemoteCheck, type RemoteProof, type RemoteSuite, remoteCheck, stageOf } from './proof.ts';

/** Neither the key nor what was asked and answered is in any log line or error. */
export function secretChecks<K extends Kind>(suite: RemoteSuite<K>): readonly RemoteCheck<K>[] {
  return [
    remoteCheck(
      'key-hidden',
      'silver',
      'No key in any error or log line, not even when the vendor quotes it.',
      [emulated],
      async (proof, life) => {
        const faults = [quoting(400), quoting(401), quoting(500), { kind: 'refuse' }, { kind: 'reset' }] as Fault[];
        for (const fault of faults) mustHide(await seenOn(proof, life, suite, fault), [EMULATOR_KEY]);
      },
    ),
    remoteCheck(
      'content-hidden',
      'silver',
      'Nothing of what was asked or answered in any error or log line: right answers, cut ones, broken ones.',
      [emulated],
      async (proof, life) => {
        const faults: (Fault | undefined)[] = [
          undefined,
          { kind: 'malformed' },
          { kind: 'reset', afterBytes: 400 },
          { kind: 'error_frame' },
        ];
        for (const fault of faults) mustHide(await seenOn(proof, life, suite, fault), suite.hidden);
      },
    ),
  ];
}

/** An answer that quotes the key wherever a vendor has been seen to put its own words. */
function quoting(status: number): Fault {
  const text = `chave ${EMULATOR_KEY}`;
  const error = { message: text, code: 'bad', status: 'bad', type: 'bad', detail: text, param: null };
  const body = { error, detail: error, err_code: 'bad', err_msg: text, message: text, category: 'bad', details: text };
  return { kind: 'status', status, headers: { 'x-error': text }, body: JSON.stringify(body) };
}

/** The error of each way to ask, and all that was logged. */
async function seenOn<K extends Kind>(
  proof: RemoteProof<K>,
  life: Life,
  { ways }: RemoteSuite<K>,
  fault: Fault | undefined,
): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const way of ways) {
    if (way.needs.some((need) => need(proof) !== null)) continue;
    const stage = await stageOf(proof, life, fault ? { fault } : {});
    const asked = way.ask(stage, live()).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const error = await within(proof, asked, 'the call ends');
    must(error !== undefined || fault?.kind !== 'status', 'the call fails');
    seen.push(error, ...stage.lines);
  }
  return seen;
}
