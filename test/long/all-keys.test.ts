import { join } from 'node:path';
import t from 'tap';
import { commandOperations } from '../../core/store/command-operations.ts';
import { sectionsOf } from '../../core/store/config-snapshot.ts';
import { serveCommands } from '../../core/store/socket.ts';
import { cli } from '../helpers/cli.ts';
import { embedded, quietLog, temporaryFolder } from '../helpers/databases.ts';

const by = { actor: 'admin:ana' };
const limits = (counters: number) => [{ clientId: null, counterId: null, section: 'limits', value: { counters } }];

t.test('balto keys rotate: through the running server, and without one', async (t) => {
  const open = await embedded(t);
  const env = { BALTO_DATA_DIR: open.options.dataDir };
  const store = await open({ secretKey: undefined });
  const credential = { apiKey: 'sk-0123456789' };
  await store.credentials.add({ clientId: null, vendor: 'acme', label: 'x', credential, secret: 'sk-0123456789' }, by);
  const { keyId } = store.secrets;
  const stop = await serveCommands(open.options.dataDir, commandOperations(store), quietLog);
  const running = await cli(['keys', 'rotate', '--json'], env);
  t.match(JSON.parse(running.out), { ok: true, newKey: true, unreadable: 0, resealed: { vendor_credentials: 1 } });
  t.not(store.secrets.keyId, keyId, 'the running server seals with it from now on');
  t.notMatch(running.out + running.error, 'sk-0123456789');
  await stop();
  await store.close();

  t.match(await cli(['keys', 'rotate'], env), { code: 0, out: /Cifrados de novo: 1\.\nHá uma chave nova/u });
  const other = { ...env, BALTO_SECRET_KEY: '22'.repeat(32) };
  t.match(await cli(['keys', 'rotate'], other), { code: 1, out: /1 não abrem/u });
  t.match(await cli(['keys', 'turn'], env), { code: 1, error: /keys rotate/u });
  const again = await open({ secretKey: undefined });
  const ids = (await again.credentials.list()).map(({ id }) => id);
  t.match(await again.credentials.open(ids), [{ credential }]);
});

t.test('a restore into a running server puts the restored configuration in force', async (t) => {
  const open = await embedded(t);
  const env = { BALTO_DATA_DIR: open.options.dataDir, BALTO_SECRET_KEY: open.options.secretKey ?? '' };
  const file = join(await temporaryFolder(t), 'loja.tar.gz');
  const store = await open();
  await store.config.start();
  await store.configVersions.activate({ ...by, changes: limits(1) });
  const stop = await serveCommands(open.options.dataDir, commandOperations(store), quietLog);
  t.teardown(stop);
  t.match(await cli(['backup', file], env), { code: 0 });
  const { version } = await store.configVersions.activate({ ...by, changes: limits(2) });
  t.match(await cli(['restore', file, '--force'], env), { code: 0 });
  t.same(sectionsOf(store.config.snapshot(), null, null).get('limits'), { counters: 1 });
  t.ok(store.config.version < version);
  const next = await store.configVersions.activate({ ...by, changes: limits(3) });
  t.ok(next.version > version, 'a number is never given twice');
});
