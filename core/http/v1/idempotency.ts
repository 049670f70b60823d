import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { IdempotencyKeys, IdempotentUse } from '../../store/idempotency.ts';
import type { StoredAnswer } from '../../store/idempotency-table.ts';
import { principalOf } from '../access.ts';
import { refuse } from '../problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer tells a secret: it is not kept, and a repeated request is refused instead of answered. */
    showsSecret?: boolean;
  }
  interface FastifyRequest {
    /** Key this request took, until its answer is kept. */
    idempotency: IdempotentUse | null;
  }
}

const HEADER = 'idempotency-key';
const KEY = /^[\x21-\x7e]{1,128}$/;
const HEADER_SCHEMA = {
  type: 'string',
  description: 'Repetido com a mesma chave em 24 horas, o pedido é feito uma vez só e respondido igual',
};
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** Headers that belong to an answer; all others are made anew. */
const KEPT_HEADERS = ['content-type', 'etag', 'location', 'link'] as const;

/**
 * Lets a write be repeated: with the same `Idempotency-Key` it is done once and answered alike for 24 hours. For every
 * route registered in this scope. What failed may be tried again with the same key.
 */
export function installIdempotency(app: FastifyInstance, keys: IdempotencyKeys): void {
  app.decorateRequest('idempotency', null);
  app.addHook('onRoute', (route) => {
    if (![route.method].flat().some((method) => WRITES.has(method))) return;
    const headers = (route.schema?.headers ?? { type: 'object' }) as { properties?: object };
    const documented = { ...headers, properties: { ...headers.properties, [HEADER]: HEADER_SCHEMA } };
    route.schema = { ...route.schema, headers: documented };
  });
  app.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request);
    if (key === null) return;
    const principal = principalOf(request).actor;
    const begun = await keys.begin({ principal, key, request: textOf(request) });
    if (begun.state === 'new') request.idempotency = begun.use;
    else if (begun.state === 'done') return say(reply, begun.answer);
    else if (begun.state === 'running') throw running(reply);
    else if (begun.state === 'lost') throw lost();
    else throw otherRequest();
  });
  // By its callback: what is called from here on, the handler, runs inside.
  app.addHook('preHandler', (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    if (request.idempotency) request.idempotency.within(() => done());
    else done();
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const use = request.idempotency;
    if (!use) return;
    request.idempotency = null;
    if (reply.statusCode >= 400 || (typeof payload !== 'string' && payload !== null)) {
      await use.release().catch(warn(request));
      return;
    }
    const answer = answerOf(request, reply, payload);
    try {
      if (await use.commit(answer)) return;
    } catch (error) {
      for (const name of KEPT_HEADERS) reply.removeHeader(name);
      await use.undone().catch(warn(request));
      throw error;
    }
    // The change is made: its answer goes out even when nothing remembers it.
    await use.keep(answer).catch(warn(request));
  });
}

function warn({ log }: FastifyRequest) {
  return (error: unknown): void =>
    log.warn({ code: (error as { code?: unknown }).code }, 'an answer was not kept for its Idempotency-Key');
}

function keyOf(request: FastifyRequest): string | null {
  const key = request.headers[HEADER];
  if (key === undefined || !WRITES.has(request.method)) return null;
  if (typeof key === 'string' && KEY.test(key)) return key;
  throw refuse(
    400,
    'BALTO_HTTP_FIELD',
    'Campo inválido: Idempotency-Key (1 a 128 caracteres visíveis)',
    'Idempotency-Key',
  );
}

/** Everything that makes this request another one. */
function textOf({ method, url, headers, body }: FastifyRequest): string {
  return JSON.stringify([method, url, headers['if-match'] ?? null, body ?? null]);
}

function answerOf(request: FastifyRequest, reply: FastifyReply, payload: string | null): StoredAnswer {
  const status = reply.statusCode;
  if (request.routeOptions.config.showsSecret) return { status, body: null, headers: {} };
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = reply.getHeader(name);
    if (typeof value === 'string') headers[name] = value;
  }
  return { status, body: payload ?? '', headers };
}

function say(reply: FastifyReply, { status, body, headers }: StoredAnswer): FastifyReply {
  if (body === null) {
    throw refuse(
      409,
      'BALTO_IDEMPOTENCY_SHOWN_ONCE',
      'Este pedido já foi feito, e o segredo que a resposta mostrava só aparece uma vez. Para outro, repita com uma Idempotency-Key nova.',
      'Idempotency-Key',
    );
  }
  return reply
    .code(status)
    .headers({ ...headers, 'idempotency-replayed': 'true', 'cache-control': 'no-store' })
    .send(body);
}

function running(reply: FastifyReply) {
  reply.header('retry-after', '1');
  return refuse(
    409,
    'BALTO_IDEMPOTENCY_RUNNING',
    'Este pedido já está sendo atendido; pergunte de novo em instantes.',
    'Idempotency-Key',
  );
}

function lost() {
  return refuse(
    409,
    'BALTO_IDEMPOTENCY_ANSWER_LOST',
    'Este pedido já mudou alguma coisa, e a resposta dele se perdeu. Veja como está antes de repetir com uma Idempotency-Key nova.',
    'Idempotency-Key',
  );
}

function otherRequest() {
  return refuse(
    422,
    'BALTO_IDEMPOTENCY_REUSED',
    'Esta Idempotency-Key já foi usada com outro pedido; use uma nova.',
    'Idempotency-Key',
  );
}
