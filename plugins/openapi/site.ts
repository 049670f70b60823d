import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { DOCS_PATH, docsCsp, document } from './document.ts';

/** The document of these routes and its page, as an instance of its own that only ever is asked by injection. */
export async function openSite(routes: readonly RouteOptions[]): Promise<FastifyInstance> {
  const site = Fastify({ exposeHeadRoutes: false, logger: false });
  // Nothing is validated here, nor served by these routes: they are there to be described.
  site.setValidatorCompiler(() => () => true);
  site.setSerializerCompiler(() => JSON.stringify);
  await site.register(swagger, document);
  await site.register(swaggerUi, { routePrefix: DOCS_PATH, staticCSP: docsCsp });
  for (const { method, url, schema, config } of routes) {
    if (url.startsWith(DOCS_PATH) || method === 'HEAD') continue;
    site.route({
      method,
      url,
      handler: async () => null,
      ...(schema ? { schema } : {}),
      ...(config ? { config } : {}),
    });
  }
  await site.ready();
  return site;
}
