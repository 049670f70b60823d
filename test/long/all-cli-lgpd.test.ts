import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { commandOperations } from '../../core/store/command-operations.ts';
import { insertInteractions } from '../../core/store/interactions.ts';
import { serveCommands } from '../../core/store/socket.ts';
import { cli } from '../helpers/cli.ts';
import { embedded, quietLog, temporaryFolder } from '../helpers/databases.ts';
import { interaction } from '../helpers/interactions.ts';

t.test('balto lgpd export and erase: through the running server, and without one', async (t) => {
  const open = await embedded(t);
  const env = { BALTO_DATA_DIR: open.options.dataDir, BALTO_SECRET_KEY: open.options.secretKey ?? '' };
  const store = await open();
  const { clientId } = (await store.clients.create({ email: 'a@a', companyName: 'Farmácia' })).client;
  const ids = [store.ids.nextId(), store.ids.nextId()];
  const rows = ids.map((id) => interaction({ id, clientId, transcript: 'canário' }));
  await store.db.system((trx) => insertInteractions(trx, rows));
  const stop = await serveCommands(open.options.dataDir, commandOperations(store), quietLog);
  const file = join(await temporaryFolder(t), 'dados.jsonl');
  const of = (id: number | undefined) => ['--client', clientId, '--interaction', String(id)];
  const given = await cli(['lgpd', 'export', file, ...of(ids[0]), '--json'], env);
  t.match(JSON.parse(given.out), { action: 'export', counts: { interacoes: 1 }, by: 'cli' });
  t.match(await readFile(file, 'utf8'), /canário.*\n.*recibo/su);
  const erased = await cli(['lgpd', 'erase', ...of(ids[0])], env);
  t.match(erased, { code: 0, out: /1 {2}interacoes[\s\S]*cópias de segurança[\s\S]*recibo [0-9a-f-]{36}/u });
  for (const [args, error] of [
    [['lgpd', 'erase', '--interaction', '1'], /client: diga/u],
    [['lgpd', 'erase', '--client', clientId], /scope: diga um alcance/u],
    [['lgpd', 'erase', '--client', 'outro', '--interaction', '1'], /client: diga/u],
    [['lgpd', 'erase', 'x', ...of(1)], /Esperado: lgpd export ARQUIVO/u],
    [['lgpd', 'erase', '--client', clientId, '--interaction', 'um'], /interaction: espera-se/u],
  ] as const)
    t.match(await cli([...args], env), { code: 1, error }, args.join(' '));
  await stop();
  await store.close();
  t.match(await cli(['lgpd', 'erase', ...of(ids[1])], env), { code: 0, out: /1 {2}interacoes/u });
  const again = await open();
  t.equal(await again.interactions.byId(ids[1] ?? 0), null);
});
