import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { ProvidersSection } from '../../routing/sections.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS } from '../problem.ts';
import { Warnings } from './draft-shown.ts';
import { type PlaceRoute, placeRoutes } from './places.ts';
import { DecisionShown } from './routing-answers.ts';
import { Moment, nullable, strict } from './schemas.ts';

const Address = nullable(Type.String({ description: 'null: ninguém' }));
const Count = Type.Integer();

const Previewed = Type.Object({
  errors: Warnings,
  warnings: Warnings,
  changed: Type.Integer({ description: 'Falas que iriam a outro provedor' }),
  providers: Type.Array(Type.Object({ address: Address, happened: Count, now: Count, draft: Count }), {
    description: 'Quantas falas cada um atendeu, atenderia com o que vale agora, e com a mudança',
  }),
  utterances: Type.Array(
    Type.Object({
      id: Count,
      at: Moment,
      counterId: Type.String(),
      durationMs: Type.Number(),
      snrDb: nullable(Type.Number()),
      class: nullable(Type.String()),
      happened: Address,
      now: Address,
      draft: Address,
      changed: Type.Boolean(),
      decision: DecisionShown,
    }),
    { description: 'As falas mais novas que a mudança alcança, a mais nova primeiro; nada do que foi dito' },
  ),
});

/** `POST /…/providers/{kind}/preview`: what another choice would have done with the last utterances. Changes nothing. */
export const providerPreview: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  for (const route of placeRoutes(options)) await app.register(previewAt(route), options);
};

function previewAt(route: PlaceRoute): FastifyPluginAsyncTypebox<HttpOptions> {
  return async (app, { configDoors, routingDoors }) => {
    app.route({
      method: 'POST',
      url: `${route.prefix}/providers/:kind/preview`,
      config: { access: route.access('providers.write') },
      schema: {
        summary: `O que outra escolha de provedores ${route.of} teria feito com as últimas falas; nada muda`,
        tags: ['Provedores'],
        params: Type.Object({ ...route.params.properties, kind: Type.Enum(['stt', 'llm']) }),
        body: strict({
          ...ProvidersSection.properties,
          utterances: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
        }),
        response: { 200: Previewed, ...PROBLEMS },
      },
      handler: async (request) => {
        const { utterances = 50, ...value } = request.body;
        const { kind } = request.params;
        const change = { ...(await route.placeOf(request)), section: `providers.${kind}`, value };
        const { errors, warnings } = await configDoors.changes.check([change]);
        if (errors.length > 0) return { errors, warnings, changed: 0, providers: [], utterances: [] };
        const found = await routingDoors.preview(change, kind as 'stt' | 'llm', utterances);
        return {
          errors,
          warnings,
          ...found,
          utterances: found.utterances.map(({ at, facts, clientId: _client, ...each }) => ({
            ...each,
            at: at.toISOString(),
            durationMs: facts.durationMs,
            snrDb: facts.snrDb,
            class: facts.class,
          })),
        };
      },
    });
  };
}
