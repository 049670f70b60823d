import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import t, { type Test } from 'tap';
import type { Store } from '../../core/store/index.ts';
import { apiOf, ownerApi } from '../helpers/admin-api.ts';
import { serverEnv, startBalto } from '../helpers/balto.ts';
import { forEachDatabase, type OpenStore, temporaryFolder } from '../helpers/databases.ts';
import { openHouse, startHttpServer } from '../helpers/http-server.ts';
import { ownerOf } from '../helpers/owner-login.ts';
import { startServer } from '../helpers/server-process.ts';
import { wavUntil } from '../helpers/talk.ts';

const BY = { actor: 'cli' };

/** Runs `statements` where an answer is about to be kept: between the change and its end. */
async function whereAnswersAreKept(store: Store, statements: string): Promise<void> {
  await store.db.system(async (trx) => {
    await sql
      .raw(`create function between_both() returns trigger language plpgsql as $$
      begin ${statements} return new; end $$`)
      .execute(trx);
    await sql`create trigger between_both before update on idempotency_keys
      for each row when (new.status >= 200) execute function between_both()`.execute(trx);
  });
}

async function mend(store: Store): Promise<void> {
  await store.db.system(async (trx) => {
    await sql`drop function between_both cascade`.execute(trx);
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(20);
}

t.test('a process killed between a change and its answer has made neither', (t) =>
  forEachDatabase(t, async (t, open) => {
    const { marker, isStopped } = await stopSign(t, open);
    const prepared = await open();
    const { client } = await prepared.clients.create({ email: 'a@x', companyName: 'Azul' });
    await whereAnswersAreKept(prepared, `${marker} perform pg_sleep(600);`);
    await prepared.close();
    const folder = await temporaryFolder(t);
    const serve = async () => {
      const server = await startServer(serverEnv(open, {}), folder);
      t.teardown(() => server.kill());
      const api = await ownerOf(server.url);
      const body = { companyName: 'Verde', why: 'teste' };
      const headers = { 'idempotency-key': 'k1', 'if-match': '*' };
      return { ...server, rename: () => api('PATCH', `/clients/${client.clientId}`, body, headers) };
    };
    const first = await serve();
    const cut = first.rename().then(
      ({ status }) => `answered ${status}`,
      () => 'cut',
    );
    await Promise.race([until(isStopped), cut]);
    await first.kill();
    t.equal(await cut, 'cut');

    const between = await open();
    await mend(between);
    t.match(await between.clients.byId(client.clientId), { companyName: 'Azul', revision: 1 }, 'no half of it');
    // A minute goes by.
    await between.db.system((trx) => sql`update idempotency_keys set at = at - interval '61 seconds'`.execute(trx));
    await between.close();

    const second = await serve();
    t.match(await second.rename(), { status: 200, body: { companyName: 'Verde', revision: 2 } });
    const again = await second.rename();
    t.equal(again.headers.get('idempotency-replayed'), 'true');
    t.equal(again.body.revision, 2, 'done once');
    await second.stop();
    const after = await open();
    const told = (await after.audit.list(20)).filter(({ action }) => action === 'client.update');
    t.equal(told.length, 1);
    t.match(await after.audit.verify(), { ok: true });
  }),
);

/** How the other process says that it stands where answers are kept: a file, or what the server says of its connections. */
async function stopSign(t: Test, open: OpenStore): Promise<{ marker: string; isStopped: () => Promise<boolean> }> {
  if (open.kind === 'embedded') {
    const marker = `execute format('copy (select 1) to %L', current_setting('data_directory') || '/stopped');`;
    return { marker, isStopped: async () => existsSync(`${open.options.dataDir}/postgres/stopped`) };
  }
  const watcher = new pg.Client({ connectionString: open.options.url });
  await watcher.connect();
  t.teardown(() => watcher.end());
  const asleep = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
  const isStopped = async () => (await watcher.query(asleep)).rowCount === 1;
  return { marker: '', isStopped };
}

t.test('a change whose answer cannot be kept is undone, and made by the repeat', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store } = house;
    const api = await ownerApi(await startHttpServer(t, house));
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'Azul' });
    const path = `/clients/${client.clientId}`;
    const rename = (key: string) =>
      api('PATCH', path, { companyName: 'Verde', why: 'x' }, { 'idempotency-key': key, 'if-match': '*' });

    const failures: [string, number][] = [[`raise exception 'cheio';`, 500]];
    // The connection itself goes.
    if (open.kind === 'postgres') failures.push([`perform pg_terminate_backend(pg_backend_pid());`, 503]);
    for (const [statements, status] of failures) {
      const before = await store.clients.byId(client.clientId);
      await whereAnswersAreKept(store, statements);
      const failed = await rename(`k${status}`);
      t.equal(failed.status, status);
      t.match(failed.body, { status, code: String }, 'a problem, not the answer');
      t.equal(failed.headers.get('etag'), null, 'nothing is said of a revision that is not there');
      await store.db.ready();
      await mend(store);
      // The key could not be freed either, with the database away: for a minute it is held.
      if (status === 503) house.clock.offsetMs += 61_000;
      t.equal((await store.clients.byId(client.clientId))?.revision, before?.revision);
      const repeated = await rename(`k${status}`);
      t.match(repeated, { status: 200, body: { revision: (before?.revision ?? 0) + 1 } });
    }
    t.match(await store.audit.verify(), { ok: true });
  }),
);

t.test('what other parts of the process are told of a change, they are told when it is there', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store } = house;
    const api = await ownerApi(await startHttpServer(t, house));
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'Azul' });
    const heard: Promise<unknown>[] = [];
    const names = async () =>
      (await store.employees.page(client.clientId, undefined, 10)).items.map(({ name }) => name);
    store.voiceChanges.on('changed', () => heard.push(names()));
    const made = await api(
      'POST',
      `/clients/${client.clientId}/employees`,
      { name: 'Ana' },
      { 'idempotency-key': 'k' },
    );
    t.equal(made.status, 201);
    t.same(await Promise.all(heard), [['Ana']]);
  }),
);

t.test('of two changes of one request the first is marked: a repeat is not let do it again', (t) =>
  forEachDatabase(t, async (t, open) => {
    const { store, clock } = await openHouse(t, open);
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'Azul' });
    const request = { principal: 'admin:a', key: 'k', request: 'POST /x' };
    const begun = await store.idempotency.begin(request);
    if (begun.state !== 'new') throw new Error(begun.state);
    const rename = (companyName: string) => store.clients.update(client.clientId, { companyName }, BY, '*');
    const names = await new Promise((resolve) => {
      begun.use.within(() => resolve(rename('Verde').then(() => store.clients.byId(client.clientId))));
    });
    t.match(names, { companyName: 'Verde' });
    t.equal((await store.idempotency.begin(request)).state, 'running');
    clock.offsetMs = 61_000;
    t.equal((await store.idempotency.begin(request)).state, 'lost', 'its process died');
    t.same(await store.idempotency.begin({ ...request, request: 'POST /y' }), { state: 'other' });
  }),
);

t.test('a voice sent again is the same request by its content: another file under the key is refused', async (t) => {
  const house = await startBalto(t, { env: { SHERPA_SPEAKER_FILE: '/nenhum/modelo.onnx' } });
  const owner = apiOf(house.url, await house.login());
  const { id } = (await owner('POST', `/clients/${house.clientId}/employees`, { name: 'Ana' })).body;
  const cookie = await house.login();
  const send = async (file: Uint8Array, fields: Record<string, string> = {}, name = 'ana.wav') => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    form.set('audio', new Blob([new Uint8Array(file)]), name);
    const url = `${house.url}/api/v1/clients/${house.clientId}/employees/${id}/voice`;
    const answer = await fetch(url, { method: 'PUT', body: form, headers: { cookie, 'idempotency-key': 'v1' } });
    const { code, revision } = (await answer.json()) as { code?: string; revision?: number };
    return { status: answer.status, code, revision, replayed: answer.headers.get('idempotency-replayed') };
  };
  const first = await send(wavUntil(11_000));
  t.match(first, { status: 200, replayed: null });
  t.match(await send(wavUntil(11_000)), { status: 200, replayed: 'true', revision: first.revision });
  const refused = { status: 422, code: 'BALTO_IDEMPOTENCY_REUSED' };
  t.match(await send(wavUntil(10_000)), refused, 'another file');
  t.match(await send(wavUntil(11_000), { basis: 'consentimento', textVersion: '1' }), refused, 'other fields');
  t.match(await send(wavUntil(11_000), {}, 'bia.wav'), refused, 'another name');
  t.match((await owner('GET', `/clients/${house.clientId}/employees/${id}`)).body, { revision: first.revision });
});
