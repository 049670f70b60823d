import t from 'tap';
import { startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { candidateOf, connectCounter, openBalto, serverEnv } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { postgres } from '../helpers/databases.ts';
import { Seen } from '../helpers/seen.ts';
import { registerCounter } from '../helpers/server-process.ts';
import { spokenUntil, wavUntil } from '../helpers/talk.ts';

const url = process.env['TEST_DATABASE_URL'];
const skip = url ? false : 'TEST_DATABASE_URL is not set: the embedded database has one process';
/** One sentence. */
const UNTIL_MS = 5500;

t.test(
  'an outage that one server learns of the other knows within a second, and asks no customer',
  { skip },
  async (t) => {
    const coverage = new Coverage(await wavReference());
    const vendors = {
      deepgram: await startDeepgram({ listening: coverage }),
      elevenlabs: await startElevenLabs({ listening: coverage }),
    };
    for (const vendor of Object.values(vendors)) t.teardown(() => vendor.close());
    const env = { ...serverEnv(await postgres(t, url ?? ''), vendors), MOCK_RECOMMENDATION: '1' };
    const [first, second] = [await openBalto(t, env), await openBalto(t, env)];
    const { apiKey } = await registerCounter(first.url);
    const talk = async ({ ws, observer }: typeof first): Promise<Seen> => {
      const seen = new Seen(observer);
      const counter = await connectCounter(ws, apiKey);
      await streamFile(counter.socket, wavUntil(UNTIL_MS));
      counter.say({ comando: 'fim' });
      await seen.until(({ utterances }) => utterances.length === spokenUntil(UNTIL_MS).length);
      counter.socket.close();
      await seen.until(({ closed }) => closed === 1);
      return seen;
    };
    const attempts = (seen: Seen) =>
      seen.utterances[0]?.outcome.attempts.map(({ address, outcome }) => [address, outcome]);
    const told: string[] = [];
    let toldAtMs = 0;
    first.observer.on('provider', ({ address, what, reason }) => {
      told.push(`${address} ${what} ${reason}`);
      toldAtMs ||= performance.now();
    });
    const deepgram = candidateOf(second.balto, 'stt/deepgram');
    const { health } = second.balto.providers;
    t.equal(health.restsUntilMs(deepgram), 0);

    await vendors.deepgram.setFault({ kind: 'auth' });
    t.same(attempts(await talk(first)), [
      ['stt/deepgram', 'failed'],
      ['stt/elevenlabs', 'answered'],
    ]);
    t.same(told, ['stt/deepgram degraded auth']);
    while (health.restsUntilMs(deepgram) === 0) await new Promise((done) => setTimeout(done, 5));
    const tookMs = performance.now() - toldAtMs;
    t.ok(tookMs < 1000, `known after ${Math.round(tookMs)} ms`);
    t.same(attempts(await talk(second)), [['stt/elevenlabs', 'answered']]);
  },
);
