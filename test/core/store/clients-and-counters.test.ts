import t from 'tap';
import { forEachDatabase } from '../../helpers/databases.ts';

t.test('a client registers counters with its code', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const { client, code } = await store.clients.create({ email: ' Dona@Farmacia.com ', companyName: 'Farmácia Boa' });
    t.match(code, /^\d{6}$/);
    t.equal((await store.clients.byCode(code))?.client.clientId, client.clientId);
    t.equal(await store.clients.byCode(code === '000000' ? '000001' : '000000'), null);
    t.equal((await store.clients.byEmail('dona@farmacia.com'))?.clientId, client.clientId);

    const { counter, apiKey } = await store.counters.register(client.clientId, 'Caixa 1');
    t.match(apiKey, /^bk_[\w-]{43}$/);
    t.match(await store.counters.byKey(apiKey), {
      counterId: counter.counterId,
      clientId: client.clientId,
      counterName: 'Caixa 1',
      status: 'active',
      presetVad: {},
      clientVad: {},
    });
    t.equal(await store.counters.byKey(`${apiKey.slice(0, -1)}!`), null, 'one character off');
    t.equal(await store.counters.byKey('\0bk_'), null, 'what no key looks like');
  }),
);
