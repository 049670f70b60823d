import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import t from 'tap';
import { openDatabase } from '../../core/store/database.ts';
import { EmbeddedPostgres } from '../../core/store/embedded.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { embedded, quietLog, temporaryFolder } from '../helpers/databases.ts';

t.test('a second process on the embedded folder is told who has it', async (t) => {
  const open = await embedded(t);
  const store = await open();
  await t.rejects(open(), { code: 'BALTO_STORE_LOCKED', message: new RegExp(`processo ${process.pid} nesta máquina`) });
  t.equal((await store.clients.list()).length, 0, 'and the first goes on');
  t.equal((await stat(join(open.options.dataDir, 'postgres'))).mode & 0o077, 0);
  await store.close();
  await (await open()).close();
});

t.test('a worker that dies takes its queries with it, and a new one takes its place', async (t) => {
  const open = await embedded(t);
  const folder = join(open.options.dataDir, 'postgres');
  const engine = new EmbeddedPostgres(folder, quietLog);
  t.teardown(() => engine.close());
  const client = await engine.pool.connect();
  client.on('error', () => {});
  await client.query('begin');
  const hanging = client.query('select pg_sleep(30)');
  const worker = await engine.worker();
  const exited = once(worker, 'exit');
  await Promise.all([t.rejects(hanging, /terminated|exited/), worker.terminate(), exited]);
  client.release(true);
  t.same((await engine.pool.query('select 1 as one')).rows, [{ one: 1 }]);
});

t.test('wrong credentials refuse to start; an older Balto refuses a newer database', async (t) => {
  const url = process.env['TEST_DATABASE_URL'];
  if (url) {
    const wrong = new URL(url);
    wrong.pathname = '/no_such_database';
    const opened = openDatabase({
      url: wrong.href,
      dataDir: await temporaryFolder(t),
      log: quietLog,
      clock: systemClock,
    });
    await t.rejects(opened, { code: 'BALTO_STORE_REFUSED', field: 'DATABASE_URL' });
  }
  const open = await embedded(t);
  const store = await open();
  await sql`insert into kysely_migration values ('2999-01-01T0000_future', 'now')`.execute(store.db.kysely);
  await store.close();
  await t.rejects(open(), { code: 'BALTO_STORE_SCHEMA_NEWER' });
});
