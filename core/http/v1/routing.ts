import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ConfigDraft } from '../../store/config-drafts-table.ts';
import { principalOf } from '../access.ts';
import type { HttpOptions, WhatIf } from '../options.ts';
import { clientToRead, may } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { Explained, Simulated } from './routing-answers.ts';
import { AnyRules } from './routing-rules.ts';
import { strict } from './schemas.ts';

const tags = ['Roteamento'];
const Id = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }));
const Instant = Type.String({ maxLength: 40, description: 'ISO 8601' });
/** What is not in force and is to be reckoned with. */
const UNDER = {
  rules: Type.Optional({
    ...AnyRules,
    description: 'Do cliente; sem clientId, as de todos. Ausentes: as que estão em vigor',
  } as typeof AnyRules),
  draft: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Com este rascunho em vigor; sem clientId, o do rascunho',
    }),
  ),
};
/** No simulation takes as long; one that does is given up. */
const LONGEST_MS = 60_000;

/** `/api/v1/routing`: why an utterance goes where it goes, and what other rules would have done. */
export const routing: FastifyPluginAsyncTypebox<HttpOptions> = async (
  app,
  { configDrafts, counters, routingDoors },
) => {
  /** Whose draft one has no part in does not exist. */
  const draftOf = async (request: FastifyRequest, id: string | undefined): Promise<ConfigDraft | null> => {
    if (id === undefined) return null;
    const draft = await configDrafts.byId(id);
    if (draft && may(principalOf(request), 'clients.read', draft.clientId)) return draft;
    throw refuse(404, 'BALTO_CONFIG_DRAFT_UNKNOWN', 'Não há esse rascunho.', 'draft');
  };

  app.route({
    method: 'POST',
    url: '/api/v1/routing/explain',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Para qual provedor iria esta fala agora, e por que não para os outros',
      tags,
      body: strict({
        clientId: Id,
        counterId: Id,
        kind: Type.Optional(Type.Enum(['stt', 'llm'])),
        language: Type.Optional(Type.String({ maxLength: 35, description: 'BCP 47; padrão: o do balcão' })),
        at: Type.Optional(Instant),
        durationMs: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 3_600_000,
            description: 'Ausente: como no começo da fala, quando nada se conhece',
          }),
        ),
        snrDb: Type.Optional(Type.Number({ minimum: -10, maximum: 60 })),
        class: Type.Optional(Type.String({ maxLength: 40 })),
        budgetLeft: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
        ...UNDER,
      }),
      response: { 200: Explained, ...PROBLEMS },
    },
    handler: async (request) => {
      const { clientId: asked, counterId, durationMs, snrDb, class: heardAs, at, rules, draft, ...rest } = request.body;
      const counter = counterId === undefined ? null : await counters.byId(counterId);
      const kept = await draftOf(request, draft);
      const named = asked ?? counter?.clientId ?? kept?.clientId ?? undefined;
      const clientId = clientToRead(principalOf(request), 'clients.read', named, 'clientId');
      if (counterId !== undefined && counter?.clientId !== clientId) {
        throw refuse(404, 'BALTO_COUNTER_UNKNOWN', 'Balcão não encontrado.', 'counterId');
      }
      const facts = durationMs === undefined ? null : { durationMs, snrDb: snrDb ?? null, class: heardAs ?? null };
      const now = at === undefined ? undefined : instant(at, 'at');
      const who = { clientId: clientId ?? '', counterId: counter?.counterId ?? null, counterTags: counter?.tags ?? [] };
      const explained = await routingDoors.explain(
        { ...who, ...rest, ...(now && { now }) },
        facts,
        under(kept, rules, clientId),
      );
      return { ...who, draft: kept?.id ?? null, ...explained };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/routing/simulate',
    config: { access: { may: 'routing.write', client: 'any' } },
    schema: {
      summary: 'O que outras regras teriam feito com as falas de um período: custo, latência e parte de cada provedor',
      tags,
      body: strict({
        clientId: Id,
        from: Instant,
        to: Instant,
        ...UNDER,
      }),
      response: { 200: Simulated, ...PROBLEMS },
    },
    handler: async (request) => {
      const { clientId: asked, from, to, rules, draft } = request.body;
      const kept = await draftOf(request, draft);
      const named = asked ?? kept?.clientId ?? undefined;
      const clientId = clientToRead(principalOf(request), 'routing.write', named, 'clientId');
      const period = { clientId, from: instant(from, 'from'), to: instant(to, 'to') };
      if (period.from >= period.to) throw refuse(400, 'BALTO_HTTP_FIELD', 'O fim deve vir depois do começo.', 'to');
      return {
        ...(await routingDoors.simulate(period, under(kept, rules, clientId), AbortSignal.timeout(LONGEST_MS))),
      };
    },
  });
};

/** What is not in force and is to be reckoned with. @throws 400, 409 for what cannot be. */
function under(draft: ConfigDraft | null, rules: unknown[] | undefined, clientId: string | null): WhatIf | undefined {
  if (!draft) return rules && { rules };
  if (rules) throw refuse(400, 'BALTO_HTTP_FIELD', 'Diga rules ou draft, um dos dois.', 'rules');
  if (draft.state === 'active' || draft.state === 'discarded') {
    throw refuse(409, 'BALTO_CONFIG_DRAFT_USED', 'Este rascunho já entrou em vigor ou foi abandonado.', 'draft');
  }
  if (draft.clientId === null || draft.clientId === clientId) return { draft };
  throw refuse(400, 'BALTO_HTTP_FIELD', 'O rascunho é de outro cliente.', 'draft');
}

function instant(text: string, field: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw refuse(400, 'BALTO_HTTP_FIELD', `Instante inválido em ${field} (ISO 8601).`, field);
  return date;
}
