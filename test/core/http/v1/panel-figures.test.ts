import { sql } from 'kysely';
import t from 'tap';
import { insertInteractions } from '../../../../core/store/interactions.ts';
import { apiOf, ownerApi } from '../../../helpers/admin-api.ts';
import { forEachDatabase } from '../../../helpers/databases.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';
import { interaction } from '../../../helpers/interactions.ts';
import { sessionOf } from '../../../helpers/people.ts';

const DAY_MS = 86_400_000;

t.test('what the panel asks for', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store } = house;
    const server = await startHttpServer(t, house);
    const owner = await ownerApi(server);
    const make = async (email: string) => (await store.clients.create({ email, companyName: email })).client.clientId;
    const [a, b] = [await make('a@x.br'), await make('b@x.br')];

    await t.test('what the gate kept out lately, by rule and product, of one client', async (t) => {
      const decision = (rule: string, name: string | null, allowed: boolean) => ({
        rule,
        ruleId: rule === 'restricao' ? 'r_1' : null,
        listVersion: '1',
        allowed,
        reason: 'x',
        candidateId: name === null ? null : 7,
        name,
      });
      const row = (clientId: string, daysAgo: number, decisions: object[] | null) =>
        interaction({
          id: store.ids.nextId(),
          clientId,
          timestamp: new Date(Date.now() - daysAgo * DAY_MS),
          decision: {},
          gate: decisions && { decisoes: decisions },
        });
      const rows = [
        row(a, 0, [decision('restricao', 'Omeprazol', false), decision('venda_livre', 'Gaze', true)]),
        row(a, 1, [decision('restricao', 'Omeprazol', false), decision('candidato_desconhecido', null, false)]),
        row(a, 20, [decision('idade', 'Mel', false)]),
        row(a, 0, null),
        row(b, 0, [decision('gravidez', 'Chá', false)]),
      ];
      await store.db.system((trx) => insertInteractions(trx, rows));
      const viewer = apiOf(server.url, await sessionOf(store, { clientId: a, role: 'viewer' }));
      const week = (await viewer('GET', `/clients/${a}/otc/blocked`)).body;
      t.match(week, {
        items: [
          { rule: 'restricao', ruleId: 'r_1', name: 'Omeprazol', productId: 7, times: 2, lastInteraction: rows[0]?.id },
          { rule: 'candidato_desconhecido', ruleId: null, name: null, productId: null, times: 1 },
        ],
        rules: [
          { rule: 'restricao', times: 2 },
          { rule: 'candidato_desconhecido', times: 1 },
        ],
        looked: 2,
      });
      t.equal(week.items.length, 2, 'nothing that passed, and nothing older');
      t.equal((await viewer('GET', `/clients/${a}/otc/blocked?days=30`)).body.items.length, 3);
      t.equal((await viewer('GET', `/clients/${b}/otc/blocked`)).status, 404);
      t.equal((await viewer('GET', `/clients/${a}/otc/blocked?days=91`)).status, 400);
    });

    await t.test('the audit’s chain: whole, then wounded; a walk serves who asks within half a minute', async (t) => {
      const admin = apiOf(server.url, await sessionOf(store, { clientId: a, role: 'admin' }));
      const whole = (await admin('GET', '/audit/chain')).body;
      t.match(whole, { ok: true, firstBroken: null, seal: 'ok', witness: 'ok' });
      t.equal(whole.rows, whole.end.seq);
      await store.db.system(async (trx) => {
        await sql`alter table audit_log disable trigger all`.execute(trx);
        await sql`update audit_log set why = 'outra coisa' where seq = 2`.execute(trx);
        await sql`alter table audit_log enable trigger all`.execute(trx);
      });
      t.equal((await owner('GET', '/audit/chain')).body.checkedAt, whole.checkedAt);
      t.equal((await owner('GET', '/audit/chain?again=true')).body.ok, false, 'who asks for it again gets it');
      house.clock.offsetMs += 31_000;
      t.match((await owner('GET', '/audit/chain')).body, { ok: false, firstBroken: { seq: 2, what: 'changed' } });
      const pharmacist = apiOf(server.url, await sessionOf(store, { clientId: a, role: 'farmaceutico' }));
      t.equal((await pharmacist('GET', '/audit/chain')).status, 403);
    });
  }),
);
