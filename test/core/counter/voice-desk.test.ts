import t from 'tap';
import { VoiceDesk } from '../../../core/counter/voice-desk.ts';
import { loadSpeakerModels } from '../../../core/counter/voice-models.ts';
import { VoiceProfiles } from '../../../core/counter/voice-profiles.ts';
import type { VoiceSettings } from '../../../core/routing/voices.ts';
import type { EnrolledVoice } from '../../../core/store/employees-table.ts';
import { quietLog } from '../../helpers/databases.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

const voice = (id: number, name: string, more: Partial<EnrolledVoice> = {}): EnrolledVoice => ({
  id,
  name,
  model: 'speaker/acme:m1',
  vector: Float32Array.of(id, 1),
  consent: 'confirmado',
  shifts: [],
  ...more,
});

/** A desk over these voices, with a provider that hears always the same vector. */
function desk(voices: EnrolledVoice[] | null, settings: VoiceSettings = {}) {
  const asked: string[] = [];
  const provider = {
    address: 'speaker/acme',
    missing: null,
    credentials: [{}],
    settings: { model: 'm1' },
    provider: { models: ['m1'], id: 'acme' },
  };
  const runner = {
    embed: async (candidates: readonly { address: string }[]) => {
      asked.push(...candidates.map(({ address }) => address));
      return { vector: Float32Array.of(1, 1), model: 'speaker/acme:m1', isHint: false };
    },
  };
  const effective = { configured: { speaker: [provider] }, voices: settings, timeZone: 'America/Sao_Paulo' };
  const config = { identity: { clientId: 'c' }, effective: () => effective };
  const profiles = { join: () => ({ voices: () => voices, leave: () => {} }) };
  const seat = new VoiceDesk({
    profiles,
    runner,
    models: loadSpeakerModels(),
    clock: new ManualClock(),
  }).join(config as never);
  /** Saturday, 10:00 in São Paulo. */
  const say = (ms = 2000, at = new Date('2026-11-21T13:00:00Z')) =>
    seat.identify(new Int16Array(ms * 16), at, new AbortController().signal);
  return { seat, say, asked };
}

t.test('those on shift who consented are compared, by the client’s clock', async (t) => {
  const saturday = [{ weekday: 5, startMinute: 480, endMinute: 600 }];
  const { say } = desk([
    voice(1, 'Ana'),
    voice(2, 'Bea', { shifts: saturday }),
    voice(3, 'Caio', { shifts: [{ weekday: 6, startMinute: 0, endMinute: 1439 }] }),
    voice(4, 'Dora', { consent: 'a_confirmar' }),
    voice(5, 'Eva', { model: 'speaker/acme:m2' }),
  ]);
  const names = (verdict: Awaited<ReturnType<typeof say>>) => verdict?.scores.map(({ name }) => name);
  t.same(names(await say()), ['Ana', 'Bea']);
  t.same(names(await say(2000, new Date('2026-11-21T13:01:00Z'))), ['Ana'], 'one minute later Bea is gone');
  t.equal((await say())?.employee?.name, 'Ana');
});

t.test('what the client declares for all lets a voice be compared that waits for its consent', async (t) => {
  const waiting = [voice(4, 'Dora', { consent: 'a_confirmar' })];
  const without = desk(waiting);
  t.notOk(without.seat.isNeeded());
  t.equal(await without.say(), null);
  t.same(without.asked, [], 'nothing is measured');
  const declared = desk(waiting, { consent: { basis: 'consentimento', textVersion: '1' } });
  t.ok(declared.seat.isNeeded());
  t.match(await declared.say(), { scores: [{ name: 'Dora' }] });
  t.notOk(
    desk([voice(5, 'Eva', { consent: 'retirado' })], {
      consent: { basis: 'consentimento', textVersion: '1' },
    }).seat.isNeeded(),
  );
});

t.test('too little speech, or nobody of that model: the provider is not asked', async (t) => {
  const short = desk([voice(1, 'Ana')]);
  t.equal(await short.say(799), null);
  t.ok(await short.say(800));
  t.equal(short.asked.length, 1);
  const own = desk([voice(1, 'Ana')], { models: { 'speaker/acme:m1': { minMs: 3000 } } });
  t.equal(await own.say(2999), null);
  const other = desk([voice(1, 'Ana', { model: 'speaker/acme:m2' })]);
  t.equal(await other.say(), null);
  t.same(other.asked, []);
  t.ok(desk(null).seat.isNeeded(), 'not read yet: sound is kept, in case');
  t.equal(await desk(null).say(), null);
});

t.test('voices are read once for all sessions of a client, and again when one changes', async (t) => {
  const clock = new ManualClock();
  let reads = 0;
  let revision = 1;
  const profiles = new VoiceProfiles({
    read: async () => {
      reads += 1;
      return { revision, voices: [voice(reads, 'Ana')] };
    },
    revisions: async (ids) => new Map(ids.map((id) => [id, revision])),
    isShared: true,
    clock,
    log: quietLog,
  });
  t.teardown(() => profiles.close());
  const [first, second] = [profiles.join('c'), profiles.join('c')];
  t.equal(first.voices(), null);
  await clock.advance(0);
  t.equal(first.voices()?.[0]?.id, 1);
  t.equal(second.voices(), first.voices());
  await clock.advance(2000);
  t.equal(reads, 1, 'not per connection, nor by the clock');
  profiles.changed('outro');
  await clock.advance(0);
  t.equal(reads, 1);
  profiles.changed('c');
  await clock.advance(0);
  t.equal(second.voices()?.[0]?.id, 2, 'announced');
  revision = 2;
  await clock.advance(500);
  t.equal(second.voices()?.[0]?.id, 3, 'found by asking');
  first.leave();
  second.leave();
  await clock.advance(2000);
  revision = 3;
  await clock.advance(2000);
  t.equal(reads, 3, 'nobody is here');
  t.equal(clock.pending, 0);
  const third = profiles.join('c');
  t.equal(third.voices()?.[0]?.id, 3, 'a counter that comes back finds them, as they were read');
  await clock.advance(500);
  t.equal(third.voices()?.[0]?.id, 4, 'and what changed meanwhile, at once');
  third.leave();
  profiles.changed('c');
  t.equal(profiles.join('c').voices(), null, 'what is known to have changed is read anew');
});
