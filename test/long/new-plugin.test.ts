import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { pluginInside } from '../../core/cli/new-plugin.ts';
import { KINDS } from '../../core/contracts/index.ts';
import { checkOut, emptyFolder, makePlugin, mustSucceed } from '../helpers/checkout.ts';
import { cli } from '../helpers/cli.ts';

const BIN = 'node_modules/.bin';
const SOURCE = /^(plugins|test)\/.*\.ts$/;

/** With BALTO_QUALITY=write, what the kit showed becomes the template's label. */
function keepLabel(folder: string, name: string, kind: string): void {
  if (process.env['BALTO_QUALITY'] !== 'write') return;
  const label = readFileSync(join(folder, `plugins/${name}/quality.json`), 'utf8').replaceAll(name, 'acme');
  writeFileSync(new URL(`../../core/cli/templates/quality/${kind}.json`, import.meta.url), label);
}

t.test('inside the repository: every kind is green at its first run, well typed and well formed', async (test) => {
  const folder = emptyFolder(test);
  checkOut(folder);
  const files = new Set<string>();
  for (const kind of KINDS) {
    const name = `nova-${kind}`;
    const its = await makePlugin(test, 'core/cli/balto.js', [name, '--kind', kind], folder);
    const expected = ['README.md', 'config.ts', 'index.ts', 'quality.json', `${kind}.ts`];
    for (const file of expected) test.ok(its.includes(`plugins/${name}/${file}`), `${name}: ${file}`);
    for (const file of its) files.add(file);
  }
  const sources = [...files].filter((file) => SOURCE.test(file));
  const program = { extends: './tsconfig.json', files: [...sources, 'core/registry/plugin.ts'], include: [] };
  writeFileSync(join(folder, 'tsconfig.new.json'), JSON.stringify(program));
  await Promise.all([
    mustSucceed(
      test,
      `${BIN}/tap`,
      sources.filter((file) => file.endsWith('.test.ts')),
      folder,
    ),
    mustSucceed(test, `${BIN}/tsc`, ['-p', 'tsconfig.new.json'], folder),
  ]);
  await mustSucceed(test, `${BIN}/biome`, ['check', '--error-on-warnings', ...files].filter(notMarkdown), folder);
  for (const kind of KINDS) keepLabel(folder, `nova-${kind}`, kind);
});

t.test('the tutorial names the files that are made', async (test) => {
  const tutorial = readFileSync(new URL('../../docs/plugins.md', import.meta.url), 'utf8');
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

function notMarkdown(path: string): boolean {
  return !path.endsWith('.md');
}
