import type { FastifyRequest } from 'fastify';
import type { Store } from '../store/index.ts';
import type { Identify } from './access.ts';
import { isPermission } from './permissions.ts';
import type { Principal } from './principal.ts';
import { refuse } from './problem.ts';
import { sessionToken } from './session.ts';

/** Other schemes are somebody else's business: a proxy's, or of a route that asks for its own token. */
const BEARER = /^Bearer +(bt_.*)$/i;

/**
 * Knows callers by the API token that they bear, else by the session that their cookie names. A token that does not open
 * is not passed over in favour of a cookie.
 */
export function identifyCallers({ admin, tokens }: Pick<Store, 'admin' | 'tokens'>): Identify {
  return async (request) => {
    const secret = BEARER.exec(request.headers.authorization ?? '')?.[1];
    return secret === undefined ? await bySession(admin, request) : await byToken(tokens, secret);
  };
}

async function bySession(admin: Store['admin'], request: FastifyRequest): Promise<Principal | null> {
  const token = sessionToken(request);
  const session = token === null ? null : await admin.session(token);
  if (!session) return null;
  const { id } = session.user;
  return { kind: 'user', id, userId: id, actor: `admin:${id}`, roles: session.roles, scopes: null };
}

async function byToken(tokens: Store['tokens'], secret: string): Promise<Principal> {
  const login = await tokens.login(secret);
  if (!login) throw refuse(401, 'BALTO_TOKEN_INVALID', 'Token desconhecido, vencido ou revogado.');
  const { id, userId, scopes } = login.token;
  return { kind: 'token', id, userId, actor: `token:${id}`, roles: login.roles, scopes: scopes.filter(isPermission) };
}
