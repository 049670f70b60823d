/** Prints, as JSON, the files of every module that a Balto with all its plugins and nothing configured has loaded. */
import { registerHooks } from 'node:module';

const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    loaded.add(url);
    return next(url, context);
  },
});

const { default: Fastify } = await import('fastify');
const { default: registry } = await import('../../core/registry/plugin.ts');
const { access } = await import('../../core/http/access.ts');
const { loadPlugins } = await import('../../core/registry/load.ts');
await import('../../core/app.ts');

const app = Fastify();
await app.register(access);
await app.register(registry);
const unread = () => {
  throw new Error('nobody measures without a token');
};
app.decorate('telemetry', { settings: { token: null, labels: [] }, on: unread, gauges: unread });
await loadPlugins(app, new URL('../../plugins/', import.meta.url), []);
await app.ready();
await app.close();
process.stdout.write(JSON.stringify([...loaded]));
