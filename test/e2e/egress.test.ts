import t from 'tap';
import { EMULATOR_KEY, startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { sessionOf } from '../helpers/people.ts';
import { Seen } from '../helpers/seen.ts';
import { spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

const UNTIL_MS = 14_200;
const why = 'servidor próprio';

/** A Balto whose environment knows Deepgram, and a client whose admin has an own key and wants an own address. */
async function clientWithOwnAddress(t: Parameters<typeof startBalto>[0], env: Record<string, string>) {
  const listening = new Coverage(await wavReference());
  const deepgram = await startDeepgram({ listening });
  const own = await startElevenLabs({ listening });
  t.teardown(() => own.close());
  const house = await startBalto(t, { vendors: { deepgram }, env: { MOCK_RECOMMENDATION: '1', ...env } });
  const admin = apiOf(house.url, await sessionOf(house.balto.store, { clientId: house.clientId, role: 'admin' }));
  const point = (baseUrl: string) =>
    admin('PUT', `/clients/${house.clientId}/providers/stt`, {
      use: ['stt/elevenlabs', 'stt/deepgram'],
      settings: { 'stt/elevenlabs': { baseUrl } },
      why,
    });
  const key = (use: string) =>
    admin('POST', `/clients/${house.clientId}/credentials/elevenlabs`, {
      label: 'da loja',
      credential: { apiKey: EMULATOR_KEY },
      use,
      probe: false,
      why,
    });
  const talk = async () => {
    const seen = new Seen(house.observer);
    const counter = await connectCounter(house.ws, house.apiKey);
    await seen.until(({ opened }) => opened === 1);
    await streamFile(counter.socket, wavUntil(UNTIL_MS));
    counter.say({ comando: 'fim' });
    await seen.until(({ utterances }) => utterances.length === spokenUntil(UNTIL_MS).length);
    counter.socket.close();
    await seen.until(({ closed }) => closed === 1);
    return seen;
  };
  return { house, own, point, key, talk };
}

t.test('an administrator’s address that leads inside is refused when it is saved, by field', async (t) => {
  const { house, own, point } = await clientWithOwnAddress(t, {});
  const { port } = new URL(own.url);
  for (const baseUrl of [
    own.url,
    `https://127.0.0.1:${port}`,
    'https://169.254.169.254',
    'http://api.exemplo.com.br',
    'https://[::1]',
  ]) {
    const answer = await point(baseUrl);
    t.equal(answer.status, 400, baseUrl);
    t.match(answer.body, { code: 'BALTO_CONFIG_EGRESS', field: 'providers.stt.settings.stt/elevenlabs.baseUrl' });
  }
  t.equal(own.requests.length, 0);
  t.equal(await house.balto.store.configVersions.newest(), house.balto.store.config.version);
});

t.test(
  'a name that leads inside is found out when it is called: another candidate answers, and no key goes there',
  async (t) => {
    const { house, own, key, talk } = await clientWithOwnAddress(t, {});
    const { store } = house.balto;
    t.equal((await key('replace')).status, 201);
    // As when a name moves after it was saved: whoever saves it now has it tried, and is refused.
    const baseUrl = `https://localhost:${new URL(own.url).port}`;
    const value = { use: ['stt/elevenlabs', 'stt/deepgram'], settings: { 'stt/elevenlabs': { baseUrl } } };
    const changes = [{ clientId: house.clientId, counterId: null, section: 'providers.stt', value }];
    await store.configVersions.activate({ actor: 'cli', changes });
    await store.config.refresh();
    const seen = await talk();
    t.equal(seen.text, textOf(spokenUntil(UNTIL_MS)));
    const first = seen.utterances.find(({ segment }) => segment === 1)?.outcome.attempts[0];
    t.match(first, {
      address: 'stt/elevenlabs',
      error: { code: 'unsupported', blame: 'config', vendorCode: 'EGRESS_ADDRESS' },
    });
    t.equal(own.requests.length, 0);
  },
);

t.test('what the operator allows is reached, with the client’s own key only', async (t) => {
  const { own, point, key, talk } = await clientWithOwnAddress(t, { BALTO_EGRESS_ALLOW: '127.0.0.0/8' });
  t.equal((await point(own.url)).status, 200);
  t.same(
    new Set((await talk()).utterances.map(({ outcome }) => outcome.address)),
    new Set(['stt/deepgram']),
    'no key of its own: nobody’s is sent there',
  );
  t.equal(own.requests.length, 0);
  t.equal((await key('replace')).status, 201);
  t.same(new Set((await talk()).utterances.map(({ outcome }) => outcome.address)), new Set(['stt/elevenlabs']));
  t.ok(own.requests.length > 0);
});
