import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Place } from '../../store/config-table.ts';
import type { Expected } from '../../store/revision.ts';
import type { Access } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import type { Permission } from '../permissions.ts';
import { refuse } from '../problem.ts';
import { givenRevision } from './conventions.ts';
import { ID } from './schemas.ts';

/** Where a part of the configuration stands, as a URL says it: for everyone, for a client, for a counter. */
export interface PlaceRoute {
  prefix: '/api/v1/global' | '/api/v1/clients/:id' | '/api/v1/counters/:id';
  /** pt-BR, for a summary: "de todos". */
  of: string;
  params: typeof ID;
  access(permission: Permission): Access;
  /** @throws 404 where there is no such client or counter. */
  placeOf(request: FastifyRequest): Promise<Place>;
}

/** The three of them: the routes of each section are the same at all. */
export function placeRoutes({ clients, counters }: Pick<HttpOptions, 'clients' | 'counters'>): PlaceRoute[] {
  const counterOf = (request: FastifyRequest) => counters.byId((request.params as { id: string }).id);
  return [
    {
      prefix: '/api/v1/global',
      of: 'de todos',
      params: Type.Object({}) as never,
      access: (may) => ({ may }),
      placeOf: async () => ({ clientId: null, counterId: null }),
    },
    {
      prefix: '/api/v1/clients/:id',
      of: 'de um cliente',
      params: ID,
      access: (may) => ({ may, client: 'params.id' }),
      async placeOf(request) {
        const client = await clients.byId((request.params as { id: string }).id);
        if (!client) throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.');
        return { clientId: client.clientId, counterId: null };
      },
    },
    {
      prefix: '/api/v1/counters/:id',
      of: 'de um balcão',
      params: ID,
      access: (may) => ({ may, client: async (request) => (await counterOf(request))?.clientId ?? null }),
      async placeOf(request) {
        const counter = await counterOf(request);
        if (!counter) throw refuse(404, 'BALTO_COUNTER_UNKNOWN', 'Balcão não encontrado.');
        return { clientId: counter.clientId, counterId: counter.counterId };
      },
    },
  ];
}

/**
 * The version a change of the configuration is based on: its ETag is the version that was in force when it was read. Without
 * `If-Match` the change holds whatever came in between: one call switches a provider.
 * @throws 412 for a version that does not exist yet.
 */
export function unchangedSince(request: FastifyRequest, newest: number): number | undefined {
  const expected: Expected | undefined = givenRevision(request);
  if (expected === undefined || expected === '*') return undefined;
  if (expected > newest) throw refuse(412, 'BALTO_HTTP_STALE', 'If-Match não é o ETag de nenhuma versão.', 'If-Match');
  return expected;
}
