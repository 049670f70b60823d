import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestLimits, RouteGroup } from '../counter/request-limits.ts';
import type { Principal } from './principal.ts';
import { refuse } from './problem.ts';

/** Routes by the begin of their path, the first that fits. What needs nobody's session is limited by address, if at all. */
const GROUPS: readonly [prefix: string, group: RouteGroup][] = [
  ['/api/data/', 'data'],
  ['/api/export/', 'data'],
  ['/api/test/', 'test'],
  ['/api/', 'admin'],
  ['/admin/', 'admin'],
];

/** Holds every request of somebody known against the limits of their client. Register it after what knows them. */
export function installRequestLimits(app: FastifyInstance, limits: RequestLimits): void {
  app.addHook('onRequest', async (request, reply) => {
    const { url = '' } = request.routeOptions;
    const group = GROUPS.find(([prefix]) => url.startsWith(prefix))?.[1];
    if (!group || !request.principal) return;
    await requireAllowance(limits, request, reply, { who: whoIs(request.principal), group });
  });
}

/**
 * Counts a request, and says in its answer how much is left.
 * @throws 429 with `Retry-After`.
 */
export async function requireAllowance(
  limits: RequestLimits,
  request: FastifyRequest,
  reply: FastifyReply,
  { who, group }: { who: { key: string; clientId: string | null }; group: RouteGroup },
): Promise<void> {
  const { allowed, limit, remaining, resetS } = await limits.take(who, group);
  if (limit === null) return;
  reply.headers({ 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': resetS });
  if (allowed) return;
  reply.header('retry-after', resetS);
  request.log.info({ group, clientId: who.clientId }, 'a limit of requests was reached');
  throw refuse(429, 'BALTO_LIMIT_REQUESTS', `Limite de pedidos atingido; tente de novo em ${resetS} s.`);
}

/** Whoever works for one client counts as that client; whoever works for several, or for the platform, as himself. */
function whoIs({ roles, actor }: Principal): { key: string; clientId: string | null } {
  const clientIds = new Set(roles.map(({ clientId }) => clientId));
  const [clientId = null] = clientIds;
  return clientIds.size === 1 && clientId !== null ? { key: clientId, clientId } : { key: actor, clientId: null };
}
