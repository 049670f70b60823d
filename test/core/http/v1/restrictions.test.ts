import t from 'tap';
import { apiOf, ownerApi } from '../../../helpers/admin-api.ts';
import { forEachDatabase } from '../../../helpers/databases.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';
import { sessionOf } from '../../../helpers/people.ts';
import { data } from '../../pharmacy/support.ts';

const why = 'decisão do farmacêutico responsável';

t.test('restrictions', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store } = house;
    await store.config.start();
    const server = await startHttpServer(t, house);
    const owner = await ownerApi(server);
    const make = async (email: string) => (await store.clients.create({ email, companyName: email })).client.clientId;
    const a = await make('a@x.br');
    const b = await make('b@x.br');
    const pharmacist = apiOf(server.url, await sessionOf(store, { clientId: a, role: 'farmaceutico' }));
    const viewer = apiOf(server.url, await sessionOf(store, { clientId: a, role: 'viewer' }));
    const admin = apiOf(server.url, await sessionOf(store, { clientId: a, role: 'admin' }));
    const path = `/clients/${a}/restrictions`;

    t.test('the list as it holds for a client', async (t) => {
      const { status, body } = await viewer('GET', `/clients/${a}/otc`);
      t.equal(status, 200);
      t.equal(body.version, data.otc.version);
      const line = body.lines.find((each: { rule: string }) => each.rule === 'mip-omeprazol-20');
      t.match(line, {
        substances: [{ name: 'omeprazol', upTo: { value: 20, unit: 'mg' } }],
        minAgeYears: 18,
        maxDays: 14,
        validFrom: '2025-11-18',
        inForce: true,
        checked: true,
        restrictedBy: [],
        source: /IN Anvisa 404\/2025/,
      });
      t.ok(body.never.some((each: { rule: string }) => each.rule === 'nunca-tarja-preta'));
      t.equal((await viewer('GET', '/clients/ninguem/otc')).status, 404);
    });

    t.test('a pharmacist takes away; who only looks does not', async (t) => {
      const made = await pharmacist('POST', path, { kind: 'substancia', target: 'Omeprazol', why });
      t.equal(made.status, 201);
      t.match(made.body, { id: /^r_/, kind: 'substancia', target: 'Omeprazol', minAgeYears: null, why, by: /^admin:/ });
      const older = await pharmacist('POST', path, {
        kind: 'idade_minima',
        target: 'mip-ibuprofeno',
        minAgeYears: 16,
        why,
      });
      t.equal(older.status, 201);
      t.match((await viewer('GET', path)).body.items, [{ id: made.body.id }, { id: older.body.id, minAgeYears: 16 }]);
      const { lines } = (await viewer('GET', `/clients/${a}/otc`)).body;
      const of = (rule: string) => lines.find((each: { rule: string }) => each.rule === rule);
      t.same(of('mip-omeprazol-20').restrictedBy, [made.body.id]);
      t.equal(of('mip-ibuprofeno').minAgeYears, 16);
      t.equal((await viewer('POST', path, { kind: 'tag', target: 'nausea', why })).status, 403);
      t.same((await owner('GET', `/clients/${b}/restrictions`)).body.items, [], 'another client is not touched');
      const audit = await owner('GET', `/audit?clientId=${a}`);
      t.match(audit.body.items[0], { action: 'config.change', why });
    });

    t.test('nothing loosens, and what is asked for must be there', async (t) => {
      for (const [body, status, code, field] of [
        [{ kind: 'liberar', target: 'clonazepam' }, 422, 'LOOSENS', 'kind'],
        [{ kind: 'dose_maxima', target: 'mip-ibuprofeno' }, 422, 'LOOSENS', 'kind'],
        [{ kind: 'idade_minima', target: 'mip-ibuprofeno', minAgeYears: 12 }, 422, 'LOOSENS', 'minAgeYears'],
        [{ kind: 'idade_minima', target: 'mip-ibuprofeno', minAgeYears: 6 }, 422, 'LOOSENS', 'minAgeYears'],
        [{ kind: 'idade_minima', target: 'mip-ibuprofeno' }, 422, 'TARGET', 'minAgeYears'],
        [{ kind: 'idade_minima', target: 'mip-ibuprofeno', minAgeYears: 16 }, 409, 'EXISTS', 'target'],
        [{ kind: 'tag', target: 'nausea', minAgeYears: 16 }, 422, 'TARGET', 'minAgeYears'],
        [{ kind: 'tag', target: 'inventada' }, 422, 'TARGET', 'target'],
        [{ kind: 'regra', target: 'mip-nada' }, 422, 'TARGET', 'target'],
        [{ kind: 'substancia', target: 'kriptonita' }, 422, 'TARGET', 'target'],
        [{ kind: 'produto', target: 'x' }, 422, 'TARGET', 'target'],
        [{ kind: 'produto', target: '2000000000' }, 422, 'TARGET', 'target'],
        [{ kind: 'farmaceutico', target: 'nada disso' }, 422, 'TARGET', 'target'],
      ] as const) {
        const answer = await pharmacist('POST', path, { ...body, why });
        t.match(answer, { status, body: { code: `BALTO_RESTRICTION_${code}`, field } }, JSON.stringify(body));
      }
      t.equal((await pharmacist('POST', path, { kind: 'tag', target: 'nausea' })).status, 400, 'a reason is asked for');
    });

    t.test('ten at once: none is lost', async (t) => {
      const tags = ['nausea', 'diarreia', 'alergia', 'ressaca'];
      const answers = await Promise.all(tags.map((target) => pharmacist('POST', path, { kind: 'tag', target, why })));
      t.same(
        answers.map(({ status }) => status),
        tags.map(() => 201),
      );
      const { items } = (await viewer('GET', path)).body;
      t.equal(items.length, 2 + tags.length);
    });

    t.test('who goes back to an older version takes no restriction away', async (t) => {
      const { version } = (await viewer('GET', path)).body;
      const back = await admin('POST', `/versions/${version - 2}/rollback`, { clientId: a, why });
      t.equal(back.status, 200);
      t.equal((await viewer('GET', path)).body.items.length, 6);
    });

    t.test('a restriction is taken back, and the list holds again', async (t) => {
      const [first] = (await viewer('GET', path)).body.items;
      t.equal((await viewer('DELETE', `${path}/${first.id}`, { why })).status, 403);
      t.equal((await pharmacist('DELETE', `${path}/${first.id}`, { why })).status, 204);
      t.match(await pharmacist('DELETE', `${path}/${first.id}`, { why }), {
        status: 404,
        body: { code: 'BALTO_RESTRICTION_UNKNOWN' },
      });
      const { lines } = (await viewer('GET', `/clients/${a}/otc`)).body;
      t.same(lines.find((each: { rule: string }) => each.rule === 'mip-omeprazol-20').restrictedBy, []);
    });
  }),
);
