import { readdir } from 'node:fs/promises';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { BaltoError } from '../contracts/index.ts';
import { withBoundedClose } from './bounded-close.ts';
import { locatePackage } from './package.ts';

/**
 * Registers every folder of `directory` that has an `index.ts` (or `index.js` in a build), then the packages named in
 * the configuration. A plugin of our own that fails stops the start; so does a package an operator asked for by name:
 * running without it would silently answer with another vendor.
 */
export async function loadPlugins(app: FastifyInstance, directory: URL, packages: readonly string[]): Promise<void> {
  for (const name of await folders(directory)) {
    await registerFrom(app, await entryOf(directory, name), name);
  }
  for (const name of packages) await registerFrom(app, locatePackage(name), name);
}

async function folders(directory: URL): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function entryOf(directory: URL, name: string): Promise<string> {
  const folder = new URL(`${name}/`, `${directory.href}/`.replace(/\/+$/, '/'));
  const files = await readdir(folder);
  const entry = files.find((file) => file === 'index.ts') ?? files.find((file) => file === 'index.js');
  if (!entry) {
    throw new BaltoError({ code: 'BALTO_PLUGIN_ENTRY', message: `plugins/${name} não tem index.ts`, field: name });
  }
  return new URL(entry, folder).href;
}

async function registerFrom(app: FastifyInstance, specifier: string, name: string): Promise<void> {
  const plugin = await importDefault(specifier, name);
  try {
    await withBoundedClose(app, name, () => app.register(plugin));
    app.balto.registry.cameFrom(import.meta.resolve(specifier));
  } catch (error) {
    if (error instanceof BaltoError) throw error;
    throw new BaltoError({
      code: 'BALTO_PLUGIN_FAILED',
      message: `o plugin "${name}" falhou ao registrar-se`,
      field: name,
      cause: error,
    });
  }
}

async function importDefault(specifier: string, name: string): Promise<FastifyPluginAsync> {
  let module: { default?: unknown };
  try {
    module = (await import(specifier)) as typeof module;
  } catch (error) {
    throw new BaltoError({
      code: 'BALTO_PLUGIN_IMPORT',
      message: `o plugin "${name}" não pôde ser carregado`,
      field: name,
      cause: error,
    });
  }
  if (typeof module.default !== 'function') {
    throw new BaltoError({
      code: 'BALTO_PLUGIN_SHAPE',
      message: `o plugin "${name}" não exporta um plugin Fastify como default`,
      field: name,
    });
  }
  return module.default as FastifyPluginAsync;
}
