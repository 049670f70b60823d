import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Copy } from '../../store/copies-table.ts';
import { principalOf } from '../access.ts';
import type { DoorOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { sessionToken } from '../session.ts';
import { authorOf, Why } from './conventions.ts';
import { ID, Moment, nullable, strict } from './schemas.ts';

const Shown = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['painel', 'comando'], { description: 'painel: guardada aqui; comando: feita por balto backup' }),
  state: Type.Enum(['fazendo', 'pronta', 'falhou']),
  by: Type.String({ description: 'admin:<id>, token:<id> ou cli' }),
  startedAt: Moment,
  finishedAt: nullable(Moment),
  ageS: nullable(Type.Integer({ description: 'Segundos desde que terminou' })),
  host: Type.String({ description: 'Máquina em cujo disco está' }),
  bytes: nullable(Type.Integer()),
  rows: nullable(Type.Integer({ description: 'Linhas, de todas as tabelas' })),
  failure: nullable(Type.String({ description: 'Código do que a fez falhar' })),
  canDownload: Type.Boolean(),
});

/** How things stand with the copies, also part of `GET /api/v1/health`. */
export const ShownStatus = Type.Object({
  lastAt: nullable(Moment),
  ageS: nullable(Type.Integer({ description: 'Idade da última cópia, em segundos; null: não há nenhuma' })),
  maxAgeDays: Type.Integer({ description: 'BACKUP_MAX_AGE_DAYS; 0: não se avisa' }),
  isOld: Type.Boolean({ description: 'Passou de maxAgeDays: há um alerta backup.old' }),
  keep: Type.Integer({ description: 'BACKUP_KEEP' }),
});

const tags = ['Saúde'];
/** The whole database, every client's: the platform's owner and nobody else. */
const access = { may: 'platform' } as const;

/** `/api/v1/backups`: copies of the whole database, made while everything goes on. */
export const backups: FastifyPluginAsyncTypebox<DoorOptions> = async (app, options) => {
  const { backups: desk, admin, audit, clock } = options;
  const shown = ({ startedAt, finishedAt, file, ...copy }: Copy): Static<typeof Shown> => ({
    ...copy,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    ageS: finishedAt && Math.max(0, Math.floor((clock.date().getTime() - finishedAt.getTime()) / 1000)),
    canDownload: copy.state === 'pronta' && file !== null,
  });

  app.route({
    method: 'GET',
    url: '/api/v1/backups',
    config: { access },
    schema: {
      summary: 'Cópias do banco, da mais nova à mais antiga, e a idade da última',
      tags,
      response: { 200: Type.Object({ items: Type.Array(Shown), next: Type.Null(), status: ShownStatus }), ...PROBLEMS },
    },
    handler: async () => {
      // In this order: a copy that is listed as ready is counted in the age.
      const copies = await desk.list();
      const status = await desk.status();
      return {
        items: copies.map(shown),
        next: null,
        status: { ...status, lastAt: status.lastAt?.toISOString() ?? null },
      };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/backups',
    config: { access },
    schema: {
      summary: 'Copia o banco agora, sem parar nada; GET diz quando terminou. Uma de cada vez',
      tags,
      response: { 202: Shown, ...PROBLEMS },
    },
    handler: async (request, reply) => reply.code(202).send(shown(await desk.start(authorOf(request)))),
  });

  app.route({
    method: 'GET',
    url: '/api/v1/backups/:id/file',
    exposeHeadRoute: false,
    config: { access },
    schema: {
      summary:
        'Baixa uma cópia (.tar.gz): tudo o que o banco guarda. Pede a senha dita há menos de 5 minutos nesta sessão (POST /api/v1/me/confirm)',
      tags,
      params: ID,
      produces: ['application/gzip'],
      response: { 200: Type.String({ format: 'binary', description: 'Arquivo' }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      await requireFresh(admin, request);
      const { copy, bytes, stream } = await desk.open(request.params.id);
      // Before the first byte: a download that is broken off has taken something too.
      const { actor } = authorOf(request);
      await audit.append({ actor, address: request.ip, action: 'backup.download', target: `backup:${copy.id}` });
      return reply
        .type('application/gzip')
        .header('content-length', bytes)
        .header('content-disposition', `attachment; filename="${copy.file}"`)
        .send(stream() as never); // a stream: the schema is documentation
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/backups/:id',
    config: { access },
    schema: {
      summary: 'Apaga uma cópia guardada aqui',
      tags,
      params: ID,
      body: strict({ why: Why }),
      response: { 204: Type.Null({ description: 'Feito' }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      await desk.remove(request.params.id, authorOf(request, request.body.why));
      return reply.code(204).send(null);
    },
  });
};

/** @throws 403: no token, and no session whose password was said long ago, takes everything away. */
async function requireFresh(admin: Pick<DoorOptions['admin'], 'isFresh'>, request: FastifyRequest): Promise<void> {
  if (principalOf(request).kind !== 'user') {
    throw refuse(403, 'BALTO_ACCESS_SESSION_ONLY', 'Isto só se faz com uma sessão, não com um token.');
  }
  if (await admin.isFresh(sessionToken(request) ?? '')) return;
  throw refuse(403, 'BALTO_SESSION_STALE', 'Diga a sua senha de novo (POST /api/v1/me/confirm) e repita.');
}
