import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { checkRestriction } from '../../pharmacy/restriction-checks.ts';
import { RESTRICTION_KINDS, Restriction, Restrictions } from '../../pharmacy/tightening.ts';
import { sectionsOf } from '../../store/config-snapshot.ts';
import { principalOf } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, setEtag, Why } from './conventions.ts';
import { ID, nullable, strict } from './schemas.ts';

const Shown = Type.Object({
  version: Type.Integer({ description: 'Versão da configuração em vigor; a mesma do ETag' }),
  items: Type.Array(Restriction),
});

const Body = strict({
  kind: Type.String({ minLength: 1, maxLength: 40, description: RESTRICTION_KINDS.join(', ') }),
  target: Type.String({
    minLength: 1,
    maxLength: 120,
    pattern: '\\S',
    description: 'Id do produto, substância, tag, regra da lista, ou * (todo medicamento)',
  }),
  minAgeYears: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 120 }))),
  why: Why,
});

const ONE = Type.Object({ ...ID.properties, restriction: Type.String({ minLength: 1, maxLength: 64 }) });
const tags = ['Lista de venda livre'];
const WRITE = { access: { may: 'lists.tighten', client: 'params.id' } } as const;
/** Two pharmacists at once: the second reads what the first wrote, and tries again. */
const TRIES = 5;

/**
 * `/api/v1/clients/{id}/restrictions`: what a client's pharmacist takes away from the list, in force at the next card in every
 * process. There is no way to give: what is taken back here leaves the list as it is for everyone.
 */
export const restrictions: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { config, clients } = options;
  const shownOf = (clientId: string) => ({ version: config.version, items: itemsOf(options, clientId) });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/restrictions',
    config: { access: { may: 'clients.read', client: 'params.id' } },
    schema: {
      summary: 'O que o farmacêutico de um cliente tirou da lista',
      tags,
      params: ID,
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      if (!(await clients.byId(id))) throw unknownClient();
      const shown = shownOf(id);
      setEtag(reply, shown.version);
      return shown;
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/clients/:id/restrictions',
    config: WRITE,
    schema: {
      summary: 'Restringe: vale no próximo cartão, em todos os processos; só se pode restringir, nunca liberar',
      tags,
      params: ID,
      body: Body,
      response: { 201: Restriction, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      if (!(await clients.byId(id))) throw unknownClient();
      const made = await changed(options, request, request.body.why, (items) => add(options, request, items));
      return reply.code(201).send(made);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/clients/:id/restrictions/:restriction',
    config: WRITE,
    schema: {
      summary: 'Retira uma restrição: volta a valer a lista, nem mais nem menos',
      tags,
      params: ONE,
      body: strict({ why: Why }),
      response: { 204: Type.Null({ description: 'Feito' }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      await changed(options, request, request.body.why, async (items) => {
        const kept = items.filter(({ id }) => id !== request.params.restriction);
        if (kept.length === items.length) throw refuse(404, 'BALTO_RESTRICTION_UNKNOWN', 'Não há essa restrição.');
        return { items: kept, made: null };
      });
      return reply.code(204).send(null);
    },
  });
};

function itemsOf({ config }: Pick<HttpOptions, 'config'>, clientId: string): Restriction[] {
  const section = sectionsOf(config.snapshot(), clientId, null).get('restrictions');
  if (section === undefined) return [];
  if (Value.Check(Restrictions, section)) return section.items;
  throw refuse(500, 'BALTO_RESTRICTION_UNREADABLE', 'As restrições guardadas não podem ser lidas; nada é oferecido.');
}

/** Reads, changes and writes; what somebody else wrote meanwhile is read again. */
async function changed<T>(
  options: HttpOptions,
  request: FastifyRequest,
  why: string,
  change: (items: Restriction[]) => Promise<{ items: Restriction[]; made: T }>,
): Promise<T> {
  const { config, configDoors } = options;
  const { id: clientId } = request.params as { id: string };
  for (let left = TRIES; ; left--) {
    await config.refresh();
    const since = config.version;
    const { items, made } = await change(itemsOf(options, clientId));
    const value = items.length === 0 ? null : { items };
    try {
      const place = { clientId, counterId: null, section: 'restrictions' };
      await configDoors.changes.change([{ ...place, value }], authorOf(request, why), since);
      return made;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'BALTO_CONFIG_STALE' || left <= 1) throw error;
    }
  }
}

async function add({ otc, productChanges, clock }: HttpOptions, request: FastifyRequest, items: Restriction[]) {
  const { id: clientId } = request.params as { id: string };
  const { kind, target, minAgeYears = null, why } = request.body as Static<typeof Body>;
  const asked = { kind, target: target.trim(), minAgeYears };
  checkRestriction(asked, items, otc);
  if (asked.kind === 'produto' && !(await productChanges.isSeenBy(clientId, Number(asked.target)))) {
    throw refuse(422, 'BALTO_RESTRICTION_TARGET', 'target: não há esse produto neste cliente', 'target');
  }
  const made: Restriction = {
    id: `r_${randomBytes(6).toString('hex')}`,
    kind: asked.kind,
    target: asked.target,
    minAgeYears,
    why,
    by: principalOf(request).actor,
    at: clock.date().toISOString(),
  };
  return { items: [...items, made], made };
}

function unknownClient() {
  return refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.');
}
