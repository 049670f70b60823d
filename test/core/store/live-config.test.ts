import type { Duplex } from 'node:stream';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { sectionsOf } from '../../../core/store/config-snapshot.ts';
import type { ConfigChange } from '../../../core/store/config-table.ts';
import type { Store } from '../../../core/store/index.ts';
import { forEachDatabase, postgres } from '../../helpers/databases.ts';
import { deafToNotify } from '../../helpers/deaf-to-notify.ts';
import { TcpProxy } from '../../helpers/tcp-proxy.ts';

const by = { actor: 'admin:ana' };
const limits = (counters: number): ConfigChange[] => [
  { clientId: null, counterId: null, section: 'limits', value: { counters } },
];
const countersOf = ({ config }: Store) => sectionsOf(config.snapshot(), null, null).get('limits');

/** Milliseconds until a store applies a version. */
async function applies(store: Store, version: number): Promise<number> {
  const startedAt = performance.now();
  while (store.config.version < version) {
    if (performance.now() - startedAt > 10_000) throw new Error(`still at ${store.config.version}, not ${version}`);
    await new Promise((done) => setTimeout(done, 5));
  }
  return performance.now() - startedAt;
}

t.test('on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const { config, configVersions, credentials } = store;
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'A' });
    await config.start();

    t.test('what this process writes is in force here when that returns to it', async (t) => {
      t.equal(config.version, 0);
      const applied = new Promise((done) => config.once('applied', done));
      const { version } = await configVersions.activate({ ...by, changes: limits(3) });
      t.match(await applied, { version });
      t.same(countersOf(store), { counters: 3 });
      t.match(config.status(), { version, staleSince: null });
    });

    t.test('what a version does not touch is the same object in the next', async (t) => {
      const ofClient = (section: string, value: object | null): ConfigChange => ({
        clientId: client.clientId,
        counterId: null,
        section,
        value,
      });
      await configVersions.activate({ ...by, changes: [ofClient('limits', { counters: 1 })] });
      await config.refresh();
      const before = config.snapshot();
      await configVersions.activate({ ...by, changes: limits(4) });
      await config.refresh();
      const after = config.snapshot();
      t.not(before, after);
      t.equal(sectionsOf(before, client.clientId, null), sectionsOf(after, client.clientId, null));
      t.not(sectionsOf(before, null, null), sectionsOf(after, null, null));
      t.same(sectionsOf(before, null, null).get('limits'), { counters: 3 }, 'and the old one stays as it was');
      await configVersions.activate({ ...by, changes: [ofClient('limits', null)] });
      await config.refresh();
      t.equal(sectionsOf(config.snapshot(), client.clientId, null).size, 0);
      t.equal(
        sectionsOf(config.snapshot(), client.clientId, null),
        sectionsOf(config.snapshot(), 'somebody else', null),
        'whoever has nothing of its own shares it',
      );
    });

    t.test('keys that a section names are opened; the others are not kept', async (t) => {
      const key = await credentials.add(
        {
          clientId: null,
          vendor: 'acme',
          label: 'principal',
          credential: { apiKey: 'sk-0123456789abcdef' },
          secret: 'sk-0123456789abcdef',
        },
        by,
      );
      t.equal(config.snapshot().credentials.size, 0);
      const ids = [key.id, 'gone'];
      const named = { clientId: null, counterId: null, section: 'credentials.acme', value: { ids } };
      await configVersions.activate({ ...by, changes: [named] });
      await config.refresh();
      const opened = config.snapshot().credentials;
      t.match(opened.get(key.id), { credential: { apiKey: 'sk-0123456789abcdef' }, problem: null });
      t.match(opened.get('gone'), { credential: null, problem: /não existe/u });
      await configVersions.activate({ ...by, changes: [{ ...named, value: null }] });
      await config.refresh();
      t.equal(config.snapshot().credentials.size, 0);
    });

    t.test('a process says what it applies and how many sessions it has of each version', async (t) => {
      config.countSessions(() => ({ '2': 3 }));
      t.match(await config.processes(), [
        { version: config.version, pid: process.pid, own: true, silent: false, sessions: { 2: 3 } },
      ]);
    });

    t.test('a database that was restored is read anew', async (t) => {
      const { version } = config;
      await store.db.system((trx) => trx.deleteFrom('config_versions').where('version', '>', 1).execute());
      await config.refresh();
      t.ok(version > 1);
      t.equal(config.version, 1, 'a number below ours');
      t.same(countersOf(store), { counters: 3 });
      await sql`update config_items set value = '{"counters":7}'`.execute(store.db.kysely);
      await config.reload();
      t.same(countersOf(store), { counters: 7 }, 'also under the same number, when told');
    });

    t.test('who comes later finds everything in force from the first moment', async (t) => {
      await config.close();
      t.same(await store.db.system((trx) => trx.selectFrom('config_applied').selectAll().execute()), [], 'signed off');
      if (open.kind === 'embedded') return;
      const late = await open();
      await late.config.start();
      t.same(countersOf(late), { counters: 7 });
    });
  }),
);

const server = process.env['TEST_DATABASE_URL'];
const skip = server ? false : 'TEST_DATABASE_URL is not set: not run on a real Postgres';

/** A door to the database of a test. */
async function throughProxy(t: Test, databaseUrl: string, censor?: () => Duplex) {
  const url = new URL(databaseUrl);
  const proxy = new TcpProxy({ host: url.hostname, port: Number(url.port) }, censor);
  await proxy.open();
  t.teardown(() => proxy.shut());
  url.port = String(proxy.port);
  return { proxy, url: url.href };
}

t.test('between processes', { skip }, async (t) => {
  const open = await postgres(t, server ?? '');
  const writer = await open();
  const reader = await open();
  await writer.config.start();
  await reader.config.start();
  const listening = async (isListening: boolean) => {
    while (reader.config.status().listening !== isListening) await new Promise((done) => setTimeout(done, 5));
  };

  t.test('a change is announced', async (t) => {
    await listening(true);
    const { version } = await writer.configVersions.activate({ ...by, changes: limits(1) });
    const ms = await applies(reader, version);
    t.comment(`announced: ${ms.toFixed(1)} ms`);
    t.ok(ms < 300, 'sooner than anybody asks');
    t.same(countersOf(reader), { counters: 1 });
  });

  t.test('a connection that is cut stands again by itself', async (t) => {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'balto balto_config'`.execute(writer.db.kysely);
    await listening(false);
    await listening(true);
    const { version } = await writer.configVersions.activate({ ...by, changes: limits(9) });
    t.ok((await applies(reader, version)) < 300);
  });
});

t.test('with announcements kept back a change is found by asking, within a second', { skip }, async (t) => {
  const open = await postgres(t, server ?? '');
  const { proxy, url } = await throughProxy(t, open.options.url ?? '', deafToNotify);
  const writer = await open();
  const reader = await open({ url });
  await reader.config.start();
  const times: number[] = [];
  for (let counters = 1; counters < 8; counters++) {
    const { version } = await writer.configVersions.activate({ ...by, changes: limits(counters) });
    times.push(await applies(reader, version));
    t.same(countersOf(reader), { counters });
  }
  t.comment(`asked: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  t.ok(times.every((ms) => ms < 1000));
  t.ok(Math.max(...times) > 50, 'nothing was announced');
  await reader.close();
  await proxy.shut();
});

t.test('a database that goes away leaves the last version in force, and that is said', { skip }, async (t) => {
  const open = await postgres(t, server ?? '');
  const { proxy, url } = await throughProxy(t, open.options.url ?? '');
  const writer = await open();
  const reader = await open({ url });
  await reader.config.start();
  const first = await writer.configVersions.activate({ ...by, changes: limits(1) });
  await applies(reader, first.version);
  await proxy.shut();
  while (reader.config.status().staleSince === null) await new Promise((done) => setTimeout(done, 5));
  const second = await writer.configVersions.activate({ ...by, changes: limits(2) });
  t.same(countersOf(reader), { counters: 1 });
  t.equal(reader.config.status().version, first.version);
  t.match(await reader.config.processes(), [{ version: first.version, own: true, pid: process.pid }]);
  await proxy.open();
  await applies(reader, second.version);
  t.same(countersOf(reader), { counters: 2 });
  t.match(reader.config.status(), { staleSince: null, version: second.version });
});
