import t from 'tap';
import { ProviderError } from '../../../core/contracts/index.ts';
import { CandidateOrder } from '../../../core/runtime/candidate-order.ts';
import type { Health } from '../../../core/runtime/health.ts';
import { ProviderHealth } from '../../../core/runtime/provider-health.ts';
import type { Candidate } from '../../../core/runtime/types.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { sttHouse } from '../../helpers/runtime-house.ts';
import { answers, scriptedStt } from '../../helpers/scripted-provider.ts';

const house = sttHouse([scriptedStt('acme', { batch: answers }), scriptedStt('other', { batch: answers })]);
const keys: Candidate[] = [0, 1, 2].map((credential) => house.candidate('stt/acme', credential));
const other = house.candidate('stt/other');

function first(health: Health, clock: ManualClock, holds?: (candidate: Candidate) => boolean): Candidate | undefined {
  return new CandidateOrder([...keys, other], health, clock.now(), holds).next(() => true);
}

t.test('keys of one address take turns, and never go before a better address', async (t) => {
  const clock = new ManualClock();
  const health = new ProviderHealth({ clock, log: house.log });
  const turns = Array.from({ length: 6 }, () => first(health, clock)?.credential);
  t.strictSame(turns, [0, 1, 2, 0, 1, 2]);
  t.equal(first(health, clock)?.address, 'stt/acme');
});

t.test('a key whose quota is used up rests, the others go on in turn', async (t) => {
  const clock = new ManualClock();
  const health = new ProviderHealth({ clock, log: house.log });
  health.failed(keys[1] as Candidate, new ProviderError({ code: 'quota', message: 'no credits' }));
  t.strictSame(
    Array.from({ length: 4 }, () => first(health, clock)?.credential),
    [0, 2, 0, 2],
  );
  const order = new CandidateOrder(keys, health, clock.now());
  const all = Array.from({ length: 3 }, () => order.next(() => true)?.credential);
  t.equal(all.at(-1), 1, 'it is never taken away altogether');
});

t.test('an open connection is used again before another key is asked', async (t) => {
  const clock = new ManualClock();
  const health = new ProviderHealth({ clock, log: house.log });
  const holds = ({ credential }: Candidate) => credential === 2;
  t.strictSame(
    Array.from({ length: 3 }, () => first(health, clock, holds)?.credential),
    [2, 2, 2],
  );
});
