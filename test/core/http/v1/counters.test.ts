import t from 'tap';
import { everyPage, ownerApi } from '../../../helpers/admin-api.ts';
import { forEachDatabase } from '../../../helpers/databases.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';

const ANY = { 'if-match': '*' };
const WHY = { why: 'teste' };

t.test('counters', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store } = house;
    const server = await startHttpServer(t, house);
    const api = await ownerApi(server);
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'Azul' });
    const register = async (name = 'Caixa', status: 'active' | 'pending' = 'active') => {
      const { counter, apiKey } = await store.counters.register(client.clientId, name, status);
      return { path: `/counters/${counter.counterId}`, id: counter.counterId, apiKey };
    };

    t.test('one that waits is approved, renamed, tagged, and tuned', async (t) => {
      const { id, path, apiKey } = await register('Caixa 1', 'pending');
      t.match(await api('POST', `${path}/approve`, { why: 'conheço' }), { status: 200, body: { status: 'active' } });
      t.equal((await store.counters.byKey(apiKey))?.status, 'active');
      const renamed = await api(
        'PATCH',
        path,
        { name: 'Balcão 1', tags: ['noite', 'noite'], ...WHY },
        { 'if-match': '"2"' },
      );
      t.match(renamed.body, { name: 'Balcão 1', revision: 3 });
      t.same(renamed.body.tags, ['noite']);
      t.equal(renamed.headers.get('etag'), '"3"');
      const tuned = await api('PUT', `${path}/vad`, { vad: { minEnergy: 80 }, ...WHY }, { 'if-match': '"3"' });
      t.same(tuned.body.vad, { minEnergy: 80 });
      t.same((await store.counters.byKey(apiKey))?.presetVad, { minEnergy: 80 });
      t.same((await api('GET', path)).body, tuned.body);
      const [last, before] = await store.audit.list(2);
      t.match(last, {
        action: 'counter.update',
        target: `counter:${id}`,
        clientId: client.clientId,
        why: 'teste',
        before: { name: 'Balcão 1', vad: {} },
        after: { vad: { minEnergy: 80 } },
      });
      t.match(before, { before: { name: 'Caixa 1', tags: [] }, after: { name: 'Balcão 1', tags: ['noite'] } });
    });

    t.test('a lost update is a 412, also of two at once; without If-Match a 428', async (t) => {
      const { path } = await register();
      const rename = (name: string) => api('PATCH', path, { name, ...WHY }, { 'if-match': '"1"' });
      const both = await Promise.all([rename('Um'), rename('Dois')]);
      t.same(both.map(({ status }) => status).sort(), [200, 412]);
      t.equal((await api('PUT', `${path}/vad`, { vad: {}, ...WHY })).status, 428);
      t.equal((await api('PUT', `${path}/vad`, { vad: {}, ...WHY }, { 'if-match': '"1"' })).status, 412);
      t.equal((await api('POST', `${path}/revoke`, WHY, { 'if-match': '"1"' })).status, 412);
      t.equal((await api('GET', path)).body.status, 'active');
      t.equal((await api('POST', `${path}/revoke`, WHY)).status, 200, 'what is urgent needs none');
    });

    t.test('a new key is shown once; the old one is unknown; a revoked counter comes back with it', async (t) => {
      const { path, apiKey } = await register();
      await api('POST', `${path}/revoke`, WHY);
      t.equal(await store.counters.byKey(apiKey), null);
      t.match(await api('POST', `${path}/approve`, WHY), { status: 409, body: { code: 'BALTO_COUNTER_REVOKED' } });
      const rotated = await api('POST', `${path}/rotate`, { why: 'vazou' });
      t.match(rotated.body, { apiKey: /^bk_[\w-]{43}$/, counter: { status: 'active' } });
      t.equal(rotated.headers.get('cache-control'), 'no-store');
      t.equal((await store.counters.byKey(rotated.body.apiKey))?.status, 'active');
      t.equal(await store.counters.byKey(apiKey), null);
      const audit = JSON.stringify(await store.audit.list(1));
      t.match(audit, /counter\.rotate/);
      t.notOk(audit.includes(rotated.body.apiKey), 'the audit does not hold the key');
      t.notOk(JSON.stringify((await api('GET', path)).body).includes(rotated.body.apiKey));
    });

    t.test('page by page, by name and state, of one client or of all', async (t) => {
      const other = await store.clients.create({ email: 'b@x', companyName: 'Verde' });
      for (let index = 0; index < 5; index++) {
        await store.counters.register(other.client.clientId, `Loja ${index % 2}`, index < 2 ? 'pending' : 'active');
      }
      const list = `/clients/${other.client.clientId}/counters`;
      t.equal((await everyPage(t, api, `${list}?limit=2`)).length, 5);
      t.equal((await everyPage(t, api, `${list}?limit=1&status=pending`)).length, 2);
      t.equal((await everyPage(t, api, `/counters?q=loja%200`)).length, 3);
      t.equal((await everyPage(t, api, `/counters?clientId=${other.client.clientId}`)).length, 5);
      t.ok((await everyPage(t, api, '/counters?limit=3')).length > 5);
      t.equal((await api('GET', '/clients/nenhum/counters')).status, 404);
      t.match(await api('GET', '/counters?status=vivo'), { status: 400, body: { field: 'status' } });
    });

    t.test('what is wrong is named, and nothing is changed', async (t) => {
      const { path } = await register();
      const cases: [string, string, unknown, string][] = [
        ['PATCH', path, { name: '', ...WHY }, 'name'],
        ['PATCH', path, { tags: ['Noite!'], ...WHY }, 'tags.0'],
        ['PATCH', path, { tags: 'noite', ...WHY }, 'tags'],
        ['PATCH', path, { name: 'x' }, 'why'],
        ['PUT', `${path}/vad`, { vad: { minEnergy: -1 }, ...WHY }, 'vad.minEnergy'],
        ['POST', `${path}/rotate`, {}, 'why'],
      ];
      for (const [method, url, body, field] of cases) {
        t.match(await api(method, url, body, ANY), { status: 400, body: { field } }, JSON.stringify(body));
      }
      t.equal((await api('GET', path)).body.revision, 1);
      for (const verb of ['approve', 'suspend', 'revoke', 'rotate']) {
        t.equal((await api('POST', `/counters/nenhum/${verb}`, WHY)).status, 404);
      }
    });

    t.test('the routes that existing tools call', async (t) => {
      const owner = await store.clients.create({ email: 'c@x', companyName: 'Rosa' });
      const { counter } = await store.counters.register(owner.client.clientId, 'Caixa');
      const vad = { threshold_multiplier: 2, min_energy_threshold: 90, alpha: 0.1, silence_frames_needed: 20 };
      const frames = { segment_limit_frames: 300, overlap_frames: 20 };
      const url = `/api/admin/balcao/${counter.counterId}/vad`;
      await store.counterChanges.update(counter.counterId, { vad: { vadOn: 0.7 } }, { actor: 'cli' });
      const updated = await api('PUT', url, { ...vad, ...frames });
      const vad_config = { ...vad, ...frames, vad_on: 0.7 };
      t.same(
        updated.body,
        { status: 'updated', balcao_id: counter.counterId, vad_config },
        'what they do not know stays',
      );
      for (const user_codigo of [owner.code, owner.client.clientId]) {
        t.same((await api('GET', `/api/admin/client/${user_codigo}/balcoes`)).body, {
          cliente: 'Rosa',
          balcoes: [{ balcao_id: counter.counterId, nome_balcao: 'Caixa', vad_config }],
        });
      }
      t.same((await api('PUT', url, { min_energy: 70 })).body.vad_config, { vad_on: 0.7, min_energy_threshold: 70 });
      const wrong = await api('PUT', url, { alpha: 2 });
      t.match(wrong, { status: 400, body: { error: /alpha/, field: 'alpha' } });
      t.equal((await api('PUT', '/api/admin/balcao/nenhum/vad', vad)).status, 404);
      t.equal((await api('GET', '/api/admin/client/000000/balcoes')).status, 404);
    });
  }),
);
