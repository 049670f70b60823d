import t from 'tap';
import { apiOf, everyPage, ownerApi } from '../../../helpers/admin-api.ts';
import { forEachDatabase } from '../../../helpers/databases.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';
import { interaction, usage } from '../../../helpers/interactions.ts';
import { sessionOf } from '../../../helpers/people.ts';

const why = 'contrato novo';
const price = {
  provider: 'stt/acme',
  model: '*',
  of: 'audio_in',
  unit: 'second',
  microUsd: 60,
  per: 60,
  source: 'contrato',
};

t.test('money', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    await house.store.config.start();
    const server = await startHttpServer(t, house);
    const { store, clock } = house;
    clock.offsetMs = Date.parse('2026-11-21T15:00:00Z') - Date.now();
    const api = await ownerApi(server);
    const made = [];
    for (const email of ['a@x.br', 'b@x.br'])
      made.push((await store.clients.create({ email, companyName: email })).client);
    const [a, b] = made.map(({ clientId }) => clientId) as [string, string];
    const { counter } = await store.counters.register(a, 'Caixa 1');
    const admin = apiOf(server.url, await sessionOf(store, { clientId: a, role: 'admin' }));
    const viewer = apiOf(server.url, await sessionOf(store, { clientId: a, role: 'viewer' }));
    const spend = async (clientId: string, costMicroUsd: number, at: string, provider = 'stt/acme:big') => {
      const id = store.ids.nextId();
      const line = usage({
        clientId,
        counterId: counter.counterId,
        interactionId: id,
        provider,
        quantity: 60,
        costMicroUsd,
        at: new Date(at),
      });
      await store.journal.append({
        type: 'interaction',
        interaction: interaction({ id, clientId, costMicroUsd }),
        usage: [line],
      });
    };
    await spend(a, 60, '2026-11-02T12:00:00Z');
    await spend(a, 60, '2026-11-20T12:00:00Z');
    await spend(a, 40, '2026-11-20T12:00:00Z', 'llm/acme');
    await spend(b, 500, '2026-11-20T12:00:00Z');
    await spend(a, 7, '2026-10-31T12:00:00Z');
    await store.drained();

    t.test('costs by day, provider, counter and client, in dollars and reais', async (t) => {
      const days = await api('GET', `/costs?client=${a}`);
      t.equal(days.status, 200);
      t.match(days.body, {
        from: '2026-11-01',
        to: '2026-11-21',
        exchange: { brlPerUsd: 5.36, from: '2025-11-03' },
        next: null,
      });
      t.same(
        days.body.items.map((each: { key: string; cost: object }) => [each.key, each.cost]),
        [
          ['2026-11-02', { microUsd: 60, usd: 0.00006, brl: 0.000322 }],
          ['2026-11-20', { microUsd: 100, usd: 0.0001, brl: 0.000536 }],
        ],
      );
      t.match(days.body.total, { cost: { microUsd: 160 }, audioSeconds: 180, shadow: { microUsd: 0 } });
      const clients = await api('GET', '/costs?by=client&from=2026-10-01&to=2026-11-30');
      t.same(
        new Set(
          clients.body.items.map(
            (each: { name: string; cost: { microUsd: number } }) => `${each.name} ${each.cost.microUsd}`,
          ),
        ),
        new Set(['a@x.br 167', 'b@x.br 500']),
      );
      t.match((await api('GET', `/costs?by=counter&counter=${counter.counterId}`)).body.items, [
        { key: counter.counterId, name: 'Caixa 1', cost: { microUsd: 660 } },
      ]);
      t.match((await api('GET', '/costs?by=provider&provider=llm/acme')).body.items, [
        { key: 'llm/acme', name: null, cost: { microUsd: 40 } },
      ]);
      t.equal(
        (
          await everyPage(
            t,
            async (...asked) => {
              const answer = await api(...asked);
              return {
                ...answer,
                body: {
                  ...answer.body,
                  items: answer.body.items.map((each: { key: string }) => ({ ...each, id: each.key })),
                },
              };
            },
            '/costs?limit=1',
          )
        ).length,
        2,
      );
      for (const query of [
        'from=2026-02-30',
        'from=2026-11-10&to=2026-11-01',
        'from=2020-01-01',
        'by=vendor',
        'from=ontem',
        'cursor=x',
        `client=${'x'.repeat(80)}`,
      ]) {
        t.equal((await api('GET', `/costs?${query}`)).status, 400, query);
      }
    });

    t.test('whoever works for one client sees its costs and no others', async (t) => {
      t.match((await viewer('GET', '/costs?by=client')).body, {
        items: [{ key: a }],
        total: { cost: { microUsd: 160 } },
      });
      t.equal((await viewer('GET', `/costs?client=${b}`)).status, 404);
      t.equal((await viewer('GET', '/costs?by=client&counter=nada')).body.items.length, 0);
    });

    t.test('prices stand over those that ship, and are the platform’s to change', async (t) => {
      const before = await viewer('GET', '/prices');
      t.match(before.body, { book: '2026-11-21', own: null, corrections: [] });
      t.ok(before.body.prices.length > 30);
      t.equal((await admin('PUT', '/prices', { prices: [], why })).status, 403);
      const wrong = await api('PUT', '/prices', { prices: [{ ...price, from: 'ontem' }], why });
      t.equal(wrong.status, 400);
      t.match(wrong.body.field, /prices.*from/);
      const put = await api('PUT', '/prices', { prices: [{ ...price, microUsd: 6, from: '2026-11-10' }], why });
      t.equal(put.status, 200);
      t.match(put.body.own.prices, [{ provider: 'stt/acme', microUsd: 6 }]);
      t.match(put.body.book, /^2026-11-21\+/);
      t.equal(put.headers.get('etag'), `"${put.body.version}"`);
      const stale = await api('PUT', '/prices', { prices: [], why }, { 'if-match': before.headers.get('etag') ?? '' });
      t.equal(stale.status, 412, 'a lost update');
      for (let tries = 0; tries < 200; tries++) {
        const [newest] = (await api('GET', '/prices')).body.corrections;
        if (newest?.rows === 2) break;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      t.match((await api('GET', '/prices')).body.corrections, [
        { since: '2026-11-10', providers: ['stt/acme'], rows: 2, microUsd: -548 },
      ]);
      t.match((await api('GET', `/costs?client=${a}`)).body.total.cost, { microUsd: 106 });
      t.match((await api('DELETE', '/prices', { why })).body, { own: null, book: '2026-11-21' });
    });

    t.test('a budget is the client’s to set, and says how it stands', async (t) => {
      t.match((await viewer('GET', `/clients/${a}/budget`)).body, { own: null, now: null });
      t.equal((await viewer('PUT', `/clients/${a}/budget`, { microUsd: 1000, period: 'month', why })).status, 403);
      t.equal((await admin('PUT', `/clients/${b}/budget`, { microUsd: 1000, period: 'month', why })).status, 404);
      const put = await admin('PUT', `/clients/${a}/budget`, { microUsd: 1000, period: 'month', stop: true, why });
      t.equal(put.status, 200);
      t.match(put.body, { own: { microUsd: 1000, stop: true }, changed: true, warnings: [] });
      t.match((await viewer('GET', `/clients/${a}/budget`)).body.now, {
        state: 'ok',
        since: '2026-11-01',
        of: { microUsd: 1000, brl: 0.00536 },
        exchange: { brlPerUsd: 5.36 },
      });
      const wrong = await admin('PUT', `/clients/${a}/budget`, { microUsd: 0, period: 'week', why });
      t.equal(wrong.status, 400);
      t.equal((await admin('PUT', `/clients/${a}/budget`, { microUsd: 5, period: 'day' })).body.field, 'why');
      const global = await api('PUT', '/global/budget', { microUsd: 77, period: 'day', why });
      t.match(global.body, { own: { microUsd: 77 }, now: null });
      t.match(
        (await api('DELETE', `/clients/${a}/budget`, { why })).body,
        { own: null, now: { budget: { microUsd: 77 } } },
        'what holds for everyone shows through',
      );
      t.match((await store.audit.list(1))[0], { action: 'config.change', clientId: a, why });
    });

    t.test('limits are the platform’s: nobody loosens his own, by no way', async (t) => {
      const limits = { counters: 3, requests: { admin: { minute: 100 } } };
      t.equal((await admin('PUT', `/clients/${a}/limits`, { ...limits, why })).status, 403);
      const loose = await api('PUT', `/clients/${a}/limits`, { counters: 500, why });
      t.match(loose.body, { own: { counters: 500 }, changed: true });
      const put = await api('PUT', `/clients/${a}/limits`, { ...limits, why });
      t.match(put.body, { own: limits });
      t.match((await viewer('GET', `/clients/${a}/limits`)).body, { own: limits });
      t.equal((await api('PUT', `/clients/${a}/limits`, { counters: -1, why })).status, 400);
      t.equal((await api('PUT', `/clients/${a}/limits`, { balcoes: 1, why })).status, 400);
      const back = await admin('POST', `/versions/${loose.body.version}/rollback`, { clientId: a, why });
      t.equal(back.status, 200);
      t.match(
        (await viewer('GET', `/clients/${a}/limits`)).body,
        { own: limits },
        'going back to a looser version leaves them',
      );
      t.equal((await api('POST', `/versions/${loose.body.version}/rollback`, { clientId: a, why })).status, 200);
      t.match((await viewer('GET', `/clients/${a}/limits`)).body, { own: { counters: 500 } }, 'the platform may');
    });
  }),
);
