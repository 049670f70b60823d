import { readFileSync } from 'node:fs';
import t from 'tap';
import { pluginInside } from '../../../core/cli/new-plugin.ts';
import { checkOut, emptyFolder, makePlugin, mustSucceed } from '../../helpers/checkout.ts';
import { cli } from '../../helpers/cli.ts';

// Every kind, types, and packages that are loaded by name: test/long/new-plugin.test.ts and new-package.test.ts.
t.test('a new plugin is green at its first run, by the runner of the repository', async (test) => {
  const folder = emptyFolder(test);
  checkOut(folder);
  await makePlugin(test, 'core/cli/balto.js', ['minha-voz', '--kind', 'stt'], folder);
  const said = await mustSucceed(test, 'node_modules/.bin/tap', ['test/plugins/minha-voz.test.ts'], folder);
  test.match(said, /ok 2 - quality\.json is true/);
});

t.test('the tutorial names the files that are made', async (test) => {
  const tutorial = readFileSync(new URL('../../../docs/plugins.md', import.meta.url), 'utf8');
  const named = [...tutorial.matchAll(/^((?:plugins|test)\/\S*acme\S*) {2,}/gm)].map(([, path]) => path);
  test.same(
    named.sort(),
    pluginInside('acme', 'stt')
      .map(({ path }) => path)
      .sort(),
  );
});

t.test('what is wrong is refused by its name, in Portuguese, and nothing is written', async (test) => {
  const before = process.cwd();
  const folder = test.testdir({ cheia: { 'nota.txt': 'minha' } });
  process.chdir(folder);
  test.teardown(() => process.chdir(before));
  const cases: [string[], field: string][] = [
    [['Acme', '--kind', 'stt'], 'NOME'],
    [['../fora', '--kind', 'stt'], 'NOME'],
    [['1a', '--kind', 'stt'], 'NOME'],
    [['a--b', '--kind', 'stt'], 'NOME'],
    [['a'.repeat(41), '--kind', 'stt'], 'NOME'],
    [['acme'], '--kind'],
    [['acme', '--kind', 'fax'], '--kind'],
    [['acme', '--kind', 'stt', '--dir', 'cheia'], '--dir'],
  ];
  for (const [args, field] of cases) {
    const { code, out } = await cli(['new', 'plugin', ...args, '--json']);
    test.equal(code, 1, args.join(' '));
    test.match(JSON.parse(out), { ok: false, error: { code: 'BALTO_NEW_PLUGIN', field } });
  }
  test.match(await cli(['new', 'painel', 'acme', '--kind', 'stt']), { code: 1, error: /plugin/ });
  test.match(await cli(['new', 'plugin']), { code: 2, error: /NOME/ });
  test.same(readFileSync('cheia/nota.txt', 'utf8'), 'minha');
});

t.test('a name that is taken stays whose it is', async (test) => {
  const before = process.cwd();
  process.chdir(
    test.testdir({
      'package.json': '{ "name": "balto" }',
      core: { contracts: { 'index.ts': '' } },
      plugins: { antiga: { 'index.ts': 'antiga' } },
      test: { emulators: { 'server.ts': 'base' } },
    }),
  );
  test.teardown(() => process.chdir(before));
  for (const name of ['antiga', 'server']) {
    const { code, error } = await cli(['new', 'plugin', name, '--kind', 'stt']);
    test.equal(code, 1);
    test.match(error, /NOME: .*já (há|existe)/);
  }
  test.equal(readFileSync('plugins/antiga/index.ts', 'utf8'), 'antiga');
  test.equal(readFileSync('test/emulators/server.ts', 'utf8'), 'base');
});
