import t from 'tap';
import { openHouse, startHttpServer } from '../../helpers/http-server.ts';

t.test('health, documentation and what every answer carries', async (t) => {
  const { get, readiness } = await startHttpServer(t, await openHouse(t));

  t.test('live says the process answers, ready what is missing', async (t) => {
    t.same(await (await get('/health/live')).json(), { status: 'ok' });
    t.same(await (await get('/health/ready')).json(), { status: 'ok', missing: [] });
    readiness.ready = false;
    readiness.missing = ['nenhuma transcrição configurada (defina ACME_API_KEY)'];
    const answer = await get('/health/ready');
    t.equal(answer.status, 503);
    t.same(await answer.json(), { status: 'indisponivel', missing: readiness.missing });
    t.equal((await get('/health/live')).status, 200, 'still alive');
  });

  t.test('every route is documented, in Portuguese', async (t) => {
    const document = (await (await get('/docs/json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { summary?: string; tags?: string[]; responses?: object }>>;
    };
    t.match(document.openapi, /^3\.1/);
    const routes = ['/cadastro/cliente', '/cadastro/balcao', '/admin/login', '/admin/logout', '/api/data/interacoes'];
    for (const path of [...routes, '/api/data/balcao/{id}/metricas', '/health/live', '/health/ready']) {
      t.ok(document.paths[path], path);
    }
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        t.ok(operation.summary && operation.tags?.length && operation.responses, `${method} ${path} says what it does`);
      }
    }
    const page = await get('/docs/');
    t.equal(page.status, 200);
    t.match(page.headers.get('content-security-policy'), /script-src 'self';/);
    const style = await get('/docs/static/swagger-ui.css');
    t.match(style.headers.get('content-type'), /^text\/css/);
    const unknown = await get('/docs/static/nada.js');
    t.equal(unknown.status, 404);
    t.match(await unknown.json(), { code: 'BALTO_HTTP_NOT_FOUND' }, 'our own answer, not its');
  });

  t.test('security headers, and an unknown route', async (t) => {
    const answer = await get('/nada?x=<script>');
    t.equal(answer.status, 404);
    t.match(await answer.json(), {
      error: 'Rota não encontrada.',
      code: 'BALTO_HTTP_NOT_FOUND',
      instance: /^urn:balto:pedido:/,
    });
    t.match(answer.headers.get('content-security-policy'), /default-src 'none'/);
    t.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    t.match(answer.headers.get('strict-transport-security'), /max-age=\d+$/);
  });

  t.test('no answer carries the text of an exception', async (t) => {
    readiness.fault = new Error('password authentication failed for user "balto_user"');
    const answer = await get('/health/ready');
    t.equal(answer.status, 500);
    t.match(await answer.json(), { error: 'Erro interno.', code: 'BALTO_HTTP_INTERNAL' });
  });
});
