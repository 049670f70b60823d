import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openRetention } from '../../core/app-privacy.ts';
import { insertInteractions } from '../../core/store/interactions.ts';
import { forEachDatabase, quietLog } from '../helpers/databases.ts';
import { interaction } from '../helpers/interactions.ts';
import { ManualClock } from '../helpers/manual-clock.ts';

const LOOK_MS = 60_000;
const environment = { auditRetentionYears: 5 };

t.test('what is over its time goes by itself, and what somebody else erased leaves this journal', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const clock = new ManualClock();
    const { clientId } = (await store.clients.create({ email: 'a@a', companyName: 'Farmácia' })).client;
    const old = (id: number) =>
      interaction({ id, clientId, transcript: 'velho', timestamp: new Date('2020-01-01T00:00:00Z') });
    const gone = Promise.withResolvers<object>();
    const log = { ...quietLog, info: (fields: object) => gone.resolve(fields) };
    await store.db.system((trx) => insertInteractions(trx, [old(store.ids.nextId()), old(store.ids.nextId())]));
    const retention = openRetention({ store, environment, clock, log });
    await clock.advance(LOOK_MS);
    t.match(await gone.promise, { clients: 1, rows: 2 });
    await retention.close();
    t.equal((await store.interactions.list({ clientId }, 10)).rows.length, 0);
    t.equal(clock.pending, 0);

    // As another process would: this one has journalled and stored, and still holds the file.
    const again = openRetention({ store, environment, clock, log });
    const fresh = interaction({ id: store.ids.nextId(), clientId, transcript: 'novo' });
    await store.journal.append({ type: 'interaction', interaction: fresh, usage: [] });
    await store.drained();
    const segments = async () =>
      (await readdir(join(open.options.dataDir, 'journal'), { recursive: true })).filter((name) =>
        name.endsWith('.seg'),
      );
    t.equal((await segments()).length, 1);
    const scope = { clientId, action: 'erase' as const, scope: {}, counts: {}, unreached: [] };
    await store.lgpd.receipts.issue(scope, { actor: 'cli' });
    const rolled = Promise.withResolvers<void>();
    const settled = store.settled.bind(store);
    Object.assign(store, { settled: () => settled().then(rolled.resolve) });
    await clock.advance(LOOK_MS);
    await rolled.promise;
    await again.close();
    t.same(await segments(), []);
  }),
);
