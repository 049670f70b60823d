import t from 'tap';
import { everyPage, ownerApi } from '../../../helpers/admin-api.ts';
import { forEachDatabase } from '../../../helpers/databases.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';

t.test('clients', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const server = await startHttpServer(t, house);
    const api = await ownerApi(server);
    let made = 0;
    const create = async (companyName = `Farmácia ${++made}`) =>
      (await api('POST', '/clients', { email: `loja${++made}@farmacia.com.br`, companyName })).body;

    t.test('is made with its code, read, changed, and every change is in the audit', async (t) => {
      const email = 'Dona@Farmacia.com.br';
      const created = await api('POST', '/clients', { email, companyName: 'Farmácia Azul', phone: '11 99999-0042' });
      t.equal(created.status, 201);
      t.match(created.body, { client: { companyName: 'Farmácia Azul', email, revision: 1 }, code: /^\d{6}$/ });
      const { id } = created.body.client;
      t.equal(created.headers.get('location'), `/api/v1/clients/${id}`);
      const read = await api('GET', `/clients/${id}`);
      t.equal(read.headers.get('etag'), '"1"');
      t.equal(read.headers.get('cache-control'), 'no-store');
      t.same(read.body, created.body.client);
      const change = {
        companyName: 'Farmácia Verde',
        phone: null,
        vad: { thresholdMultiplier: 2 },
        why: 'mudou de dono',
      };
      const changed = await api('PATCH', `/clients/${id}`, change, { 'if-match': '"1"' });
      t.equal(changed.status, 200);
      t.equal(changed.headers.get('etag'), '"2"');
      t.match(changed.body, { companyName: 'Farmácia Verde', email, phone: null, revision: 2 });
      t.same(changed.body.vad, { thresholdMultiplier: 2 }, 'no default is stored with it');
      const [last] = await house.store.audit.list(1);
      t.match(last, {
        actor: 'admin:owner',
        action: 'client.update',
        target: `client:${id}`,
        clientId: id,
        why: 'mudou de dono',
        before: { companyName: 'Farmácia Azul', email: 'D***@Farmacia.com.br', phone: '***42' },
        after: { companyName: 'Farmácia Verde', phone: null, vad: { thresholdMultiplier: 2 } },
      });
    });

    t.test('two who change what they read: the second is told, and changes nothing', async (t) => {
      const { client } = await create();
      const path = `/clients/${client.id}`;
      const rename = (companyName: string, ifMatch?: string) =>
        api('PATCH', path, { companyName, why: 'teste' }, ifMatch === undefined ? {} : { 'if-match': ifMatch });
      const both = await Promise.all([rename('Um', '"1"'), rename('Dois', '"1"')]);
      t.same(both.map(({ status }) => status).sort(), [200, 412]);
      const winner = both.find(({ status }) => status === 200)?.body.companyName;
      t.equal((await api('GET', path)).body.companyName, winner);
      const absent = await rename('Três');
      t.match(absent, { status: 428, body: { code: 'BALTO_HTTP_IF_MATCH', field: 'If-Match' } });
      t.match(await rename('Três', '"lixo"'), { status: 412, body: { code: 'BALTO_HTTP_STALE' } });
      t.equal((await rename('Três', 'W/"2"')).status, 200, 'a proxy that compresses weakens the tag');
      t.equal((await rename('Quatro', '*')).status, 200);
    });

    t.test('page by page, searched', async (t) => {
      for (let index = 0; index < 7; index++) await create(`Drogaria ${index % 3}`);
      const found = await everyPage(t, api, '/clients?q=drogaria&limit=2');
      t.equal(found.length, 7);
      t.equal((await everyPage(t, api, '/clients?q=%25')).length, 0, 'a percent sign is a percent sign');
      t.equal((await api('GET', '/clients?q=LOJA')).body.items.length > 0, true, 'also by e-mail, in any case');
      for (const cursor of ['lixo', Buffer.from('["a\\u0000","b"]').toString('base64url')]) {
        t.match(await api('GET', `/clients?cursor=${cursor}`), { status: 400, body: { field: 'cursor' } });
      }
      t.match(await api('GET', '/clients?limit=0'), { status: 400, body: { field: 'limit' } });
    });

    t.test('a new code; the one before registers nobody', async (t) => {
      const { client, code } = await create();
      const renewed = await api('POST', `/clients/${client.id}/code`);
      t.match(renewed, { status: 200, body: { code: /^\d{6}$/, expiresInHours: 24 } });
      t.equal((await house.store.clients.byCode(renewed.body.code))?.client.clientId, client.id);
      if (renewed.body.code !== code) t.equal(await house.store.clients.byCode(code), null);
      t.match((await house.store.audit.list(1))[0], { action: 'client.code', clientId: client.id });
      t.equal((await api('POST', '/clients/nenhum/code')).status, 404);
    });

    t.test('what is wrong is named, in Portuguese', async (t) => {
      const { client } = await create();
      const patch = (body: unknown) => api('PATCH', `/clients/${client.id}`, body, { 'if-match': '*' });
      const cases: [unknown, string, RegExp][] = [
        [{ companyName: 'x' }, 'why', /obrigatório/],
        [{ companyName: ' ', why: 'x' }, 'companyName', /inválido/],
        [{ companyName: 1, why: 'x' }, 'companyName', /inválido/],
        [{ compnyName: 'x', why: 'x' }, 'compnyName', /desconhecido/],
        [{ vad: { thresholdMultiplier: 99 }, why: 'x' }, 'vad.thresholdMultiplier', /<= 20/],
        [{ vad: { thresholdMultiplier: '2' }, why: 'x' }, 'vad.thresholdMultiplier', /esperado: number/],
        [{ vad: { volume: 1 }, why: 'x' }, 'vad.volume', /desconhecido/],
      ];
      for (const [body, field, error] of cases) {
        const answer = await patch(body);
        t.match(answer, { status: 400, body: { field, error, code: 'BALTO_HTTP_FIELD' } }, JSON.stringify(body));
        t.match(answer.headers.get('content-type'), 'application/problem+json');
      }
      const taken = await patch({ email: (await create()).client.email, why: 'x' });
      t.match(taken, { status: 409, body: { code: 'BALTO_CLIENT_EMAIL_TAKEN', field: 'email' } });
      t.equal((await api('GET', `/clients/${client.id}`)).body.revision, 1, 'nothing was changed');
      t.equal((await api('GET', '/clients/nenhum')).status, 404);
    });
  }),
);
