import t from 'tap';
import { Keyterms } from '../../../core/counter/keyterms.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { keptLog } from '../../helpers/provider.ts';

function arrange(limit = 10) {
  const clock = new ManualClock();
  const log = keptLog();
  const asked: string[] = [];
  const shop = { names: ['Dorflex'], isAway: false };
  const keyterms = new Keyterms({
    names: async (clientId) => {
      asked.push(clientId);
      if (shop.isAway) throw Object.assign(new Error('away'), { code: 'BALTO_STORE_AWAY' });
      return shop.names.map((name) => ({ name, substance: null }));
    },
    clock,
    log,
    limit,
  });
  return { clock, log, asked, shop, keyterms };
}

t.test('asked once for all counters of a client, again when they may have changed', async (t) => {
  const { clock, asked, shop, keyterms } = arrange();
  t.strictSame(keyterms.of('um'), []);
  await keyterms.load('um');
  await keyterms.load('um');
  t.strictSame(keyterms.of('um'), ['Dorflex']);
  t.strictSame(keyterms.of('dois'), [], 'of nobody else');
  shop.names = ['Novalgina'];
  await clock.advance(5 * 60_000);
  await keyterms.load('um');
  t.strictSame(keyterms.of('um'), ['Novalgina']);
  t.strictSame(asked, ['um', 'um']);
});

t.test('a database that is away leaves the terms as they were', async (t) => {
  const { clock, log, shop, keyterms } = arrange();
  await keyterms.load('um');
  shop.isAway = true;
  await clock.advance(5 * 60_000);
  await keyterms.load('um');
  t.strictSame(keyterms.of('um'), ['Dorflex']);
  t.match(log.lines.join(), /BALTO_STORE_AWAY/);
});

t.test('switched off, nobody is asked', async (t) => {
  const { asked, keyterms } = arrange(0);
  await keyterms.load('um');
  t.strictSame(asked, []);
});
