import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { ProviderError } from '../../contracts/index.ts';
import { principalOf } from '../access.ts';
import { FailureWindow } from '../failure-window.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { askedOf, secretName, vendorOf } from './credential-probe.ts';
import { type PlaceRoute, placeRoutes } from './places.ts';
import { nullable, strict } from './schemas.ts';

const Tested = Type.Object({
  ok: nullable(Type.Boolean({ description: 'null: agora ninguém sabe dizer' })),
  code: Type.String({ description: 'ok, o código do que o fornecedor disse, ou cannot_ask' }),
  message: Type.String({ description: 'O mesmo, em português' }),
  field: nullable(Type.String({ description: 'Campo da chave que o fornecedor recusa' })),
  address: nullable(Type.String({ description: 'Provedor por que se perguntou' })),
});

/** Tests that failed, of one person: whoever has found keys somewhere does not try them here one by one. */
const MOST_FAILURES = 10;
const WINDOW_MS = 10 * 60_000;

/** `POST /…/credentials/{vendor}/test`: whether a vendor takes a key, before it is kept. It is kept and logged nowhere. */
export const credentialTests: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const failures = new FailureWindow(MOST_FAILURES, WINDOW_MS, options.clock);
  for (const route of placeRoutes(options)) await app.register(testAt(route, failures), options);
};

function testAt(route: PlaceRoute, failures: FailureWindow): FastifyPluginAsyncTypebox<HttpOptions> {
  return async (app, options) => {
    app.route({
      method: 'POST',
      url: `${route.prefix}/credentials/:vendor/test`,
      config: { access: route.access('secrets.write') },
      schema: {
        summary: `Testa no fornecedor uma chave ${route.of} antes de guardar; ela não fica em lugar nenhum`,
        tags: ['Chaves de fornecedores'],
        params: Type.Object({
          ...route.params.properties,
          vendor: Type.String({ minLength: 1, maxLength: 64 }),
        }),
        body: strict({
          credential: Type.Record(Type.String(), Type.Unknown(), {
            description: 'Como o fornecedor a pede (GET /api/v1/providers)',
          }),
        }),
        response: { 200: Tested, ...PROBLEMS },
      },
      handler: async (request, reply) => {
        const place = await route.placeOf(request);
        const vendor = vendorOf(options, request.params.vendor);
        const credential = options.configDoors.registry.validateCredential(vendor, request.body.credential);
        const attempt = failures.begin(principalOf(request).actor);
        if (!attempt) {
          reply.header('retry-after', String(WINDOW_MS / 1000));
          throw refuse(429, 'BALTO_CREDENTIAL_TESTS', 'Muitas chaves recusadas; tente de novo em 10 minutos.');
        }
        const asked = await askedOf(options, place, vendor, credential);
        const address = asked?.address ?? null;
        if (!asked) {
          attempt.forgive();
          const message = `${vendor.title} não tem como testar uma chave; salve e faça uma fala de teste.`;
          return { ok: null, code: 'cannot_ask', message, field: null, address };
        }
        const { error } = asked;
        const isRefused = error !== null && options.configDoors.isOfTheKey(error);
        if (!isRefused) attempt.forgive();
        const name = secretName(vendor);
        return {
          ok: error === null ? true : isRefused ? false : null,
          code: error?.code ?? 'ok',
          message: error === null ? `${vendor.title} aceitou a chave.` : inWords(vendor.title, error, isRefused),
          field: isRefused ? `credential${name === null ? '' : `.${name}`}` : null,
          address,
        };
      },
    });
  };
}

/** Never the vendor's own words: they may quote the key. */
function inWords(title: string, { code }: ProviderError, isRefused: boolean): string {
  if (code === 'auth') return `${title} não aceita esta chave.`;
  if (code === 'quota') return `${title} aceita a chave, mas a conta está sem crédito ou sem permissão para isto.`;
  if (isRefused) return `${title} recusa o pedido com estes ajustes (${code}).`;
  if (code === 'rate_limited') return `${title} pede para esperar; a chave não pôde ser testada agora.`;
  return `${title} não respondeu (${code}); a chave não pôde ser testada agora.`;
}
