import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { Credential, VendorManifest } from '../../contracts/index.ts';
import { credentialIds, sectionsOf } from '../../store/config-snapshot.ts';
import type { ConfigChange, Place } from '../../store/config-table.ts';
import type { Author } from '../../store/config-versions.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import type { VendorCredential } from '../../store/vendor-credentials-table.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, IF_MATCH, PAGE_QUERY, pageOf, sendPage, Why } from './conventions.ts';
import { askedOf, secretName, vendorOf } from './credential-probe.ts';
import { Warnings } from './draft-shown.ts';
import { type PlaceRoute, placeRoutes, unchangedSince } from './places.ts';
import { ID, Moment, nullable, strict, Text } from './schemas.ts';

const Shown = Type.Object({
  id: Type.String(),
  clientId: nullable(Type.String({ description: 'De quem é; null: da casa' })),
  vendor: Type.String(),
  label: Type.String(),
  lastFour: Type.String({ description: 'Tudo o que se mostra da chave' }),
  createdAt: Moment,
  createdBy: Type.String(),
  disabledAt: nullable(Moment),
  probedAt: nullable(Moment),
  probeCode: nullable(Type.String({ description: 'ok, ou o código do que o fornecedor disse' })),
});

const VendorParam = Type.String({ minLength: 1, maxLength: 64 });
const Use = Type.Union([Type.Literal('add'), Type.Literal('replace'), Type.Literal('none')], {
  default: 'add',
  description: 'add: passa a valer aqui, depois das que já valem; replace: no lugar delas; none: só fica guardada',
});

const tags = ['Chaves de fornecedores'];

/** Keys of vendors: written, never read back. */
export const credentials: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  for (const route of placeRoutes(options)) await app.register(credentialsAt(route), options);

  app.route({
    method: 'POST',
    url: '/api/v1/credentials/:id/disable',
    config: {
      access: {
        may: 'secrets.write',
        client: async (request) => {
          const [key] = await options.credentials.byIds([(request.params as { id: string }).id]);
          return key?.clientId ?? null;
        },
      },
    },
    schema: {
      summary: 'Desativa uma chave, para sempre; recusa enquanto a configuração em vigor a usa',
      tags,
      params: ID,
      body: strict({ why: Why }),
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request) => {
      const disabled = await options.credentials.disable(request.params.id, authorOf(request, request.body.why));
      if (!disabled) throw refuse(404, 'BALTO_CREDENTIAL_UNKNOWN', 'Chave não encontrada.');
      return shown(disabled);
    },
  });
};

function credentialsAt(route: PlaceRoute): FastifyPluginAsyncTypebox<HttpOptions> {
  return async (app, options) => {
    const { configDoors, configVersions } = options;
    const params = Type.Object({ ...route.params.properties, vendor: VendorParam });

    app.route({
      method: 'GET',
      url: `${route.prefix}/credentials`,
      config: { access: route.access('clients.read') },
      schema: {
        summary: `Chaves de fornecedores ${route.of}, da mais nova à mais antiga`,
        tags,
        params: route.params,
        querystring: Type.Object({ ...PAGE_QUERY, vendor: Type.Optional(VendorParam) }),
        response: { 200: pageOf(Shown), ...PROBLEMS },
      },
      handler: async (request, reply) => {
        const { limit = PAGE_ROWS.usual, cursor, vendor } = request.query;
        const { clientId } = await route.placeOf(request);
        return sendPage(request, reply, await options.credentials.page({ clientId, vendor }, limit, cursor), shown);
      },
    });

    app.route({
      method: 'POST',
      url: `${route.prefix}/credentials/:vendor`,
      config: { access: route.access('secrets.write') },
      schema: {
        summary: `Guarda uma chave ${route.of}, cifrada; testa no fornecedor antes, e a põe em vigor`,
        tags,
        params,
        body: strict({
          label: Text('Nome da chave', 80),
          credential: Type.Record(Type.String(), Type.Unknown(), {
            description: 'Como o fornecedor a pede (GET /api/v1/providers)',
          }),
          use: Type.Optional(Use),
          probe: Type.Optional(Type.Boolean({ default: true, description: 'false: não testa antes de guardar' })),
          why: Why,
        }),
        response: {
          201: Type.Object({ credential: Shown, version: nullable(Type.Integer()), warnings: Warnings }),
          ...PROBLEMS,
        },
      },
      handler: async (request, reply) => {
        const { label, credential: given, use = 'add', probe = true, why } = request.body;
        const place = await route.placeOf(request);
        const vendor = vendorOf(options, request.params.vendor);
        const credential = configDoors.registry.validateCredential(vendor, given);
        const code = probe ? await probed(options, place, vendor, credential) : null;
        const by = authorOf(request, why);
        const secret = secretOf(vendor, credential);
        const input = { clientId: place.clientId, vendor: vendor.id, label, credential, secret };
        const added = await options.credentials.add(input, by);
        if (code !== null) await options.credentials.noteProbe(added.id, code);
        const done = use === 'none' ? null : await putInForce(options, place, added, use, by);
        const [kept = added] = await options.credentials.byIds([added.id]);
        return reply
          .code(201)
          .send({ credential: shown(kept), version: done?.version ?? null, warnings: done?.warnings ?? [] });
      },
    });

    app.route({
      method: 'PUT',
      url: `${route.prefix}/credentials/:vendor`,
      config: { access: route.access('secrets.write') },
      schema: {
        summary: `Escolhe, entre as guardadas, as chaves ${route.of} que valem para um fornecedor`,
        tags,
        params,
        headers: IF_MATCH,
        body: strict({
          ids: nullable(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 50 })),
          why: Why,
        }),
        response: { 200: Type.Object({ version: Type.Integer(), warnings: Warnings }), ...PROBLEMS },
      },
      handler: async (request) => {
        const { ids, why } = request.body;
        const place = await route.placeOf(request);
        const { id } = vendorOf(options, request.params.vendor);
        const since = unchangedSince(request, await configVersions.newest());
        const change = { ...place, section: `credentials.${id}`, value: ids && { ids } };
        const { version, warnings } = await configDoors.changes.change([change], authorOf(request, why), since);
        return { version, warnings };
      },
    });
  };
}

/** A key that may not be used is not kept: nobody would ever ask for it again. */
async function putInForce(
  options: HttpOptions,
  place: Place,
  { id, vendor }: VendorCredential,
  use: 'add' | 'replace',
  by: Author,
) {
  const section = `credentials.${vendor}`;
  const own = sectionsOf(options.config.snapshot(), place.clientId, place.counterId).get(section);
  const ids = use === 'add' ? [...credentialIds(own), id] : [id];
  const change: ConfigChange = { ...place, section, value: { ids } };
  try {
    return await options.configDoors.changes.change([change], by);
  } catch (error) {
    await options.credentials.disable(id, by);
    throw error;
  }
}

/** @returns `ok`, or the code of why nobody can tell now. @throws 422 when the vendor does not take the key. */
async function probed(
  options: HttpOptions,
  place: Place,
  vendor: VendorManifest,
  credential: Credential,
): Promise<string | null> {
  const asked = await askedOf(options, place, vendor, credential);
  if (!asked) return null;
  const { error } = asked;
  if (error === null) return 'ok';
  if (!options.configDoors.isOfTheKey(error)) return error.code;
  throw refuse(
    422,
    'BALTO_CREDENTIAL_REFUSED',
    `${vendor.title} não aceita esta chave (${error.code}); nada foi guardado.`,
    'credential',
  );
}

function secretOf(vendor: VendorManifest, credential: Credential): string {
  const name = secretName(vendor);
  return name === null ? '' : String(credential[name] ?? '');
}

function shown(key: VendorCredential): Static<typeof Shown> {
  const { createdAt, disabledAt, probedAt, ...rest } = key;
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    disabledAt: disabledAt?.toISOString() ?? null,
    probedAt: probedAt?.toISOString() ?? null,
  };
}
