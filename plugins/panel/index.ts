import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import { FOREVER, PANEL_HEADERS } from './headers.ts';

/** What `npm run build:panel` made. */
const BUILT = fileURLToPath(new URL('./built/', import.meta.url));
const UNBUILT = 'O painel ainda não foi construído aqui: rode "npm run build:panel" e recarregue esta página.\n';

/**
 * Serves the panel under `/admin`: one page and its assets, to anybody; what it shows comes from the REST API, which asks
 * who is there. Every other path under `/admin/` is the page again: its own router knows the rest.
 */
export default fp(
  async (app) => {
    // The command line loads plugins too, and serves nobody.
    if (!app.hasDecorator('access')) return;
    await app.register(async (panel) => {
      panel.decorate('defaultAccess', { who: 'public' });
      panel.addHook('onSend', async (_request, reply) => void reply.headers(PANEL_HEADERS));
      const isBuilt = existsSync(`${BUILT}index.html`);
      const page = (reply: FastifyReply) =>
        isBuilt ? reply.sendFile('index.html', BUILT) : reply.code(503).type('text/plain; charset=utf-8').send(UNBUILT);
      if (isBuilt) {
        const { default: fastifyStatic } = await import('@fastify/static');
        await panel.register(fastifyStatic, {
          root: `${BUILT}assets`,
          prefix: '/admin/assets/',
          index: false,
          preCompressed: true,
          cacheControl: false,
          setHeaders: (reply, path) =>
            reply.header('cache-control', path.startsWith(`${BUILT}assets`) ? FOREVER : 'no-cache'),
        });
      }
      const schema = { summary: 'O painel', tags: ['Administração'], hide: true };
      for (const url of ['/admin', '/admin/*'])
        panel.route({ method: 'GET', url, schema, handler: (_request, reply) => page(reply) });
      // What a person types who was told only where Balto listens.
      panel.route({ method: 'GET', url: '/', schema, handler: (_request, reply) => reply.redirect('/admin') });
    });
  },
  { name: 'balto-panel', fastify: '5.x' },
);
