import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { StoredAuditEntry } from '../../store/audit-table.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import { principalOf } from '../access.ts';
import { LocalTime } from '../local-time.ts';
import type { DoorOptions } from '../options.ts';
import { clientToRead } from '../principal.ts';
import { PROBLEMS } from '../problem.ts';
import { PAGE_QUERY, pageOf, sendPage } from './conventions.ts';
import { dateOf, Moment, nullable } from './schemas.ts';

const Any = nullable(Type.Unsafe<object>({ description: 'Sem segredos' }));

const Shown = Type.Object({
  seq: Type.Integer({ description: 'Lugar na corrente' }),
  at: Moment,
  actor: Type.String({ description: 'admin:<id>, token:<id>, client:<id>, anonymous, cli ou system' }),
  action: Type.String(),
  target: Type.String(),
  clientId: nullable(Type.String()),
  why: nullable(Type.String()),
  before: Any,
  after: Any,
  address: nullable(Type.String()),
  hash: Type.String({ description: 'SHA-256 desta linha e da anterior' }),
});

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 200, description }));

/** `GET /api/v1/audit`: who changed what, and why. `balto audit verify` says whether anybody touched it. */
export const audit: FastifyPluginAsyncTypebox<DoorOptions> = async (app, options) => {
  const time = new LocalTime(options.settings.timeZone);
  app.route({
    method: 'GET',
    url: '/api/v1/audit',
    config: { access: { may: 'audit.read', client: 'any' } },
    schema: {
      summary: 'Auditoria, da linha mais nova à mais antiga',
      tags: ['Auditoria'],
      querystring: Type.Object({
        ...PAGE_QUERY,
        clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        actor: text('Quem: admin:<id>, token:<id>, cli, …'),
        action: text('O que foi feito: inteiro (counter.revoke), ou só em quê (counter)'),
        target: text('Em quê: counter:<id>, …'),
        from: text('ISO 8601, incluído'),
        to: text('ISO 8601, não incluído'),
      }),
      response: { 200: pageOf(Shown), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, clientId, from, to, ...filter } = request.query;
      const readable = clientToRead(principalOf(request), 'audit.read', clientId, 'clientId');
      const page = await options.audit.page(
        { ...filter, clientId: readable ?? undefined, from: dateOf('from', from, time), to: dateOf('to', to, time) },
        limit,
        cursor,
      );
      return sendPage(request, reply, page, shown);
    },
  });
};

function shown(entry: StoredAuditEntry): Static<typeof Shown> {
  const { seq, at, actor, action, target, clientId, why, before, after, address, hash } = entry;
  return {
    seq,
    at: at.toISOString(),
    actor,
    action,
    target,
    clientId: clientId ?? null,
    why: why ?? null,
    before: before ?? null,
    after: after ?? null,
    address: address ?? null,
    hash,
  };
}
