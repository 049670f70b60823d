import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Fastify from 'fastify';
import t, { type Test } from 'tap';
import { BaltoError } from '../../../core/contracts/index.ts';
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
