import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { DoorOptions } from '../options.ts';
import { PROBLEMS } from '../problem.ts';
import { ShownStatus } from './backups.ts';
import { Moment, nullable } from './schemas.ts';

const Bytes = Type.Integer({ description: 'Bytes' });

const Figures = Type.Object({
  at: Moment,
  ready: Type.Boolean({ description: 'O mesmo que GET /health/ready' }),
  missing: Type.Array(Type.String({ description: 'O que falta, com o remédio' })),
  database: Type.Object({
    kind: Type.Enum(['embedded', 'postgres']),
    state: Type.Enum(['connecting', 'ready', 'away', 'closed']),
    since: Moment,
    migration: nullable(Type.String()),
    error: nullable(Type.String({ description: 'Código da última falha, enquanto dura' })),
  }),
  journal: Type.Object({
    bytes: Bytes,
    fullness: Type.Number({ description: '0 a 1' }),
    rejected: Type.Integer({ description: 'Entradas que o banco recusou desde a partida, guardadas à parte' }),
    error: nullable(Type.String({ description: 'Código do que impede de gravá-lo no banco' })),
  }),
  disk: nullable(
    Type.Object({ freeBytes: Bytes, totalBytes: Bytes }, { description: 'Da pasta de dados; null: não se sabe' }),
  ),
  process: Type.Object({
    pid: Type.Integer(),
    host: Type.String(),
    node: Type.String(),
    startedAt: Moment,
    memoryBytes: Bytes,
    counters: Type.Integer({ description: 'Balcões neste processo' }),
  }),
  backups: nullable(ShownStatus),
});

/** `GET /api/v1/health`: what somebody who looks after the installation wants to see at a glance. */
export const healthFigures: FastifyPluginAsyncTypebox<DoorOptions> = async (
  app,
  { figures, backups, clock, readiness },
) => {
  app.route({
    method: 'GET',
    url: '/api/v1/health',
    config: { access: { may: 'clients.read' } },
    schema: {
      summary: 'Figuras da instalação: prontidão, banco, diário, disco, este processo e a idade da última cópia',
      tags: ['Saúde'],
      response: { 200: Figures, ...PROBLEMS },
    },
    handler: async () => {
      const [{ ready, missing }, { database, process, ...rest }] = await Promise.all([readiness(), figures()]);
      const copies = database.state === 'ready' ? await backups.status() : null;
      return {
        at: clock.date().toISOString(),
        ready,
        missing,
        database: { ...database, since: database.since.toISOString() },
        ...rest,
        process: { ...process, startedAt: process.startedAt.toISOString() },
        backups: copies && { ...copies, lastAt: copies.lastAt?.toISOString() ?? null },
      };
    },
  });
};
