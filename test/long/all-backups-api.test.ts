import { readdir, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { restore } from '../../core/store/backup.ts';
import { backupByCommand } from '../../core/store/backup-file.ts';
import { type Api, apiOf, ownerApi } from '../helpers/admin-api.ts';
import { embedded, forEachDatabase, temporaryFolder } from '../helpers/databases.ts';
import { OWNER_PASSWORD, openHouse, startHttpServer } from '../helpers/http-server.ts';
import { sessionOf } from '../helpers/people.ts';

const DAY_MS = 86_400_000;

/** Asks until nothing is in the making. */
async function ended(api: Api) {
  for (;;) {
    const { body } = await api('GET', '/backups');
    if (!body.items.some((each: { state: string }) => each.state === 'fazendo')) return body;
    await new Promise((done) => setTimeout(done, 20));
  }
}

t.setTimeout(180_000);

t.test('copies of the database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store, clock } = house;
    await store.clients.create({ email: 'a@b.br', companyName: 'Farmácia <b>Ação</b>' });
    const server = await startHttpServer(t, house);
    const owner = await ownerApi(server);
    const folder = join(server.dataDir, 'copias');

    await t.test('one is made, listed with size, age and who, and restores the shop', async (t) => {
      const begun = await owner('POST', '/backups');
      t.equal(begun.status, 202);
      t.match(begun.body, { kind: 'painel', state: 'fazendo', by: /^admin:owner$/, bytes: null, canDownload: false });
      const { items, status } = await ended(owner);
      t.match(items, [{ id: begun.body.id, state: 'pronta', host: hostname(), canDownload: true, failure: null }]);
      t.ok(items[0].bytes > 1000 && items[0].rows > 0, 'size and rows');
      t.match(status, { maxAgeDays: 7, isOld: false, keep: 3 });
      t.ok(status.ageS >= 0 && status.ageS < 60);
      t.match((await owner('GET', '/health')).body, { ready: true, backups: { lastAt: status.lastAt, isOld: false } });
      const answer = await fetch(`${server.url}/api/v1/backups/${begun.body.id}/file`, {
        headers: { cookie: await server.login() },
      });
      t.equal(answer.status, 200);
      t.match(
        answer.headers.get('content-disposition'),
        /^attachment; filename="balto-\d{8}T\d{6}Z-[0-9a-f]{8}\.tar\.gz"$/,
      );
      const archive = Buffer.from(await answer.arrayBuffer());
      t.equal(archive.length, items[0].bytes);
      const other = await (await embedded(t))();
      await restore(other, Readable.from([archive]), { force: true });
      t.match(await other.clients.byEmail('a@b.br'), { companyName: 'Farmácia <b>Ação</b>' });
      const [name = ''] = await readdir(folder);
      t.equal((await stat(join(folder, name))).mode & 0o777, 0o600, 'nobody else may read it');
      const audit = (await owner('GET', '/audit?action=backup')).body.items;
      t.same(
        audit.map((each: { action: string; target: string }) => [each.action, each.target]),
        [
          ['backup.download', `backup:${begun.body.id}`],
          ['backup.start', `backup:${begun.body.id}`],
        ],
      );
    });

    await t.test('nobody but the platform owner; a download asks for the password again', async (t) => {
      const { clientId } = (await store.clients.create({ email: 'c@b.br', companyName: 'C' })).client;
      for (const grant of [
        { clientId, role: 'owner' },
        { clientId: null, role: 'admin' },
      ] as const) {
        const api = apiOf(server.url, await sessionOf(store, grant));
        for (const [method, path] of [
          ['GET', '/backups'],
          ['POST', '/backups'],
          ['GET', '/backups/x/file'],
          ['DELETE', '/backups/x'],
        ] as const) {
          t.equal((await api(method, path, method === 'DELETE' ? { why: 'x' } : undefined)).status, 403, path);
        }
      }
      const cookie = await server.login();
      const asOwner = apiOf(server.url, cookie);
      const [{ id }] = (await asOwner('GET', '/backups')).body.items;
      const file = () => fetch(`${server.url}/api/v1/backups/${id}/file`, { headers: { cookie } });
      clock.offsetMs += 6 * 60_000;
      const stale = await file();
      t.equal(stale.status, 403);
      t.equal(((await stale.json()) as { code: string }).code, 'BALTO_SESSION_STALE');
      t.match(await asOwner('POST', '/me/confirm', { password: 'outra senha' }), {
        status: 403,
        body: { code: 'BALTO_PASSWORD_WRONG', field: 'password' },
      });
      t.equal((await file()).status, 403, 'a wrong password opens nothing');
      t.equal((await asOwner('POST', '/me/confirm', { password: OWNER_PASSWORD })).status, 204);
      t.equal((await file()).status, 200);
      const made = await asOwner('POST', '/tokens', { name: 'cópias', scopes: ['platform'] });
      const bearer = { authorization: `Bearer ${made.body.secret}` };
      const byToken = await fetch(`${server.url}/api/v1/backups/${id}/file`, { headers: bearer });
      t.equal(byToken.status, 403, 'a token takes nothing away');
      t.equal((await fetch(`${server.url}/api/v1/backups`, { headers: bearer })).status, 200);
    });

    await t.test('one at a time; one whose maker died has failed', async (t) => {
      const held = await store.copies.begin(() => 'balto-x.tar.gz', { actor: 'outro processo' });
      t.match(await owner('POST', '/backups'), { status: 409, body: { code: 'BALTO_BACKUP_RUNNING' } });
      await store.db.system((trx) =>
        trx
          .updateTable('copias')
          .set({ batimento_em: new Date(Date.now() - 120_000) })
          .where('id', '=', held?.id ?? '')
          .execute(),
      );
      t.match((await owner('GET', '/backups')).body.items[0], {
        id: held?.id,
        state: 'falhou',
        failure: 'interrompida',
      });
      const at = await Promise.all([1, 2, 3].map(() => owner('POST', '/backups')));
      t.same(at.map(({ status }) => status).sort(), [202, 409, 409]);
      await ended(owner);
    });

    await t.test('only the newest are kept, halves are swept, one is deleted by hand', async (t) => {
      await writeFile(join(folder, 'balto-20200101T000000Z-00000000.tar.gz.parcial'), 'meia cópia');
      for (let made = 0; made < 3; made++) {
        clock.offsetMs += 60_000;
        await owner('POST', '/backups');
        await ended(owner);
      }
      await server.settled();
      t.equal((await readdir(folder)).length, 3, 'BACKUP_KEEP');
      const { items } = (await owner('GET', '/backups')).body;
      const kept = items.filter((each: { canDownload: boolean }) => each.canDownload);
      t.equal(kept.length, 3);
      t.equal((await owner('DELETE', `/backups/${kept[2].id}`, { why: 'apagado por LGPD' })).status, 204);
      t.equal((await readdir(folder)).length, 2);
      t.match(await owner('DELETE', `/backups/${kept[2].id}`, { why: 'x' }), { status: 404 });
      t.match((await store.audit.page({ action: 'backup.remove' }, 1)).items, [{ why: 'apagado por LGPD' }]);
    });

    await t.test('an old copy raises one alert, which a new one answers', async (t) => {
      t.equal(await server.backups.watch(), false, 'nothing to say yet');
      clock.offsetMs += 7 * DAY_MS + 1000;
      const again = await ownerApi(server); // the session of before is over
      t.equal((await again('GET', '/backups')).body.status.isOld, true);
      t.equal(await server.backups.watch(), true);
      t.equal(await server.backups.watch(), false, 'said once');
      const raised = (await again('GET', '/alerts?open=true')).body.items;
      t.match(raised, [{ kind: 'backup.old', clientId: null }]);
      await again('POST', `/alerts/${raised[0].id}/acknowledge`);
      clock.offsetMs += DAY_MS;
      t.equal(await server.backups.watch(), false, 'somebody has seen it');
      clock.offsetMs += 7 * DAY_MS;
      t.equal(await server.backups.watch(), true, 'and did nothing');
      await backupByCommand(store, join(await temporaryFolder(t), 'x.tar.gz'));
      const last = await ownerApi(server);
      t.same((await last('GET', '/alerts?open=true')).body.items, [], 'balto backup counts too');
      t.match((await last('GET', '/backups')).body, {
        status: { isOld: false },
        items: [{ kind: 'comando', by: 'cli', canDownload: false }],
      });
    });
  }),
);

t.test('a folder that cannot be written is said, and blocks nothing', async (t: Test) => {
  const house = await openHouse(t);
  const server = await startHttpServer(t, house);
  const owner = await ownerApi(server);
  await writeFile(join(server.dataDir, 'copias'), 'um arquivo no lugar da pasta');
  t.match(await owner('POST', '/backups'), { status: 503, body: { code: 'BALTO_BACKUP_FILE' } });
  t.same((await owner('GET', '/backups')).body.items, []);
});
