import Fastify, { type FastifyPluginAsync } from 'fastify';
import type { Test } from 'tap';
import registryPlugin from '../../core/registry/plugin.ts';

/** A registry with this plugin in it, as the server makes one. */
export async function registered(test: Test, plugin: FastifyPluginAsync) {
  const app = Fastify();
  test.teardown(() => app.close());
  await app.register(registryPlugin);
  await app.register(plugin);
  await app.ready();
  return app.balto.registry;
}
