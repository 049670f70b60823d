import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { commandOperations } from '../../core/store/command-operations.ts';
import { serveCommands } from '../../core/store/socket.ts';
import { cli } from '../helpers/cli.ts';
import { embedded, quietLog, temporaryFolder } from '../helpers/databases.ts';

t.test('backup and restore: with the server stopped, and through its socket while it runs', async (t) => {
  const open = await embedded(t);
  const { dataDir } = open.options;
  const env = { BALTO_DATA_DIR: dataDir, BALTO_SECRET_KEY: open.options.secretKey ?? '' };
  const folder = await temporaryFolder(t);
  const file = join(folder, 'loja.tar.gz');
  let store = await open();
  await store.clients.create({ email: 'a@b', companyName: 'Farmácia' });
  const stop = await serveCommands(dataDir, commandOperations(store), quietLog);

  const running = await cli(['backup', file, '--json'], env);
  t.equal(running.code, 0, running.error);
  t.match(JSON.parse(running.out), { ok: true, file, rows: { clientes: 1 } });
  t.equal((await stat(file)).mode & 0o777, 0o600, 'nobody else may read it');
  t.match(await cli(['restore', file], env), { code: 1, error: /--force/ });
  await stop();
  await store.close();

  t.match(await cli(['restore', file, '--force'], env), { code: 0, out: /1 {2}clientes/ });
  t.match(await cli(['backup', join(folder, 'nada', 'x.tar.gz')], env), { code: 1, error: /ENOENT/ });
  t.match(await cli(['restore', join(folder, 'nada.tar.gz'), '--json'], env), { code: 1, out: /"BALTO_BACKUP_FILE"/ });
  await writeFile(join(folder, 'lixo'), 'lixo');
  t.match(await cli(['restore', join(folder, 'lixo'), '--force'], env), { code: 1, error: /não pode ser restaurado/ });
  store = await open();
  t.match(await store.clients.byEmail('a@b'), { companyName: 'Farmácia' }, 'a restore that failed changed nothing');
});
