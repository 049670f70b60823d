import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import {
  type DataProtection,
  LEGAL_BASES,
  type LegalBasisRecord,
  PURPOSES,
} from '../../store/data-protection-table.ts';
import { LocalTime } from '../local-time.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, givenRevision, IF_MATCH, setEtag, Why } from './conventions.ts';
import { dateOf, ID, Moment, nullable, strict, Text } from './schemas.ts';

/** Longest that voices are kept by one decision. */
const MOST_AUDIO_DAYS = 366;
const DAY_MS = 86_400_000;

const Basis = Type.Enum([...LEGAL_BASES], { description: 'Base do art. 11 da LGPD' });

const Retention = strict({
  transcriptDays: Type.Integer({ minimum: 1, maximum: 365, description: 'Dias que os textos ficam (padrão 30)' }),
  metricsMonths: Type.Integer({
    minimum: 1,
    maximum: 60,
    description: 'Meses que a linha, sem textos, fica (padrão 13)',
  }),
  audioDays: Type.Integer({ minimum: 0, maximum: MOST_AUDIO_DAYS, description: '0: até o fim da guarda' }),
});

const Shown = Type.Object({
  clientId: Type.String(),
  revision: Type.Integer(),
  retention: Type.Object(Retention.properties),
  auditYears: Type.Integer({ description: 'A auditoria não diz o que foi dito, e não é apagada antes disso' }),
  audio: nullable(
    Type.Object({ reason: Type.String(), basis: Type.String(), since: Moment, until: Moment, by: Type.String() }),
  ),
});

const AudioBody = strict({
  why: Why,
  basis: Basis,
  until: Type.String({ maxLength: 40, description: 'Até quando se guarda (ISO 8601), no máximo 366 dias' }),
});

const BasisBody = strict({
  purpose: Type.Enum([...PURPOSES], { description: 'Para que os dados são tratados' }),
  basis: Basis,
  description: Text('Por que esta base', 2000),
  risks: Type.Optional(nullable(Text('Riscos para os titulares', 4000))),
  measures: Type.Optional(nullable(Text('Medidas que os reduzem', 4000))),
  validUntil: Type.Optional(nullable(Type.String({ maxLength: 40, description: 'ISO 8601' }))),
});

const ShownBasis = Type.Object({
  id: Type.Integer(),
  purpose: Type.String(),
  basis: Type.String(),
  description: Type.String(),
  risks: nullable(Type.String()),
  measures: nullable(Type.String()),
  at: Moment,
  by: Type.String(),
  validUntil: nullable(Moment),
  endedAt: nullable(Type.String({ description: 'null: é a que vale' })),
});

const AUDIT_YEARS = 5;
const tags = ['Proteção de dados'];
const read = { access: { may: 'clients.read', client: 'params.id' } } as const;
const write = { access: { may: 'privacy.write', client: 'params.id' } } as const;

/** How long a client's data is kept, whether voices are, and on which legal bases. */
export const dataProtection: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { dataProtection: store, clock } = options;
  const time = new LocalTime(options.settings.timeZone);
  const answer = { 200: Shown, ...PROBLEMS };

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/data-protection',
    config: read,
    schema: { summary: 'Prazos de guarda e guarda de áudio de um cliente', tags, params: ID, response: answer },
    handler: async (request, reply) => sent(reply, await store.of(request.params.id)),
  });

  app.route({
    method: 'PUT',
    url: '/api/v1/clients/:id/data-protection/retention',
    config: write,
    schema: {
      summary: 'Muda os prazos de guarda; o que já passou do prazo novo vai embora em até uma hora',
      tags,
      params: ID,
      headers: IF_MATCH,
      body: strict({ ...Retention.properties, why: Why }),
      response: answer,
    },
    handler: async (request, reply) => {
      const { why, ...retention } = request.body;
      const expected = givenRevision(request) ?? '*';
      return sent(reply, await store.setRetention(request.params.id, retention, expected, authorOf(request, why)));
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/v1/clients/:id/data-protection/audio',
    config: write,
    schema: {
      summary: 'Liga a guarda do áudio das falas até uma data; apaga-se sozinha',
      tags,
      params: ID,
      headers: IF_MATCH,
      body: AudioBody,
      response: answer,
    },
    handler: async (request, reply) => {
      const { why, basis, until: text } = request.body;
      const until = dateOf('until', text, time);
      const ms = (until?.getTime() ?? 0) - clock.date().getTime();
      if (!until || ms <= 0 || ms > MOST_AUDIO_DAYS * DAY_MS) {
        throw refuse(400, 'BALTO_HTTP_FIELD', 'until: uma data depois de agora, no máximo daqui a 366 dias.', 'until');
      }
      const expected = givenRevision(request) ?? '*';
      const keeping = { reason: why, basis, until };
      return sent(reply, await store.keepAudio(request.params.id, keeping, expected, authorOf(request, why)));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/clients/:id/data-protection/audio',
    config: write,
    schema: {
      summary: 'Desliga a guarda de áudio; o que foi guardado é apagado em até uma hora',
      tags,
      params: ID,
      body: strict({ why: Why }),
      response: answer,
    },
    handler: async (request, reply) =>
      sent(reply, await store.stopAudio(request.params.id, '*', authorOf(request, request.body.why))),
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/legal-bases',
    config: read,
    schema: {
      summary: 'Bases legais registradas, as que valem primeiro: entrada do relatório de impacto (RIPD)',
      tags,
      params: ID,
      response: { 200: Type.Object({ items: Type.Array(ShownBasis), next: Type.Null() }), ...PROBLEMS },
    },
    handler: async (request) => ({ items: (await store.bases(request.params.id)).map(shownBasis), next: null }),
  });

  app.route({
    method: 'POST',
    url: '/api/v1/clients/:id/legal-bases',
    config: write,
    schema: {
      summary: 'Registra a base legal de uma finalidade; a anterior fica no histórico',
      tags,
      params: ID,
      body: BasisBody,
      response: { 201: ShownBasis, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { risks = null, measures = null, validUntil, ...body } = request.body;
      const until = validUntil == null ? null : (dateOf('validUntil', validUntil, time) ?? null);
      const basis = { ...body, risks, measures, validUntil: until, clientId: request.params.id };
      return reply.code(201).send(shownBasis(await store.recordBasis(basis, authorOf(request))));
    },
  });
};

function sent(reply: FastifyReply, { audio, ...protection }: DataProtection): Static<typeof Shown> {
  setEtag(reply, protection.revision);
  const keeping = audio && { ...audio, since: audio.since.toISOString(), until: audio.until.toISOString() };
  return { ...protection, auditYears: AUDIT_YEARS, audio: keeping };
}

function shownBasis({ clientId: _client, ...basis }: LegalBasisRecord): Static<typeof ShownBasis> {
  return {
    ...basis,
    at: basis.at.toISOString(),
    validUntil: basis.validUntil?.toISOString() ?? null,
    endedAt: basis.endedAt?.toISOString() ?? null,
  };
}
