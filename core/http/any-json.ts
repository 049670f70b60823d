import type { FastifyInstance } from 'fastify';

/** Bodies of these routes are a few fields. */
const BODY_BYTES = 16_384;

/**
 * Reads the body as JSON whatever its Content-Type says, also when it says nothing that could be one: pages in the field
 * send text/plain. Only for the plugin it is called in. An empty body is none; prototype poisoning is refused.
 */
export function acceptAnyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_BYTES }, (request, body: string, done) => {
    if (body === '') done(null, undefined);
    else parse(request, body, done);
  });
  // A malformed header would be refused before any parser is asked.
  app.addHook('onRequest', async (request) => {
    request.raw.headers['content-type'] = 'application/json';
  });
}
