import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Interaction } from '../../store/interaction.ts';
import { costsOf, type InteractionCost } from '../../store/interaction-costs.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import { principalOf } from '../access.ts';
import { INTERACTION_TYPES } from '../interaction-filters.ts';
import { LocalTime } from '../local-time.ts';
import type { HttpOptions } from '../options.ts';
import { clientToRead } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { auditRead } from '../read-audit.ts';
import { PAGE_QUERY, pageOf, sendPage } from './conventions.ts';
import { dateOf, Moment, nullable } from './schemas.ts';

const Json = Type.Unsafe<unknown>({});
const NullableText = nullable(Type.String());
const NullableNumber = nullable(Type.Number());
const NullableMoment = nullable(Moment);

const Listed = Type.Object({
  id: Type.Integer(),
  at: Moment,
  clientId: Type.String(),
  counterId: Type.String(),
  sessionId: Type.String(),
  segment: Type.Integer(),
  type: Type.String(),
  transcript: NullableText,
  recommendation: nullable(Type.String({ description: 'null: o modelo não foi chamado; Nenhuma: nada a sugerir' })),
  feedback: NullableText,
  provider: nullable(Type.String({ description: 'Quem transcreveu' })),
  rule: nullable(Type.String({ description: 'Regra que decidiu' })),
  configVersion: nullable(Type.Integer()),
  durationMs: NullableNumber,
  snrDb: NullableNumber,
  costMicroUsd: NullableNumber,
});

const Cost = Type.Object({
  kind: Type.String(),
  provider: Type.String(),
  model: Type.String(),
  unit: Type.String(),
  of: Type.String(),
  quantity: Type.Number(),
  costMicroUsd: Type.Integer({ description: 'Milionésimos de US$' }),
  purpose: Type.String({ description: 'answer, retry, hedge ou shadow' }),
  priceVersion: NullableText,
});

const Detailed = Type.Object({
  ...Listed.properties,
  decision: Type.Unsafe<unknown>({ description: 'Regra, versão, candidatos, recusados com motivo, e cada tentativa' }),
  gate: Type.Unsafe<unknown>({ description: 'O que os filtros e o portão fizeram, e as tentativas com o modelo' }),
  candidates: Json,
  employeeId: nullable(Type.Integer({ description: 'Funcionário reconhecido pela voz; null: ninguém' })),
  speakerData: nullable(
    Type.String({ description: 'JSON [{id, name, score}], a melhor primeiro; hint: é um indício' }),
  ),
  costs: Type.Array(Cost),
  times: Type.Record(Type.String(), NullableMoment, { description: 'Cada passo, do fim da fala ao cartão' }),
});

const tags = ['Interações'];

/** `/api/v1/interactions`: what was said at the counters, why it was transcribed by whom, and what it cost. */
export const interactions: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const time = new LocalTime(options.settings.timeZone ?? 'America/Sao_Paulo');
  const clientOf = async (request: FastifyRequest) => {
    const id = Number((request.params as { id: string }).id);
    const isId = Number.isInteger(id) && id > 0 && id < 2 ** 31;
    return isId ? ((await options.interactions.byId(id))?.clientId ?? null) : null;
  };

  app.route({
    method: 'GET',
    url: '/api/v1/interactions',
    config: { access: { may: 'interactions.read', client: 'any' } },
    schema: {
      summary: 'Interações, da mais nova à mais antiga',
      tags,
      querystring: Type.Object({
        ...PAGE_QUERY,
        clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        counterId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, incluído' })),
        to: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, não incluído' })),
        q: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Parte da transcrição' })),
        type: Type.Optional(Type.Enum([...INTERACTION_TYPES])),
      }),
      response: { 200: pageOf(Listed), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, clientId, counterId, from, to, q, type } = request.query;
      const readable = clientToRead(principalOf(request), 'interactions.read', clientId, 'clientId');
      const filter = { clientId: readable ?? undefined, counterId, text: q, type };
      const period = { from: dateOf('from', from, time), to: dateOf('to', to, time) };
      const page = await options.interactions.list({ ...filter, ...period }, limit, cursor);
      await auditRead(options, request, {
        action: 'interactions.read',
        target: 'interactions',
        clientId: readable,
        filter: { counterId, text: q, type, ...period },
        rows: page.rows.length,
      });
      return sendPage(request, reply, { items: page.rows, next: page.cursor }, listed);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/interactions/:id',
    config: { access: { may: 'interactions.read', client: clientOf } },
    schema: {
      summary: 'Uma interação: a decisão, cada tentativa e o que custou',
      tags,
      params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }),
      response: { 200: Detailed, ...PROBLEMS },
    },
    handler: async (request) => {
      const interaction = await options.interactions.byId(request.params.id);
      if (!interaction) throw refuse(404, 'BALTO_INTERACTION_UNKNOWN', 'Interação não encontrada.');
      const { id, clientId } = interaction;
      await auditRead(options, request, {
        action: 'interactions.read',
        target: `interaction:${id}`,
        clientId,
        rows: 1,
      });
      return detailed(interaction, await costsOf(options.db, interaction.id));
    },
  });
};

function listed(row: Interaction): Static<typeof Listed> {
  const { address, rule } = (row.decision ?? {}) as { address?: unknown; rule?: unknown };
  return {
    id: row.id,
    at: row.timestamp.toISOString(),
    clientId: row.clientId,
    counterId: row.counterId,
    sessionId: row.sessionId,
    segment: row.segment,
    type: row.interactionType,
    transcript: row.transcript,
    recommendation: row.recommendation,
    feedback: row.feedback,
    provider: typeof address === 'string' ? address : row.sttModel,
    rule: typeof rule === 'string' ? rule : null,
    configVersion: row.configVersion,
    durationMs: row.segmentDurationMs,
    snrDb: row.snr,
    costMicroUsd: row.costMicroUsd,
  };
}

function detailed(row: Interaction, costs: InteractionCost[]): Static<typeof Detailed> {
  const { tsSpeechEnd, tsAudioReceived, tsTranscriptionSent, tsTranscriptionReady } = row;
  const { tsAiRequest, tsAiResponse, tsClientSent } = row;
  const steps = { tsSpeechEnd, tsAudioReceived, tsTranscriptionSent, tsTranscriptionReady };
  const times = Object.entries({ ...steps, tsAiRequest, tsAiResponse, tsClientSent });
  return {
    ...listed(row),
    decision: row.decision,
    gate: row.gate,
    candidates: row.candidates,
    employeeId: row.employeeId,
    speakerData: row.speakerData,
    costs,
    times: Object.fromEntries(times.map(([name, at]) => [name, at?.toISOString() ?? null])),
  };
}
