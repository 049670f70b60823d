import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import Fastify from 'fastify';
import t from 'tap';
import { loadPlugins } from '../../core/registry/load.ts';
import registryPlugin from '../../core/registry/plugin.ts';

const ROOT = new URL('../../', import.meta.url);
const CORE = globSync('core/**/*.ts', { cwd: ROOT.pathname }).map((path) => ({
  path,
  text: readFileSync(new URL(path, ROOT), 'utf8'),
}));

/** What each folder of core may be told of: those below it, and `config/` with the dated data. */
const BELOW: Record<string, readonly string[]> = {
  contracts: [],
  audio: ['contracts'],
  pharmacy: ['contracts', 'store'],
  privacy: ['contracts', 'pharmacy'],
  registry: ['contracts', 'runtime'],
  runtime: ['contracts', 'registry', 'store'],
  store: ['contracts', 'config', 'pharmacy', 'audio/settings.ts'],
};

/** Whole words, in any case; a column of the database that is named after a model is no vendor of ours. */
function naming(name: string): RegExp {
  const plain = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\d_])${plain}(?![\\p{L}\\d_])`, 'iu');
}

/** Relative modules a text imports, from the root. */
function importsOf({ path, text }: { path: string; text: string }): string[] {
  return [...text.matchAll(/(?:from|import\(|import|new URL\()\s*['"](\.{1,2}\/[^'"]+)['"]/g)].map(([, to = '']) =>
    normalize(join(dirname(path), to)),
  );
}

t.test('core names no vendor', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(registryPlugin);
  await loadPlugins(app, new URL('plugins/', ROOT), []);
  const vendors = app.balto.registry.vendors();
  t.ok(vendors.length > 15);
  // What is called by an everyday word is found by its title.
  const names = vendors.flatMap(({ id, title }) => (id === 'compatible' ? [title] : [id, title]));
  for (const name of names) {
    const found = CORE.filter(({ text }) => naming(name).test(text)).map(({ path }) => path);
    t.same(found, [], name);
  }
});

t.test('core imports no plugin and no test', async (t) => {
  const outside = CORE.flatMap((file) => importsOf(file).filter((to) => /^(plugins|test)\//.test(to)));
  // The demonstration's vendors are the tests' own; only its command loads them.
  t.same(
    outside.filter((to) => to !== 'plugins/'),
    ['test/demo/main.ts'],
  );
});

t.test('imports point inward', async (t) => {
  // What stands beside the folders and leans on nothing itself, such as the clock on the wall, serves them all.
  const leaves = CORE.filter((file) => /^core\/[^/]+$/.test(file.path) && importsOf(file).length === 0).map(
    ({ path }) => path,
  );
  for (const [folder, below] of Object.entries(BELOW)) {
    const files = CORE.filter(({ path }) => path.startsWith(`core/${folder}/`));
    t.ok(files.length > 3, folder);
    const outward = files.flatMap((file) =>
      importsOf(file)
        .filter((to) => to.startsWith('core/') && !to.startsWith(`core/${folder}/`) && !leaves.includes(to))
        .filter((to) => !below.some((inner) => to.startsWith(`core/${inner}`)))
        .map((to) => `${file.path} → ${to}`),
    );
    t.same(outward, [], folder);
  }
});
