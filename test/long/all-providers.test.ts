import t from 'tap';
import { EMULATOR_KEY, startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { runBalto, storeEnv, vendorEnv } from '../helpers/balto.ts';
import { forEachDatabase } from '../helpers/databases.ts';
import { interaction, shadow, usage } from '../helpers/interactions.ts';
import { sessionOf } from '../helpers/people.ts';

const WHY = { why: 'experiência' };
const WRONG_KEY = 'chave-errada-de-verdade-0042';

t.test('providers are tried before they are used, and compared afterwards', (t) =>
  forEachDatabase(t, async (t, open) => {
    const listening = new Coverage(await wavReference());
    const vendors = { deepgram: await startDeepgram({ listening }), elevenlabs: await startElevenLabs({ listening }) };
    for (const vendor of Object.values(vendors)) t.teardown(() => vendor.close());
    const balto = await runBalto(t, { ...storeEnv(open), ...vendorEnv(vendors), SMART_ROUTING_ENABLED: '0' });
    const { store, providers } = balto.balto;
    const api = apiOf(balto.url, await balto.login());
    const mine = `/clients/${balto.clientId}`;
    const others = [await balto.addCounter(), await balto.addCounter(), await balto.addCounter()];
    const counterIds = [balto.counterId, ...others.map(({ counterId }) => counterId)];
    const first = (counterId: string | null) =>
      providers.configuration.for(balto.clientId, counterId).configured.stt[0]?.address;

    t.test('a provider says what it costs, how good it is and what its key looks like', async (t) => {
      const { body } = await api('GET', '/providers?kind=stt');
      const deepgram = body.items.find(({ address }: { address: string }) => address === 'stt/deepgram');
      t.match(deepgram, {
        tier: /bronze|silver|gold|platinum/,
        vendor: { region: 'us', credential: { properties: { apiKey: { secret: true } } } },
        settings: { properties: { model: { type: 'string' } } },
      });
      const minute = deepgram.prices.find(
        ({ model, mode }: { model: string; mode: string }) => model === 'nova-3' && mode === 'stream',
      );
      t.equal(
        minute.cost.microUsd,
        Math.round(providers.prices.estimateMicroUsd('stt/deepgram', 'stream', 'nova-3') ?? -1),
      );
      t.equal(body.exchange.brlPerUsd, 5.36);
    });

    t.test('a key is tried before it is kept, and is kept nowhere', async (t) => {
      const url = `${mine}/credentials/deepgram/test`;
      t.match((await api('POST', url, { credential: { apiKey: EMULATOR_KEY } })).body, {
        ok: true,
        code: 'ok',
        field: null,
      });
      const wrong = await api('POST', url, { credential: { apiKey: WRONG_KEY } });
      t.match(wrong, {
        status: 200,
        body: { ok: false, code: 'auth', field: 'credential.apiKey', message: /não aceita esta chave/ },
      });
      t.match(await api('POST', url, { credential: { apiKey: 'com espaço' } }), {
        status: 400,
        body: { field: /apiKey/ },
      });
      t.equal((await api('POST', `${mine}/credentials/espeak/test`, { credential: {} })).status, 400);
      t.same((await api('GET', `${mine}/credentials`)).body.items, []);
      const kept = await store.db.kysely.selectFrom('vendor_credentials').selectAll().execute();
      t.same(kept, []);
      t.notOk(
        `${balto.log.join('')}${JSON.stringify(wrong)}${JSON.stringify(await store.audit.list(50))}`.includes(
          WRONG_KEY,
        ),
      );
      for (let tries = 1; tries < 10; tries++)
        await api('POST', url, { credential: { apiKey: `${WRONG_KEY}${tries}` } });
      const limited = await api('POST', url, { credential: { apiKey: EMULATOR_KEY } });
      t.match(limited, { status: 429, body: { code: 'BALTO_CREDENTIAL_TESTS' } });
      t.equal(limited.headers.get('retry-after'), '600');
    });

    t.test('a switch is previewed on what was said last, and shows nothing of it', async (t) => {
      const at = (minute: number) => new Date(Date.now() - minute * 60_000);
      const ids = [0, 1, 2].map(() => store.ids.nextId());
      for (const [index, id] of ids.entries()) {
        const place = { clientId: balto.clientId, counterId: balto.counterId };
        const row = interaction({
          id,
          ...place,
          timestamp: at(index + 1),
          transcript: 'uma tosse secreta',
          segmentDurationMs: 3000,
          snr: 20,
          sttModel: 'deepgram',
          feedback: index === 0 ? 'aceito' : null,
          tsSpeechEnd: at(index + 1),
          tsTranscriptionReady: new Date(at(index + 1).getTime() + 400),
          decision: {
            address: 'stt/deepgram',
            mode: 'stream',
            candidates: ['stt/deepgram', 'stt/elevenlabs'],
            rule: 'ambiente',
          },
          interactionType: index === 2 ? 'mock_voice' : 'valid',
        });
        const line = usage({
          ...place,
          interactionId: id,
          provider: 'stt/deepgram:nova-3',
          quantity: 3,
          costMicroUsd: 385,
          at: at(index + 1),
        });
        await store.journal.append({ type: 'interaction', interaction: row, usage: [line] });
      }
      const heard = shadow({
        clientId: balto.clientId,
        at: at(1),
        answer: { provider: 'stt/deepgram', text: 'quero um xarope' },
        provider: 'stt/elevenlabs',
        text: 'quero xarope',
      });
      await store.journal.append({ type: 'shadow', interactionId: ids[0] ?? 0, shadow: heard, usage: [] });
      await store.drained();
      const preview = await api('POST', `${mine}/providers/stt/preview`, { use: ['stt/elevenlabs'] });
      t.match(preview, {
        status: 200,
        body: {
          errors: [],
          changed: 2,
          utterances: [
            { id: ids[0], happened: 'stt/deepgram', now: 'stt/deepgram', draft: 'stt/elevenlabs', changed: true },
            { id: ids[1] },
          ],
        },
      });
      t.equal(preview.body.utterances.length, 2, 'what was simulated is no utterance');
      t.same(
        new Set(preview.body.providers.map((each: object) => JSON.stringify(each))),
        new Set([
          JSON.stringify({ address: 'stt/elevenlabs', happened: 0, now: 0, draft: 2 }),
          JSON.stringify({ address: 'stt/deepgram', happened: 2, now: 2, draft: 0 }),
        ]),
      );
      t.notOk(JSON.stringify(preview.body).includes('secreta'));
      t.match((await api('POST', `${mine}/providers/stt/preview`, { use: ['stt/nenhum'] })).body, {
        errors: [{ field: /use/ }],
        utterances: [],
      });
      t.equal(first(null), 'stt/deepgram', 'nothing changed');
      const counter = await api('POST', `/counters/${others[0]?.counterId}/providers/stt/preview`, {
        use: ['stt/elevenlabs'],
      });
      t.same(counter.body.utterances, [], 'a counter that said nothing');
      t.equal((await api('POST', '/global/providers/llm/preview', { use: [] })).status, 200);
    });

    t.test('a draft is tried at some counters, taken back, and put in force for all', async (t) => {
      const draft = async () =>
        (await api('PUT', `${mine}/providers/stt`, { use: ['stt/elevenlabs'], ...WHY, activate: false })).body.draft;
      const one = await draft();
      const own = await api('PUT', `/counters/${counterIds[3]}/providers/stt`, {
        use: ['stt/deepgram', 'stt/elevenlabs'],
        ...WHY,
      });
      t.equal(own.status, 200);
      const started = await api('POST', `/drafts/${one.id}/canary`, { share: 0.34, ...WHY });
      t.match(started, { status: 200, body: { state: 'valid', canary: { of: 3, version: Number } } });
      const [tried] = started.body.canary.counterIds;
      t.equal(started.body.canary.counterIds.length, 1);
      t.same(
        counterIds.map((each) => [each, first(each)]),
        counterIds.map((each) => [each, each === tried ? 'stt/elevenlabs' : 'stt/deepgram']),
      );
      t.equal((await api('POST', `/drafts/${one.id}/canary`, { share: 1, ...WHY })).status, 422, 'it is under way');
      t.match((await api('DELETE', `/drafts/${one.id}/canary`, WHY)).body, { canary: null, state: 'valid' });
      t.equal(first(tried), 'stt/deepgram', 'back to what holds for the client');
      const named = counterIds.slice(0, 2);
      t.equal((await api('POST', `/drafts/${one.id}/canary`, { counterIds: named, ...WHY })).status, 200);
      t.match((await api('POST', `/drafts/${one.id}/discard`)).body, { state: 'discarded' });
      t.same(named.map(first), ['stt/deepgram', 'stt/deepgram'], 'who gives a draft up takes it back');

      const two = await draft();
      await api('POST', `/drafts/${two.id}/canary`, { counterIds: named, ...WHY });
      t.equal((await api('POST', `/drafts/${two.id}/activate`, WHY)).status, 200);
      t.same(counterIds.slice(0, 3).map(first), Array(3).fill('stt/elevenlabs'));
      t.equal(
        (await api('GET', `/counters/${named[0]}/providers/stt`)).body.own,
        null,
        'nothing of the trial stays behind',
      );
      t.equal(first(counterIds[3] ?? ''), 'stt/deepgram', 'a choice of its own stays');

      const [three, four] = [await draft(), await draft()];
      await api('PUT', `${mine}/providers/stt`, { use: ['stt/deepgram'], ...WHY });
      t.match(await api('POST', `/drafts/${three.id}/canary`, { share: 1, ...WHY }), {
        status: 412,
        body: { code: 'BALTO_CONFIG_STALE' },
      });
      t.equal((await api('POST', `/drafts/${four.id}/canary`, { ...WHY })).status, 400, 'which ones?');
      const foreign = { counterIds: [counterIds[3]], ...WHY };
      t.match(await api('POST', `/drafts/${(await draft()).id}/canary`, foreign), {
        status: 422,
        body: { code: 'BALTO_CONFIG_CANARY', field: 'counterIds' },
      });
      const budget = {
        clientId: balto.clientId,
        counterId: null,
        section: 'budget',
        value: { microUsd: 5, period: 'day' },
      };
      const other = await store.configDrafts.create({ ...budget, changes: [budget], author: 'cli', baseVersion: 0 });
      t.equal((await api('POST', `/drafts/${other.id}/canary`, { share: 1, ...WHY })).status, 422);
    });

    t.test('figures of today, of the month and of providers', async (t) => {
      const today = await api('GET', `/figures/today?clientId=${balto.clientId}`);
      t.match(today.body, { interactions: 2, counters: 1, employees: 0, cards: 0, speechSeconds: 6 });
      const month = await api('GET', `/figures/forecast?clientId=${balto.clientId}`);
      t.match(month, { status: 200, body: { spent: { microUsd: 3 * 385 }, forecast: null, method: /28/ } });
      const compared = await api('GET', `/figures/providers?clientId=${balto.clientId}`);
      t.match(compared.body, { utterances: 2, isAll: true });
      const [deepgram, elevenlabs] = compared.body.providers;
      t.match(deepgram, {
        address: 'stt/deepgram',
        utterances: 2,
        share: 1,
        cost: { microUsd: 770 },
        perMinute: { microUsd: 7700 },
        acceptance: { rate: 1, of: 1 },
        latencyMs: { known: 2 },
      });
      t.match([deepgram.shadow, elevenlabs.shadow], Array(2).fill({ utterances: 1, words: 3, rate: 1 / 3 }));
      const { saving } = compared.body;
      t.equal(saving.utterances, 2);
      t.ok(saving.dearest.microUsd >= saving.chosen.microUsd && saving.chosen.microUsd > 0);
      t.equal(saving.saved.microUsd, saving.dearest.microUsd - saving.chosen.microUsd);
      t.match(await api('GET', '/figures/providers?from=2026-01-01&to=2026-11-01'), {
        status: 400,
        body: { field: 'from' },
      });
      const { client } = await store.clients.create({ email: 'outra@x.br', companyName: 'Outra' });
      const outsider = apiOf(balto.url, await sessionOf(store, { clientId: client.clientId, role: 'viewer' }));
      t.match((await outsider('GET', '/figures/today')).body, { interactions: 0 }, 'one sees one’s own');
      t.equal((await outsider('GET', `/figures/providers?clientId=${balto.clientId}`)).status, 404);
      t.match((await outsider('GET', '/figures/providers')).body, { utterances: 0, providers: [] });
    });
  }),
);
