import Fastify, { type FastifyInstance } from 'fastify';
import { loadPlugins } from '../registry/load.ts';
import registryPlugin from '../registry/plugin.ts';

/** Where our own plugins live, beside `core/`, in the sources and in a build alike. */
const PLUGINS_DIRECTORY = new URL('../../plugins/', import.meta.url);

/** An instance with every plugin registered and nothing else: no port, no database. Close it after use. */
export async function registeredApp(packages: readonly string[] = []): Promise<FastifyInstance> {
  const app = Fastify({ logger: false });
  await app.register(registryPlugin);
  await loadPlugins(app, PLUGINS_DIRECTORY, packages);
  await app.ready();
  return app;
}
