import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Fastify from 'fastify';
import t, { type Test } from 'tap';
import { BaltoError, CONTRACT_VERSION } from '../../../core/contracts/index.ts';
import { loadPlugins } from '../../../core/registry/load.ts';
import registryPlugin from '../../../core/registry/plugin.ts';

const PLUGIN = (vendor: string) => `
export default async function plugin(app) {
  app.balto.register({ id: '${vendor}', title: '${vendor}', specVersion: 1, region: 'local' }, []);
}
plugin[Symbol.for('skip-override')] = true;
`;

async function load(t: Test, folders: Record<string, unknown>, packages: string[] = []) {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(registryPlugin);
  const directory = t.testdir({ plugins: folders as Parameters<Test['testdir']>[0] & object });
  const specifiers = packages.map((name) => pathToFileURL(join(directory, name)).href);
  const error = await loadPlugins(app, pathToFileURL(`${join(directory, 'plugins')}/`), specifiers).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { error, vendors: app.balto.registry.vendors().map(({ id }) => id) };
}

t.test('every folder of plugins/ is loaded, in the order of its name', async (t) => {
  const { error, vendors } = await load(t, { b: { 'index.js': PLUGIN('b') }, a: { 'index.ts': PLUGIN('a') } });
  t.equal(error, null);
  t.same(vendors, ['a', 'b']);
});

t.test('a package named in the configuration is loaded after them', async (t) => {
  const folder = { a: { 'index.js': PLUGIN('a') }, 'outside.js': PLUGIN('outside') };
  const { error, vendors } = await load(t, folder, ['plugins/outside.js']);
  t.equal(error, null);
  t.same(vendors, ['a', 'outside']);
});

t.test('what cannot be loaded stops the start, by name', async (t) => {
  const cases: [Record<string, unknown>, string[], string][] = [
    [{ empty: { 'README.md': '' } }, [], 'BALTO_PLUGIN_ENTRY'],
    [{ broken: { 'index.js': 'throw new Error("sk-secret")' } }, [], 'BALTO_PLUGIN_IMPORT'],
    [{ shapeless: { 'index.js': 'export default 7' } }, [], 'BALTO_PLUGIN_SHAPE'],
    [
      { thrower: { 'index.js': 'export default async () => { throw new Error("sk-secret") }' } },
      [],
      'BALTO_PLUGIN_FAILED',
    ],
    [{ a: { 'index.js': PLUGIN('same') }, b: { 'index.js': PLUGIN('same') } }, [], 'BALTO_REGISTRY_DUPLICATE'],
    [{}, ['plugins/absent.js'], 'BALTO_PLUGIN_IMPORT'],
  ];
  for (const [folders, packages, code] of cases) {
    const { error } = await load(t, folders, packages);
    t.ok(error instanceof BaltoError, code);
    t.equal((error as BaltoError).code, code);
    t.notMatch((error as BaltoError).message, /sk-secret/);
  }
});

/** A folder a server is started in, with these packages installed; their code says when it runs. */
function startedIn(t: Test, packages: Record<string, Record<string, unknown>>): void {
  const installed = Object.entries(packages).map(([name, manifest]) => [
    name,
    {
      'package.json': JSON.stringify({ name, type: 'module', exports: './entry.js', ...manifest }),
      'entry.js': `globalThis.ran = ${JSON.stringify(name)};${PLUGIN(name)}`,
    },
  ]);
  const before = process.cwd();
  process.chdir(t.testdir({ plugins: {}, node_modules: Object.fromEntries(installed) }));
  t.teardown(() => process.chdir(before));
}

async function loadNamed(t: Test, name: string) {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(registryPlugin);
  const error = await loadPlugins(app, pathToFileURL(join(process.cwd(), 'plugins/')), [name]).then(
    () => null,
    (thrown: unknown) => thrown as BaltoError,
  );
  return { error, vendors: app.balto.registry.vendors().map(({ id }) => id) };
}

t.test('a package of the folder it was started in is loaded by name, within its range of contracts', async (t) => {
  const peers = (balto: string) => ({ peerDependencies: { balto } });
  startedIn(t, {
    caret: peers(`^${CONTRACT_VERSION}`),
    any: peers('*'),
    wide: peers(`>=0.0.1 <${CONTRACT_VERSION}-z || 9`),
  });
  for (const name of ['caret', 'any']) t.same(await loadNamed(t, name), { error: null, vendors: [name] });
  t.equal((await loadNamed(t, 'wide')).error?.code, 'BALTO_PLUGIN_PEER');
});

t.test(
  'outside of its range, or without one, it is refused before its code runs, by name, range and version',
  async (t) => {
    startedIn(t, {
      older: { peerDependencies: { balto: '^0.0.9' } },
      newer: { peerDependencies: { balto: '^99.1.0' } },
      nonsense: { peerDependencies: { balto: 'amanhã' } },
      silent: {},
      other: { peerDependencies: { fastify: '5' } },
    });
    const said = { older: /"\^0\.0\.9"/, newer: /"\^99\.1\.0"/, nonsense: /"amanhã"/, silent: /falta/, other: /falta/ };
    for (const [name, range] of Object.entries(said)) {
      const { error } = await loadNamed(t, name);
      t.match(error, { code: 'BALTO_PLUGIN_PEER', field: name, message: range });
      t.ok(error?.message.includes(`"${name}"`) && error.message.includes(CONTRACT_VERSION));
      t.not((globalThis as { ran?: string }).ran, name);
    }
  },
);

t.test('an operator’s own file needs no package around it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'balto-own-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'own.mjs');
  await writeFile(file, PLUGIN('own'));
  startedIn(t, {});
  t.same(await loadNamed(t, file), { error: null, vendors: ['own'] });
});

t.test('the contracts have the version of the package, which npm holds ranges against', async (t) => {
  const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  t.equal(CONTRACT_VERSION, version);
});
