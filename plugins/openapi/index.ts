import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fp from 'fastify-plugin';
import { DOCS_PATH, docsCsp, document } from './document.ts';

export default fp(
  async (app) => {
    await app.register(swagger, document);
    await app.register(async (page) => {
      // Its routes are the library's: they cannot say themselves who may call them.
      page.decorate('defaultAccess', { who: 'public' });
      await page.register(swaggerUi, { routePrefix: DOCS_PATH, staticCSP: docsCsp });
    });
  },
  { name: 'balto-openapi', fastify: '5.x' },
);
