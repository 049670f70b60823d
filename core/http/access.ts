import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { BaltoError } from '../contracts/index.ts';
import type { Counters } from '../store/counters.ts';
import type { Permission } from './permissions.ts';
import { clientsWhere, knows, may, notAllowed, type Principal } from './principal.ts';
import { refuse } from './problem.ts';
import { refuseForeign } from './session.ts';

/**
 * Who may call a route, stated in its options as `config: { access }`.
 *
 * - `public`: anybody. `counter`: the handler itself asks for a counter's key.
 * - `signed-in`: any session or token. `user`: any session, no token (what is about the person's own account).
 * - `may`: whoever has the permission, or one of them, in the client that the request is about. `client` says which one that is:
 *   `params.id` (the route's `:id` is a client's), a function that looks it up (null: there is no such thing),
 *   `none` (the whole installation; the default), or `any` (whoever has the permission in at least one client: the
 *   handler filters with `clientsWhere`).
 */
export type Access = { who: 'public' | 'counter' | 'signed-in' | 'user' } | { may: Needed; client?: AboutClient };

/** One permission, or several of which any will do. */
type Needed = Permission | readonly [Permission, ...Permission[]];

type AboutClient = 'params.id' | 'none' | 'any' | ((request: FastifyRequest) => Promise<string | null>);

/** Tells who makes a request; null: nobody that is known. May refuse by throwing. */
export type Identify = (request: FastifyRequest) => Promise<Principal | null>;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Set by the access hook on every route that is not public; else null. */
    principal: Principal | null;
  }
  interface FastifyInstance {
    access: AccessGate;
    /** Decorate an instance with it for the routes of a library, which cannot state it themselves. */
    defaultAccess: Access | null;
  }
}

/** Between a request and its route. It is there before any plugin; how callers are known comes with the store. */
class AccessGate {
  #identify: Identify | null = null;

  identifyBy(identify: Identify): void {
    this.#identify = identify;
  }

  /** @throws 401, 403, 404 or 503 as BaltoError. */
  async check(request: FastifyRequest): Promise<void> {
    const { access } = request.routeOptions.config;
    if (request.is404) return;
    if (!access) throw unstated(request.routeOptions.url);
    if ('who' in access && (access.who === 'public' || access.who === 'counter')) return;
    if (!this.#identify) throw refuse(503, 'BALTO_HTTP_STARTING', 'O servidor ainda está partindo.');
    const principal = await this.#identify(request);
    if (!principal) {
      throw refuse(401, 'BALTO_ADMIN_SESSION', 'Sessão ausente ou expirada; entre em POST /admin/login.');
    }
    request.principal = principal;
    if (principal.kind === 'user') refuseForeign(request);
    if ('may' in access) await requirePermission(request, principal, access);
    else if (access.who === 'user' && principal.kind !== 'user') {
      throw refuse(403, 'BALTO_ACCESS_SESSION_ONLY', 'Isto só se faz com uma sessão, não com um token.');
    }
  }
}

/**
 * The one lock of all routes: a route that does not state who may call it is refused when it is registered, and every
 * request is held against what its route states. Register it first of all.
 */
export const access = fp(
  async (app) => {
    const gate = new AccessGate();
    app.decorate('access', gate);
    app.decorate('defaultAccess', null);
    app.decorateRequest('principal', null);
    await app.register(cookie);
    app.addHook('onRoute', requireStated);
    app.addHook('onRequest', (request) => gate.check(request));
  },
  { name: 'balto-access', fastify: '5.x' },
);

/** The principal of a route that is not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw unstated(request.routeOptions.url);
  return request.principal;
}

/** The `client` of a route about one counter, whose id is this parameter of its path. */
export function clientOfCounter(counters: Pick<Counters, 'byId'>, parameter: string) {
  return async ({ params }: FastifyRequest): Promise<string | null> => {
    const counter = await counters.byId((params as Record<string, string>)[parameter] ?? '');
    return counter?.clientId ?? null;
  };
}

async function requirePermission(
  request: FastifyRequest,
  principal: Principal,
  { may: needed, client = 'none' }: { may: Needed; client?: AboutClient },
): Promise<void> {
  const [permission, ...others] = typeof needed === 'string' ? ([needed] as const) : needed;
  const any = [permission, ...others];
  if (client === 'any') {
    if (any.every((each) => clientsWhere(principal, each)?.length === 0)) throw notAllowed(permission);
    return;
  }
  const clientId = await clientOf(request, client);
  if (any.some((each) => may(principal, each, clientId))) return;
  // What one has no part in is answered like what does not exist.
  if (client !== 'none' && !knows(principal, clientId)) {
    throw refuse(404, 'BALTO_HTTP_NOT_FOUND', 'Não encontrado.');
  }
  throw notAllowed(permission);
}

async function clientOf(request: FastifyRequest, client: Exclude<AboutClient, 'any'>): Promise<string | null> {
  if (client === 'none') return null;
  if (client === 'params.id') return (request.params as { id?: string }).id ?? null;
  return await client(request);
}

function requireStated(this: FastifyInstance, route: RouteOptions): void {
  // A preflight carries no credential that could be asked for.
  const fallback: Access | null = route.method === 'OPTIONS' ? { who: 'public' } : this.defaultAccess;
  const stated = route.config?.access ?? fallback;
  if (!stated) throw unstated(route.url);
  route.config = { ...route.config, access: stated };
  if (route.schema) route.schema = { ...route.schema, security: securityOf(stated) };
}

/** Names of the OpenAPI document's schemes: the session's cookie, and a token where a token will do. */
function securityOf(stated: Access): Record<string, string[]>[] {
  if ('may' in stated || stated.who === 'signed-in') return [{ sessao: [] }, { token: [] }];
  return stated.who === 'user' ? [{ sessao: [] }] : [];
}

function unstated(url: string | undefined): BaltoError {
  return new BaltoError({
    code: 'BALTO_HTTP_ACCESS_UNSTATED',
    message: `A rota ${url ?? ''} não diz quem pode chamá-la (config.access).`,
    statusCode: 500,
    field: 'config.access',
  });
}
