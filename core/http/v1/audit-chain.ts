import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { DoorOptions } from '../options.ts';
import { PROBLEMS } from '../problem.ts';
import { Moment, nullable } from './schemas.ts';

const Sign = Type.Enum(['ok', 'none', 'contradicts', 'retired']);

const End = Type.Object({ seq: Type.Integer(), hash: Type.String() });

const Shown = Type.Object({
  checkedAt: Moment,
  ok: Type.Boolean({ description: 'Ninguém mexeu, até onde se pode saber' }),
  rows: Type.Integer(),
  end: nullable(
    Type.Object(
      { seq: Type.Integer(), hash: Type.String() },
      { description: 'Anotado fora desta máquina, prova depois que nada até ali mudou' },
    ),
  ),
  firstBroken: nullable(
    Type.Object({
      seq: nullable(Type.Integer()),
      id: nullable(Type.Integer()),
      what: Type.Enum(['changed', 'missing', 'unlinked', 'unchained', 'cut', 'anchor']),
    }),
  ),
  retired: nullable(
    Type.Object(
      { rows: Type.Integer(), seals: Type.Integer(), upTo: End, newestAt: Moment, retiredAt: Moment },
      { description: 'O que saiu por ter passado de AUDIT_RETENTION_YEARS; a corrente começa depois' },
    ),
  ),
  seal: Type.Enum(['ok', 'none', 'wrong'], { description: 'Do fim da corrente' }),
  witness: Sign,
  reseals: Type.Array(Type.Object({ seq: Type.Integer(), at: Moment, found: Type.String() })),
  restores: Type.Array(Type.Object({ seq: Type.Integer(), at: Moment })),
});

/** A walk of the whole log serves everybody who asks within so long. */
const FRESH_MS = 30_000;

/** `GET /api/v1/audit/chain`: what `balto audit verify` says, for who reads the audit in the panel. */
export const auditChain: FastifyPluginAsyncTypebox<DoorOptions> = async (app, { audit, clock }) => {
  let walking: { at: number; isOver: boolean; report: Promise<Static<typeof Shown>> } | null = null;
  const walk = async (): Promise<Static<typeof Shown>> => {
    const { expected: _nobodys, ...report } = await audit.verify();
    return { checkedAt: clock.date().toISOString(), ...report };
  };

  app.route({
    method: 'GET',
    url: '/api/v1/audit/chain',
    config: { access: { may: 'audit.read', client: 'any' } },
    schema: {
      summary: 'Confere a corrente da auditoria inteira: íntegra, ou onde alguém mexeu; uma conferência por vez',
      tags: ['Auditoria'],
      querystring: Type.Object({
        again: Type.Optional(Type.Boolean({ description: 'true: confere de novo, mesmo que se tenha feito há pouco' })),
      }),
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request) => {
      const isStale = !walking || clock.now() - walking.at > FRESH_MS;
      if (!walking || (walking.isOver && (isStale || request.query.again === true))) {
        const mine = { at: clock.now(), isOver: false, report: walk() };
        walking = mine;
        // What failed is no answer for the next one; what is under way is for everybody who asks meanwhile.
        mine.report.then(
          () => {
            mine.isOver = true;
          },
          () => {
            if (walking === mine) walking = null;
          },
        );
      }
      return await walking.report;
    },
  });
};
