import t from 'tap';
import { catalogueOperations, openImports } from '../../core/app-catalogue.ts';
import { serveCommands } from '../../core/store/socket.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { fileWriter } from '../helpers/catalogue-files.ts';
import { cli } from '../helpers/cli.ts';
import { embedded, quietLog } from '../helpers/databases.ts';

const TABLE = 'codigo;nome;medicamento;classe_venda\n';

t.test('balto catalogue: through the running server, and without one', async (t) => {
  const open = await embedded(t);
  const { dataDir, secretKey = '' } = open.options;
  const env = { BALTO_DATA_DIR: dataDir, BALTO_SECRET_KEY: secretKey };
  const store = await open();
  const { clientId } = (await store.clients.create({ email: 'a@x.br', companyName: 'A' })).client;
  const parts = { store, dataDir, maxMb: 50, clock: systemClock, log: quietLog };
  const imports = await openImports(parts);
  const write = await fileWriter(t);
  const good = await write(`${TABLE}g1;Gaze;não;venda_livre\n`);
  const bad = await write(`${TABLE}g1;Gaze;talvez;venda_livre\n`);
  const balto = (...args: string[]) => cli(['catalogue', ...args, '--client', clientId], env);

  const stop = await serveCommands(dataDir, catalogueOperations(imports, store), quietLog);
  const running = await balto('import', good, '--json');
  const told = JSON.parse(running.out);
  t.match(told, { ok: true, state: 'concluida', added: 1, author: 'cli', issues: [] });
  t.match(await balto('import', bad), {
    code: 1,
    out: /recusada[\s\S]*2 {2}erro {5}medicamento: esperado: sim ou não/,
  });
  const left = { clientId, fileName: 'x', bytes: 1, sha256: '00', dryRun: false, partial: false };
  await store.catalogueImports.begin(left, { actor: 'cli' });
  await stop();
  await imports.close();
  await store.close();

  t.match(await balto('import', good, '--dry-run'), { code: 0, out: /conferida[\s\S]*0 novos, 0 mudados, 1 igual$/ });
  t.match(await balto('undo', String(told.id)), { code: 0, out: /desfeita/ });
  t.match(await balto('import', '/nao/existe'), { code: 1, error: /BALTO_IMPORT_FILE/ });
  t.match(await balto('turn', '1'), { code: 1, error: /import ARQUIVO ou undo NUMERO/ });
  t.match(await cli(['catalogue', 'import', good], env), { code: 1, error: /--client/ });
  const again = await open();
  t.same((await again.productChanges.page(clientId, {}, 10)).items, []);
});
