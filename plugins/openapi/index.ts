import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { DOCS_PATH } from './document.ts';

/**
 * Notes the routes that are registered after it. What makes the document and its page of them is loaded when somebody asks:
 * most processes are never asked, and no start pays for it.
 */
export default fp(
  async (app) => {
    const routes: RouteOptions[] = [];
    app.addHook('onRoute', (route) => void routes.push(route));
    let site: Promise<FastifyInstance> | null = null;
    const opened = () => {
      site ??= import('./site.ts').then(({ openSite }) => openSite(routes));
      // The next one who asks tries again.
      site.catch(() => {
        site = null;
      });
      return site;
    };
    app.addHook('onClose', async () => void (await (await site)?.close()));
    await app.register(async (docs) => {
      docs.decorate('defaultAccess', { who: 'public' });
      const schema = { summary: 'A documentação desta API', tags: ['Documentação'], hide: true };
      const handler = async (request: FastifyRequest, reply: FastifyReply) => {
        const { headers, raw } = request;
        const answer = await (await opened()).inject({ method: 'GET', url: raw.url ?? DOCS_PATH, headers });
        if (answer.statusCode === 404) return reply.callNotFound();
        for (const [name, value] of Object.entries(answer.headers)) {
          if (!CONNECTION.includes(name) && value !== undefined) reply.header(name, value);
        }
        return reply.code(answer.statusCode).send(answer.rawPayload);
      };
      for (const url of [DOCS_PATH, `${DOCS_PATH}/*`]) docs.route({ method: 'GET', url, schema, handler });
    });
  },
  { name: 'balto-openapi', fastify: '5.x' },
);

/** Of one connection, not of what goes over it. */
const CONNECTION = ['connection', 'date', 'keep-alive', 'transfer-encoding', 'content-length'];
