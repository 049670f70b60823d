import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { LgpdReceipt } from '../../store/lgpd-receipts.ts';
import { parseScope, scopeShown } from '../../store/lgpd-scope.ts';
import { LocalTime } from '../local-time.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { auditRead } from '../read-audit.ts';
import { authorOf, Why } from './conventions.ts';
import { dateOf, ID, Moment, strict } from './schemas.ts';

const Row = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

/** Exactly one of interaction, employee, counter, and from with to. */
const Scope = {
  interaction: Type.Optional(Row),
  employee: Type.Optional(Row),
  counter: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, incluído' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, não incluído' })),
};

const Receipt = Type.Object({
  id: Type.String(),
  clientId: Type.String(),
  action: Type.String(),
  scope: Type.Record(Type.String(), Type.Unknown()),
  counts: Type.Record(Type.String(), Type.Integer(), { description: 'Linhas por tabela, e arquivos' }),
  unreached: Type.Array(Type.String({ description: 'O que ficou fora do alcance' })),
  hash: Type.String({ description: 'SHA-256 do recibo' }),
  at: Moment,
  by: Type.String(),
});

const tags = ['Proteção de dados'];
const erase = { access: { may: 'privacy.erase', client: 'params.id' } } as const;

/** `/api/v1/clients/:id/lgpd/*`: what is kept of somebody is handed out or erased; and the voices that are kept. */
export const lgpd: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { lgpd: work, interactions, audio } = options;
  const time = new LocalTime(options.settings.timeZone);
  const scopeOf = ({ from, to, ...scope }: Static<typeof ScopeOnly>) =>
    parseScope({ ...scope, from: dateOf('from', from, time), to: dateOf('to', to, time) });

  app.route({
    method: 'POST',
    url: '/api/v1/clients/:id/lgpd/erase',
    config: erase,
    schema: {
      summary:
        'Apaga o que se guarda de uma fala, um funcionário, um balcão ou um período; o recibo diz o que não alcança',
      tags,
      params: ID,
      body: strict({ ...Scope, why: Why }),
      response: { 200: Receipt, ...PROBLEMS },
    },
    handler: async (request) => {
      const { why, ...scope } = request.body;
      return shown(await work.erasure.erase(request.params.id, scopeOf(scope), authorOf(request, why)));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/clients/:id/lgpd/export',
    config: erase,
    schema: {
      summary: 'Entrega o que se guarda, uma linha JSON por linha de tabela; a última é o recibo',
      tags,
      params: ID,
      body: strict({ ...Scope, why: Why }),
      produces: ['application/x-ndjson'],
      response: { 200: Type.String({ description: 'Linhas JSON' }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { why, ...given } = request.body;
      const scope = scopeOf(given);
      const clientId = request.params.id;
      // Before the first line: a download that is broken off was a reading too.
      const target = `client:${clientId}`;
      await auditRead(options, request, { action: 'lgpd.read', target, clientId, filter: scopeShown(scope), rows: 0 });
      const lines = Readable.from(work.export.lines(clientId, scope, authorOf(request, why)), { objectMode: false });
      return reply.type('application/x-ndjson').send(lines as never); // a stream: the schema is documentation
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/lgpd/receipts',
    config: erase,
    schema: {
      summary: 'Recibos do que foi entregue ou apagado, o mais novo primeiro',
      tags,
      params: ID,
      response: { 200: Type.Object({ items: Type.Array(Receipt), next: Type.Null() }), ...PROBLEMS },
    },
    handler: async (request) => ({ items: (await work.receipts.list(request.params.id)).map(shown), next: null }),
  });

  app.route({
    method: 'GET',
    url: '/api/v1/interactions/:id/audio',
    exposeHeadRoute: false,
    config: {
      access: {
        may: 'audio.read',
        client: async ({ params }: FastifyRequest) => {
          const id = Number((params as { id: string }).id);
          return Number.isInteger(id) && id > 0 && id < 2 ** 31
            ? ((await interactions.byId(id))?.clientId ?? null)
            : null;
        },
      },
    },
    schema: {
      summary: 'O áudio de uma fala (WAV), se o cliente o guarda; cada escuta fica na auditoria',
      tags: ['Interações'],
      params: Type.Object({ id: Row }),
      produces: ['audio/wav'],
      response: { 200: Type.String({ format: 'binary', description: 'Arquivo' }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const interaction = await interactions.byId(request.params.id);
      const path = interaction?.audioFilePath ?? null;
      const wav = path === null ? null : await audio.read(path);
      if (!interaction || !wav) throw refuse(404, 'BALTO_AUDIO_ABSENT', 'O áudio desta fala não está guardado.');
      const { id, clientId } = interaction;
      await auditRead(options, request, { action: 'audio.read', target: `interaction:${id}`, clientId, rows: 1 });
      return reply
        .type('audio/wav')
        .header('content-disposition', `attachment; filename="interaction_${id}.wav"`)
        .send(wav as never); // bytes: the schema is documentation
    },
  });
};

const ScopeOnly = Type.Object(Scope);

function shown(receipt: LgpdReceipt): Static<typeof Receipt> {
  return { ...receipt, at: receipt.at.toISOString() };
}
