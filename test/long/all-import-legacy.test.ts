import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { connectCounter, startBalto, storeEnv } from '../helpers/balto.ts';
import { cli } from '../helpers/cli.ts';
import { conversation } from '../helpers/conversation.ts';
import { temporaryFolder, testDatabase } from '../helpers/databases.ts';
import { fillLegacy, legacySqlite } from '../helpers/legacy.ts';

const present = (env: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

t.test('the command, with the server stopped', async (t) => {
  const database = await testDatabase(t);
  const env = present(storeEnv(database));
  const legacy = await legacySqlite(t);
  await fillLegacy(legacy, 30);
  const rehearsal = await cli(['import-legacy', '--from', legacy.from, '--dry-run'], env);
  t.match(rehearsal, { code: 0, out: /Ensaio: nada foi gravado/ }, rehearsal.error);
  const done = await cli(['import-legacy', '--from', legacy.from, '--source-tz', 'America/Sao_Paulo'], env);
  t.match(done, { code: 0, out: /interacoes +30 +0 +0/ }, done.error);
  t.match(done.out, /\d{6} {2}Farmácia Rosa/, 'a new code for each client');
  t.match(done.out, /Recadastrar a voz de:\n {2}Camila/);
  await legacy.add('balcoes', { balcao_id: 'b-órfão', user_id: 'ninguém', api_key: 'bk_x' });
  const again = await cli(['import-legacy', '--from', legacy.from, '--source-tz', 'America/Sao_Paulo', '--json'], env);
  t.equal(again.code, 1, 'a row was refused');
  t.match(JSON.parse(again.out), { ok: false, tables: { interacoes: { imported: 0, existing: 30 } } });
  t.match(await cli(['import-legacy'], env), { code: 1, error: /--from/ });
  t.match(await cli(['import-legacy', '--help'], env), { code: 0, out: /--audio-dir/ });
});

t.test('through the running server: old devices connect, voices are measured anew', async (t) => {
  const house = await startBalto(t, { env: { BALTO_SPEAKER: 'speaker/acoustic-voice' } });
  const legacy = await legacySqlite(t);
  await fillLegacy(legacy, 10);
  await legacy.run('alter table funcionarios add column audio_file_name text');
  await legacy.run(
    "update funcionarios set audio_file_name = '/app/audio_dumps/cadastros_voz/camila_1.wav' where id = 7",
  );
  await legacy.add('funcionarios', { id: 9, user_id: 'u-azul', nome: 'Bia', audio_file_name: '../../etc/passwd' });
  const audio = join(await temporaryFolder(t), 'vozes');
  await mkdir(audio);
  await writeFile(join(audio, 'camila_1.wav'), conversation().wav);
  const done = await cli(['import-legacy', '--from', legacy.from, '--audio-dir', audio, '--json'], house.env);
  t.equal(done.code, 0, done.error);
  t.match(JSON.parse(done.out), {
    voicesEnrolled: 1,
    voicesToEnrol: [{ clientId: 'u-azul', name: 'Bia' }],
    issues: [{ table: 'funcionarios', id: '9', code: 'BALTO_LEGACY_VOICE', message: /ENOENT/ }],
  });
  const { items } = await house.balto.store.employees.page('u-rosa', undefined, 10);
  t.match(items, [{ name: 'Camila', voice: { fileName: 'camila_1.wav' }, consent: 'a_confirmar' }]);
  const counter = await connectCounter(house.ws, `bk_${'a'.repeat(32)}`);
  counter.say({ comando: 'ping' });
  t.match(await counter.receive('pong'), { comando: 'pong' }, 'the key of the original opens');
  counter.socket.close();
});
