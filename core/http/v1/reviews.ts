import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { wordErrors } from '../../routing/word-error-rate.ts';
import type { Interaction } from '../../store/interaction.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import type { NewReview } from '../../store/reviews.ts';
import type { Review } from '../../store/reviews-table.ts';
import { LocalTime } from '../local-time.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { auditRead } from '../read-audit.ts';
import { authorOf, clientsShown, PAGE_QUERY, pageOf, sendPage } from './conventions.ts';
import { dateOf, Moment, nullable, strict, Text } from './schemas.ts';

const Verdict = Type.Union([Type.Literal('util'), Type.Literal('errada'), Type.Literal('insegura')]);
const InteractionId = Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) });

const Shown = Type.Object({
  id: Type.Integer(),
  clientId: Type.String(),
  interactionId: Type.Integer(),
  author: Type.String(),
  at: Moment,
  transcriptOk: Type.Boolean(),
  correctedText: nullable(Type.String()),
  words: nullable(Type.Integer({ description: 'Palavras ditas; null: ninguém disse o que é o certo' })),
  errors: nullable(Type.Integer({ description: 'Palavras a pôr, tirar ou trocar' })),
  provider: nullable(Type.String()),
  recommendation: nullable(Verdict),
  note: nullable(Type.String()),
  replacedAt: nullable(Moment),
});

const Body = strict({
  transcriptOk: Type.Boolean(),
  correctedText: Type.Optional(nullable(Text('O que foi dito', 10_000))),
  recommendation: nullable(Verdict),
  note: Type.Optional(nullable(Text('Observação', 2000))),
});

const PERIOD = {
  clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, incluído' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, não incluído' })),
};

const Rate = nullable(
  Type.Number({ description: 'De 0 a 1 (acima disso, há mais erros que palavras); null: sem dados' }),
);
const Summary = Type.Object({
  providers: Type.Array(
    Type.Object({
      provider: nullable(Type.String()),
      reviews: Type.Integer(),
      wrong: Type.Integer({ description: 'Transcrições tidas por erradas' }),
      words: Type.Integer(),
      errors: Type.Integer(),
      wordErrorRate: Rate,
    }),
  ),
  clients: Type.Array(
    Type.Object({
      clientId: Type.String(),
      util: Type.Integer(),
      errada: Type.Integer(),
      insegura: Type.Integer(),
      precision: Rate,
    }),
  ),
});

const tags = ['Avaliações'];

/** Reviews: what those who listened think of a transcript and its card, and what that says of providers and clients. */
export const reviews: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const time = new LocalTime(options.settings.timeZone);
  const clientOf = async (request: FastifyRequest) => {
    const id = Number((request.params as { id: string }).id);
    return Number.isInteger(id) && id > 0 && id < 2 ** 31
      ? ((await options.interactions.byId(id))?.clientId ?? null)
      : null;
  };

  app.route({
    method: 'POST',
    url: '/api/v1/interactions/:id/reviews',
    config: { access: { may: 'reviews.write', client: clientOf } },
    schema: {
      summary: 'Avalia uma fala e o cartão dela; a avaliação anterior da mesma pessoa fica no histórico',
      tags,
      params: InteractionId,
      body: Body,
      response: { 201: Shown, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const interaction = await options.interactions.byId(request.params.id);
      if (!interaction) throw refuse(404, 'BALTO_INTERACTION_UNKNOWN', 'Interação não encontrada.');
      const review = newReview(interaction, await masked(options.masking, interaction.clientId, request.body));
      return reply.code(201).send(shown(await options.reviews.add(review, authorOf(request))));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/reviews',
    config: { access: { may: 'interactions.read', client: 'any' } },
    schema: {
      summary: 'Avaliações, da mais nova à mais antiga',
      tags,
      querystring: Type.Object({
        ...PAGE_QUERY,
        ...PERIOD,
        interactionId: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
        history: Type.Optional(Type.Boolean({ default: false, description: 'Também as que foram substituídas' })),
      }),
      response: { 200: pageOf(Shown), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, clientId, from, to, ...filter } = request.query;
      const clientIds = clientsShown(request, 'interactions.read', clientId);
      const period = { from: dateOf('from', from, time), to: dateOf('to', to, time) };
      const page = await options.reviews.page({ ...filter, ...period, clientIds }, limit, cursor);
      await auditRead(options, request, {
        action: 'reviews.read',
        target: 'reviews',
        clientId: clientIds?.length === 1 ? clientIds[0] : null,
        filter: { ...filter, ...period },
        rows: page.items.length,
      });
      return sendPage(request, reply, page, shown);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/reviews/summary',
    config: { access: { may: 'interactions.read', client: 'any' } },
    schema: {
      summary: 'O que as avaliações de um período dizem: erros por palavra de cada provedor, precisão de cada cliente',
      tags,
      querystring: Type.Object(PERIOD),
      response: { 200: Summary, ...PROBLEMS },
    },
    handler: async (request) => {
      const { clientId, from, to } = request.query;
      const clientIds = clientsShown(request, 'interactions.read', clientId);
      const period = { from: dateOf('from', from, time), to: dateOf('to', to, time) };
      const { providers, clients } = await options.reviews.summary({ ...period, clientIds });
      return {
        providers: providers.map((each) => ({ ...each, wordErrorRate: rate(each.errors, each.words) })),
        clients: clients.map((each) => ({
          ...each,
          precision: rate(each.util, each.util + each.errada + each.insegura),
        })),
      };
    },
  });
};

/** @throws 400 where a transcript is said to be right and corrected all the same. */
function newReview(interaction: Interaction, body: Static<typeof Body>): NewReview {
  const { transcriptOk, correctedText = null, recommendation, note = null } = body;
  if (transcriptOk && correctedText !== null) {
    throw refuse(400, 'BALTO_HTTP_FIELD', 'Campo inválido: correctedText (a transcrição está certa)', 'correctedText');
  }
  const heard = interaction.transcript ?? '';
  const said = transcriptOk ? heard : correctedText;
  const { words, errors } = said === null ? { words: null, errors: null } : wordErrors(said, heard);
  const provider = (interaction.decision as { address?: unknown } | null)?.address;
  return {
    clientId: interaction.clientId,
    interactionId: interaction.id,
    transcriptOk,
    correctedText,
    words,
    errors,
    provider: typeof provider === 'string' ? provider : interaction.sttModel,
    recommendation,
    note,
  };
}

/** A correction and a note are people's words too: they are kept as transcripts are. */
async function masked(
  masking: HttpOptions['masking'],
  clientId: string,
  { correctedText, note, ...body }: Static<typeof Body>,
): Promise<Static<typeof Body>> {
  const mask = async (text: string) => (await masking.once(clientId, text)).text;
  return {
    ...body,
    ...(correctedText != null && { correctedText: await mask(correctedText) }),
    ...(note != null && { note: await mask(note) }),
  };
}

function rate(part: number, whole: number): number | null {
  return whole === 0 ? null : Number((part / whole).toFixed(4));
}

function shown(review: Review): Static<typeof Shown> {
  const { at, replacedAt, ...rest } = review;
  return { ...rest, at: at.toISOString(), replacedAt: replacedAt?.toISOString() ?? null };
}
