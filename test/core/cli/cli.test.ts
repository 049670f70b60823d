import { spawnSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { COMMANDS } from '../../../core/cli/commands.ts';
import { checkClock, checkDatabase, checkDisk, checkNode, checkPort } from '../../../core/cli/doctor-checks.ts';
import { cli } from '../../helpers/cli.ts';
import { embedded, temporaryFolder } from '../../helpers/databases.ts';

t.test('every command explains itself, and wrong use is told', async (t) => {
  t.match((await cli([])).code, 2);
  const help = await cli(['--help']);
  t.equal(help.code, 0);
  for (const name of Object.keys(COMMANDS)) {
    t.match(help.out, new RegExp(`^  ${name} `, 'm'));
    const own = await cli([name, '--help']);
    t.equal(own.code, 0, name);
    t.match(own.out, new RegExp(`^balto ${name}`));
  }
  t.match(await cli(['dançar']), { code: 2, error: /Comando desconhecido: dançar/ });
  t.match(await cli(['doctor', '--verbose=1']), { code: 2, error: /Opção desconhecida: --verbose\nUso: balto doctor/ });
  t.match(await cli(['simulate']), { code: 2, error: /ARQUIVO/ });
  t.match(await cli(['simulate', 'x.wav', '--pace', '99']), { code: 1, error: /--pace/ });
  t.match(await cli(['__proto__']), { code: 2 });
});

t.test('an old Node is told what to do', async (t) => {
  const entry = new URL('../../../core/cli/balto.js', import.meta.url);
  const pretend = `Object.defineProperty(process.versions,'node',{value:'20.20.2'});await import(${JSON.stringify(entry.href)})`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', pretend], { encoding: 'utf8' });
  t.equal(status, 1);
  t.match(stderr, /22\.18 ou mais novo; este é o 20\.20\.2/);
  t.match(stderr, /npm ci/);
  const real = spawnSync(process.execPath, [entry.pathname, '--help'], { encoding: 'utf8' });
  t.match(real.stdout, /Uso: balto COMANDO/);
});

t.test('plugins: what is installed, how it is proven, and whose key is there', async (t) => {
  const { code, out } = await cli(['plugins', '--json'], { XAI_API_KEY: 'segredo-da-xai' });
  t.equal(code, 0);
  const { plugins } = JSON.parse(out) as { plugins: { address: string; hasKey: boolean; keys: string[] }[] };
  t.match(
    plugins.find(({ address }) => address === 'llm/xai'),
    { hasKey: true, keys: ['XAI_API_KEY', 'XAI_API_KEYS'] },
  );
  t.match(
    plugins.find(({ address }) => address === 'stt/deepgram'),
    { kind: 'stt', id: 'deepgram', vendor: 'deepgram', tier: /^[a-z]+$/, checks: Number, failed: 0, hasKey: false },
  );
  t.match(
    plugins.find(({ address }) => address === 'vad/silero'),
    { hasKey: true, keys: [] },
  );
  t.notMatch(out, /segredo/);
  t.match(
    plugins.find(({ address }) => address === 'llm/compatible'),
    { key: 'optional', hasKey: true },
    'a key that it may have, and has not',
  );
  const table = (await cli(['plugins'])).out;
  t.match(table, /^llm\/compatible .* opcional \(COMPATIBLE_API_KEY\)/m);
  t.match(table, /stt\/elevenlabs .* (prata|ouro|platina) .*falta ELEVENLABS_API_KEY/);
  t.match(table, /stt\/sherpa .*\*(.|\n)*\* stt\/sherpa: falta provar um modelo/);
});

t.test('doctor', async (t) => {
  const dataDir = join(await temporaryFolder(t), 'data');

  t.test('a machine without keys: what is missing, with the remedy, exit code 1', async (t) => {
    const { code, out } = await cli(['doctor', '--json'], { BALTO_DATA_DIR: dataDir, PORT: '0' });
    t.equal(code, 1);
    const { ok, checks } = JSON.parse(out) as {
      ok: boolean;
      checks: { name: string; status: string; remedy?: string }[];
    };
    t.equal(ok, false);
    const of = (name: string) => checks.find((check) => check.name === name);
    t.match(of('Node'), { status: 'ok' });
    t.match(of('Banco'), { status: 'ok', detail: /será criado/ });
    t.match(of('stt/elevenlabs'), { status: 'aviso', remedy: /ELEVENLABS_API_KEY/ });
    t.match(of('Transcrição'), { status: 'erro', remedy: /MOCK_MODE=1/ });
    t.match(of('vad/silero'), { status: 'ok' });
    for (const { status, remedy } of checks)
      if (status !== 'ok') t.ok(remedy, 'a remedy for everything that is not ok');
    await t.rejects(stat(dataDir), 'it makes nothing');
  });

  t.test('a configuration that is wrong is named, and MOCK_MODE needs no vendor', async (t) => {
    const wrong = await cli(['doctor'], { PORT: 'oito' });
    t.equal(wrong.code, 1);
    t.match(wrong.out, /erro {3}Configuração: PORT: esperado/);
    const mock = await cli(['doctor'], { MOCK_MODE: '1', BALTO_DATA_DIR: dataDir, PORT: '0', DB_FILE: 'x.db' });
    t.equal(mock.code, 0);
    t.match(mock.out, /aviso {2}Configuração.*\n {7}→ DB_FILE/);
  });

  t.test('each check can also say no', async (t) => {
    t.match(checkNode('20.20.2'), { status: 'erro', remedy: String });
    t.match(checkNode('22.17.9'), { status: 'erro' });
    t.match(checkNode('22.18.0'), { status: 'ok' });
    t.match(checkClock(new Date('2020-01-01')), { status: 'erro', remedy: String });
    const other = createServer((_request, response) => response.end('{"status":"outro"}'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    t.teardown(() => other.close());
    const { port } = other.address() as { port: number };
    t.match(await checkPort({ port, host: '127.0.0.1' }), { status: 'erro', remedy: String });
    other.removeAllListeners('request').on('request', (_request, response) => response.end('{"status":"ok"}'));
    t.match(await checkPort({ port, host: '127.0.0.1' }), { status: 'ok', detail: /já atende/ });
    t.match(await checkPort({ port: 0, host: '203.0.113.1' }), { status: 'erro' });
    t.match(await checkDisk({ dataDir: '/proc/nada' }), { status: 'erro', remedy: String });
    const databaseUrl = 'postgres://a:b@127.0.0.1:1/c';
    t.match(await checkDatabase({ dataDir, databaseUrl }), [{ status: 'erro', remedy: /POSTGRES/ }]);
  });

  t.test('a database that a running Balto holds is fine', async (t) => {
    const open = await embedded(t);
    const own = { dataDir: open.options.dataDir, databaseUrl: undefined };
    t.match(await checkDatabase(own as never), [{ status: 'ok', detail: /migração/ }]);
    await open();
    t.match(await checkDatabase(own as never), [{ status: 'ok', detail: /em uso/ }]);
  });
});
