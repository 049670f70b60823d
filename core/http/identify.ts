import type { FastifyRequest } from 'fastify';
import type { Admin } from '../store/admin.ts';
import type { Identify } from './access.ts';
import type { Principal } from './principal.ts';
import { sessionToken } from './session.ts';

/** Knows callers by the session that their cookie names. */
export function identifyBySession({ admin }: { admin: Pick<Admin, 'session'> }): Identify {
  return async (request: FastifyRequest): Promise<Principal | null> => {
    const token = sessionToken(request);
    const session = token === null ? null : await admin.session(token);
    if (!session) return null;
    const { id } = session.user;
    return { kind: 'user', id, userId: id, actor: `admin:${id}`, roles: session.roles, scopes: null };
  };
}
