import t from 'tap';
import { EMULATOR_KEY, startDeepgram, startElevenLabs } from '../../../emulators/index.ts';
import { Coverage } from '../../../emulators/listening/coverage.ts';
import { wavReference } from '../../../emulators/listening/references.ts';
import { type ApiAnswer, apiOf, everyPage } from '../../../helpers/admin-api.ts';
import { runBalto, storeEnv, vendorEnv } from '../../../helpers/balto.ts';
import { forEachDatabase } from '../../../helpers/databases.ts';

const WHY = { why: 'contrato novo' };
const WRONG_KEY = 'chave-errada-de-verdade-0042';

const addresses = ({ body }: ApiAnswer) => body.use.map(({ address }: { address: string }) => address);

t.test('the configuration over REST', (t) =>
  forEachDatabase(t, async (t, open) => {
    const listening = new Coverage(await wavReference());
    const vendors = {
      deepgram: await startDeepgram({ listening }),
      elevenlabs: await startElevenLabs({ listening }),
    };
    for (const vendor of Object.values(vendors)) t.teardown(() => vendor.close());
    const balto = await runBalto(t, { ...storeEnv(open), ...vendorEnv(vendors), SMART_ROUTING_ENABLED: '0' });
    const { store, providers } = balto.balto;
    const api = apiOf(balto.url, await balto.login());
    const mine = `/clients/${balto.clientId}`;
    const stt = `${mine}/providers/stt`;
    const inForce = (counterId: string | null = balto.counterId) =>
      providers.configuration.for(balto.clientId, counterId).configured.stt.map(({ address }) => address);

    t.test('one call switches a client; what is more, it says so', async (t) => {
      const before = await api('GET', stt);
      t.match(before.body, { kind: 'stt', own: null, layer: 'environment' });
      t.same(addresses(before), ['stt/deepgram', 'stt/elevenlabs']);
      const put = await api('PUT', stt, { use: ['stt/elevenlabs', 'stt/deepgram'], ...WHY, activate: true });
      t.match(put, { status: 200, body: { changed: true, layer: 'client', version: before.body.version + 1 } });
      t.same(addresses(put), ['stt/elevenlabs', 'stt/deepgram']);
      t.equal(put.headers.get('etag'), `"${put.body.version}"`);
      t.same(inForce(), ['stt/elevenlabs', 'stt/deepgram'], 'in force when the answer comes');
      t.same(addresses(await api('GET', '/global/providers/stt')), ['stt/deepgram', 'stt/elevenlabs']);
      const own = await api('PUT', `/counters/${balto.counterId}/providers/stt`, { use: ['stt/deepgram'], ...WHY });
      t.match(own.body, { layer: 'counter' });
      t.same([inForce(), inForce(null)], [['stt/deepgram'], ['stt/elevenlabs', 'stt/deepgram']]);
      const gone = await api('DELETE', `/counters/${balto.counterId}/providers/stt`, WHY);
      t.match(gone.body, { layer: 'client', own: null, changed: true });
      t.same(inForce(), ['stt/elevenlabs', 'stt/deepgram']);
      const [last] = await store.audit.list(1);
      t.match(last, { actor: 'admin:owner', action: 'config.change', clientId: balto.clientId, why: 'contrato novo' });
    });

    t.test('a lost update is a 412; a change elsewhere is none', async (t) => {
      const { headers } = await api('GET', stt);
      const etag = { 'if-match': headers.get('etag') ?? '' };
      await api('PUT', '/global/providers/llm', { use: [], ...WHY });
      t.equal((await api('PUT', stt, { use: ['stt/deepgram'], ...WHY }, etag)).status, 200, 'another section changed');
      const lost = await api('PUT', stt, { use: ['stt/elevenlabs'], ...WHY }, etag);
      t.match(lost, { status: 412, body: { code: 'BALTO_CONFIG_STALE', field: 'providers.stt' } });
      t.equal((await api('PUT', stt, { use: ['stt/elevenlabs'], ...WHY }, { 'if-match': '"99999"' })).status, 412);
      t.same(inForce(), ['stt/deepgram']);
    });

    t.test('what is wrong is named and changes nothing; what is right elsewhere goes on', async (t) => {
      const { version } = (await api('GET', stt)).body;
      const cases: [unknown, RegExp][] = [
        [{ use: ['stt/nenhum'], ...WHY }, /use/],
        [{ use: ['llm/openai'], ...WHY }, /use/],
        [{ use: ['stt/deepgram'], settings: { 'stt/deepgram': { model: 5 } }, ...WHY }, /settings/],
        [{ use: 'stt/deepgram', ...WHY }, /use/],
        [{ use: ['stt/deepgram'] }, /why/],
        [{ usar: ['stt/deepgram'], ...WHY }, /usar/],
      ];
      for (const [body, field] of cases) {
        t.match(await api('PUT', stt, body), { status: 400, body: { field } }, JSON.stringify(body));
      }
      t.equal((await api('PUT', `${mine}/providers/fax`, { use: [], ...WHY })).status, 400);
      t.equal((await api('GET', '/clients/nenhum/providers/stt')).status, 404);
      t.equal((await api('GET', stt)).body.version, version);
    });

    t.test('a key is tried, kept sealed, shown by its end, and let go only when nobody uses it', async (t) => {
      const url = `${mine}/credentials`;
      const wrong = await api('POST', `${url}/deepgram`, { label: 'ruim', credential: { apiKey: WRONG_KEY }, ...WHY });
      t.match(wrong, { status: 422, body: { code: 'BALTO_CREDENTIAL_REFUSED', field: 'credential' } });
      t.notOk(JSON.stringify(wrong.body).includes(WRONG_KEY));
      t.same((await api('GET', url)).body.items, []);
      const input = { label: 'da loja', credential: { apiKey: EMULATOR_KEY }, ...WHY };
      const added = await api('POST', `${url}/deepgram`, input);
      const lastFour = EMULATOR_KEY.slice(-4);
      t.match(added, { status: 201, body: { credential: { vendor: 'deepgram', lastFour, probeCode: 'ok' } } });
      t.equal(providers.configuration.for(balto.clientId, null).provider('stt/deepgram')?.tenant, balto.clientId);
      t.equal((await api('POST', `${url}/deepgram`, input)).status, 409, 'the same key twice');
      const { id } = added.body.credential;
      t.match(await api('POST', `/credentials/${id}/disable`, WHY), {
        status: 409,
        body: { code: 'BALTO_CREDENTIAL_IN_USE' },
      });
      t.equal((await api('PUT', `${url}/deepgram`, { ids: null, ...WHY })).status, 200);
      t.match((await api('POST', `/credentials/${id}/disable`, WHY)).body, { id, disabledAt: String });
      t.equal((await everyPage(t, api, `${url}?limit=1`)).length, 1);
      const told = JSON.stringify([added.body, (await api('GET', url)).body, await store.audit.list(20)]);
      t.notOk(told.includes(EMULATOR_KEY) || told.includes(WRONG_KEY), 'nobody is shown a key');
      t.match(await api('POST', `${url}/deepgram`, { ...input, credential: {} }), {
        status: 400,
        body: { field: /apiKey/ },
      });
      t.equal((await api('POST', `${url}/ninguem`, input)).status, 404);
    });

    t.test('a vendor that refuses its key does not keep other changes from being made', async (t) => {
      const kept = await api('POST', `${mine}/credentials/deepgram`, {
        label: 'sem teste',
        credential: { apiKey: WRONG_KEY },
        probe: false,
        use: 'none',
        ...WHY,
      });
      t.match(kept, { status: 201, body: { version: null, credential: { probeCode: null } } });
      const ids = [kept.body.credential.id];
      const refused = await api('PUT', `${mine}/credentials/deepgram`, { ids, ...WHY });
      t.equal(refused.status, 400, 'it is asked at the vendor before it is used');
      const other = await api('PUT', `${mine}/providers/tts`, { use: ['tts/elevenlabs'], ...WHY });
      t.equal(other.status, 200);
    });

    t.test('a draft is validated, kept, put in force once', async (t) => {
      const kept = await api('PUT', stt, { use: ['stt/elevenlabs'], ...WHY, activate: false });
      t.match(kept, { status: 201, body: { draft: { state: 'valid', clientId: balto.clientId } } });
      t.same(inForce(), ['stt/deepgram'], 'not yet');
      const { id } = kept.body.draft;
      t.ok((await everyPage(t, api, `/drafts?limit=1&clientId=${balto.clientId}`)).some((each) => each.id === id));
      const activated = await api('POST', `/drafts/${id}/activate`, WHY);
      t.equal(activated.status, 200);
      t.same(inForce(), ['stt/elevenlabs']);
      t.match((await api('GET', `/drafts/${id}`)).body, { state: 'active', activatedVersion: activated.body.version });
      t.equal((await api('POST', `/drafts/${id}/activate`, WHY)).status, 409);
      const second = (await api('PUT', stt, { use: ['stt/deepgram'], ...WHY, activate: false })).body.draft;
      t.match((await api('POST', `/drafts/${second.id}/discard`)).body, { state: 'discarded' });
      t.equal((await api('POST', `/drafts/${second.id}/activate`, WHY)).status, 409);
      const wrong = await api('PUT', stt, { use: ['stt/nenhum'], ...WHY, activate: false });
      t.match(wrong.body, { draft: { state: 'refused', validation: { errors: [{ field: /use/ }] } } });
      t.equal((await api('POST', '/drafts/nenhum/activate', WHY)).status, 404);
    });

    t.test('versions, what they changed, and the way back', async (t) => {
      const now = (await api('GET', stt)).body.version;
      await api('PUT', stt, { use: ['stt/deepgram'], ...WHY });
      const version = await api('GET', `/versions/${now + 1}`);
      t.match(version.body, {
        kind: 'change',
        actor: 'admin:owner',
        why: 'contrato novo',
        changes: [{ section: 'providers.stt', before: { use: ['stt/elevenlabs'] }, after: { use: ['stt/deepgram'] } }],
      });
      const back = await api('POST', `/versions/${now}/rollback`, { clientId: balto.clientId, why: 'não deu certo' });
      t.match(back, { status: 200, body: { version: now + 2 } });
      t.same(inForce(), ['stt/elevenlabs']);
      t.match((await api('GET', `/versions/${now + 2}`)).body, { kind: 'rollback', rolledBackTo: now });
      const listed = (await api('GET', `/versions?limit=2&clientId=${balto.clientId}`)).body;
      t.same(
        listed.items.map((each: { version: number }) => each.version),
        [now + 2, now + 1],
      );
      t.match((await api('GET', `/versions?limit=2&cursor=${listed.next}`)).body.items[0].version, now);
      t.equal((await api('POST', '/versions/99999/rollback', { why: 'x' })).status, 404);
      t.match((await api('GET', '/config/status')).body, {
        version: now + 2,
        processes: [{ own: true, version: now + 2, stale: false }],
        staleSince: null,
      });
    });

    t.test('what is installed, how it is, and whether its keys work', async (t) => {
      const listed = (await api('GET', '/providers?kind=stt')).body.items;
      const deepgram = listed.find(({ address }: { address: string }) => address === 'stt/deepgram');
      t.match(deepgram, {
        kind: 'stt',
        canProbe: true,
        capabilities: { streaming: true },
        settings: { properties: { model: {} } },
        vendor: { id: 'deepgram', region: String, credential: { properties: { apiKey: {} } } },
      });
      t.match(deepgram.tier, /^(bronze|prata|ouro|platina|silver|gold|platinum)$/);
      const probe = await api('POST', '/providers/stt/deepgram/probe', {});
      t.match(probe.body, { canProbe: true, missing: null, keys: [{ ok: true, code: null }] });
      t.equal((await api('POST', '/providers/stt/nenhum/probe', {})).status, 404);
      t.same((await api('GET', '/providers/health')).status, 200);
    });
  }),
);
