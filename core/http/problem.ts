import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { BaltoError } from '../contracts/index.ts';
import { counted } from '../counted.ts';

/** What every refusal carries: `error` for the tools in the field, the members of RFC 9457 beside it. */
const Problem = Type.Object(
  {
    error: Type.String({ description: 'Mensagem em português' }),
    type: Type.String({ description: 'about:blank' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'Código estável, para programas' }),
    field: Type.Optional(Type.String({ description: 'Campo recusado' })),
    instance: Type.String({ description: 'Identificador do pedido, para procurar no log' }),
    success: Type.Optional(Type.Boolean()),
  },
  { description: 'Recusa' },
);
type Problem = Static<typeof Problem>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its refusals say `success: false` besides: tools in the field look for it. */
    saysSuccess?: boolean;
  }
}

const PROBLEM_TYPE = 'application/problem+json';

/** Responses that any route may give, for its schema. */
export const PROBLEMS = { '4xx': Problem, '5xx': Problem } as const;

const TITLES: Record<number, string> = {
  400: 'Pedido inválido',
  401: 'Sessão necessária',
  403: 'Não permitido',
  404: 'Não encontrado',
  409: 'Conflito',
  412: 'Revisão antiga',
  413: 'Pedido grande demais',
  422: 'Pedido recusado',
  426: 'Protocolo errado',
  428: 'Falta a revisão',
  429: 'Pedidos demais',
  503: 'Indisponível',
};

/** Installs the one place where errors become answers. No exception's text ever leaves the process. */
export function installProblems(app: FastifyInstance): void {
  documentProblems(app);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.statusCode >= 500) logFailure(error, request);
    return sendProblem(request, reply, refusal);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, refuse(404, 'BALTO_HTTP_NOT_FOUND', 'Rota não encontrada.')),
  );
}

/** New routes document their refusals by the type they are sent as. */
function documentProblems(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const responses = route.schema?.response as Record<string, unknown> | undefined;
    if (!responses || !isNew(route.url)) return;
    const refusals = Object.keys(PROBLEMS).filter((status) => responses[status] === Problem);
    const told = { description: 'Recusa', content: { [PROBLEM_TYPE]: { schema: Problem } } };
    const typed = Object.fromEntries(refusals.map((status) => [status, told]));
    route.schema = { ...route.schema, response: { ...responses, ...typed } };
  });
}

/** A refusal as an error to throw from a route. */
export function refuse(statusCode: number, code: string, message: string, field?: string): BaltoError {
  return new BaltoError({ code, message, statusCode, ...(field === undefined ? {} : { field }) });
}

function isNew(url: string): boolean {
  return url.startsWith('/api/v1/');
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, refusal: BaltoError): FastifyReply {
  const { statusCode, message, code, field } = refusal;
  const body: Problem = {
    error: message,
    type: 'about:blank',
    title: TITLES[statusCode] ?? (statusCode >= 500 ? 'Erro interno' : 'Pedido recusado'),
    status: statusCode,
    detail: message,
    code,
    ...(field === undefined ? {} : { field }),
    instance: `urn:balto:pedido:${request.id}`,
    ...(request.routeOptions.config?.saysSuccess ? { success: false } : {}),
  };
  return reply
    .code(statusCode)
    .header('cache-control', 'no-store')
    .type(isNew(request.url) ? PROBLEM_TYPE : 'application/json')
    .send(body);
}

/** What the caller may know of an error: our own say it themselves, the framework's are put into words, others nothing. */
function refusalOf(error: FastifyError): BaltoError {
  if (error instanceof BaltoError) return error;
  if (error.validation) return invalid(error);
  switch (error.statusCode) {
    case 400:
    case 415:
      return refuse(400, 'BALTO_HTTP_BODY', 'O corpo do pedido não é JSON válido.');
    case 413:
      return refuse(413, 'BALTO_HTTP_TOO_LARGE', 'O corpo do pedido é grande demais.');
    case 429:
      return refuse(429, 'BALTO_HTTP_TOO_MANY', 'Pedidos demais; tente de novo em instantes.');
    default:
      return refuse(500, 'BALTO_HTTP_INTERNAL', 'Erro interno.');
  }
}

function invalid(error: FastifyError): BaltoError {
  const first = error.validation?.[0];
  const params = (first?.params ?? {}) as Record<string, unknown>;
  const path = (first?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const named = params[first?.keyword === 'required' ? 'missingProperty' : 'additionalProperty'];
  const field = [path, named].filter((part) => typeof part === 'string' && part !== '').join('.');
  if (first?.keyword === 'required') return refuse(400, 'BALTO_HTTP_FIELD', `Campo obrigatório: ${field}`, field);
  if (!field) return refuse(400, 'BALTO_HTTP_BODY', 'O corpo do pedido deve ser um objeto JSON.');
  if (named !== undefined) return refuse(400, 'BALTO_HTTP_FIELD', `Campo desconhecido: ${field}`, field);
  return refuse(400, 'BALTO_HTTP_FIELD', `Campo inválido: ${field}${reasonOf(first?.keyword, params)}`, field);
}

/** What would be right, where that can be said in a few words. */
function reasonOf(keyword: string | undefined, params: Record<string, unknown>): string {
  const limit = String(params['limit']);
  switch (keyword) {
    case 'type':
      return ` (esperado: ${String(params['type'])})`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return ` (deve ser ${String(params['comparison'])} ${limit})`;
    case 'maxLength':
      return ` (no máximo ${counted(Number(limit), 'caractere', 'caracteres')})`;
    case 'maxItems':
      return ` (no máximo ${counted(Number(limit), 'item', 'itens')})`;
    case 'enum':
      return ` (valores aceitos: ${(params['allowedValues'] as unknown[]).map(String).join(', ')})`;
    default:
      return '';
  }
}

/** Name, code and where: never the message, which may quote a query's values. */
function logFailure(error: FastifyError, request: FastifyRequest): void {
  if (error instanceof BaltoError && error.statusCode === 503) return; // the part that is away has said so itself
  const at = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8);
  const { method, routeOptions } = request;
  request.log.error({ method, route: routeOptions.url, name: error.name, code: error.code, at }, 'request failed');
}
