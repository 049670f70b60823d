import { sql } from 'kysely';
import t from 'tap';
import { commandOperations } from '../../../core/store/command-operations.ts';
import { serveCommands } from '../../../core/store/socket.ts';
import { cli } from '../../helpers/cli.ts';
import { embedded, quietLog } from '../../helpers/databases.ts';

t.test('balto audit verify: through the running server, and without one', async (t) => {
  const open = await embedded(t);
  const env = { BALTO_DATA_DIR: open.options.dataDir, BALTO_SECRET_KEY: open.options.secretKey ?? '' };
  const store = await open();
  for (let row = 0; row < 3; row += 1) await store.audit.append({ actor: 'cli', action: 'x.y', target: 'z' });
  const stop = await serveCommands(open.options.dataDir, commandOperations(store), quietLog);
  const running = await cli(['audit', 'verify', '--json'], env);
  const report = JSON.parse(running.out);
  t.match({ code: running.code, report }, { code: 0, report: { ok: true, rows: 4, seal: 'ok', witness: 'ok' } });
  const noted = `${report.end.seq}:${report.end.hash}`;
  t.match(await cli(['audit', 'verify', '--expect', noted], env), { code: 0, out: `fim: ${noted}` });
  const other = `4:${'0'.repeat(64)}`;
  t.match(await cli(['audit', 'verify', '--expect', other], env), { code: 1, out: /--expect não está mais lá/u });
  await store.db.system(async (trx) => {
    await sql`alter table audit_log disable trigger user`.execute(trx);
    await sql`update audit_log set actor = 'admin:outro' where seq = 3`.execute(trx);
  });
  await stop();
  await store.close();
  t.match(await cli(['audit', 'verify'], env), { code: 1, out: /NÃO confere.*\n +linha 3 não é a que foi escrita/u });
  t.match(await cli(['audit', 'verify', '--expect', 'x'], env), { code: 1, error: /SEQ:HASH/u });
  t.match(await cli(['audit', 'look'], env), { code: 1, error: /audit verify/u });
});
