import cors from '@fastify/cors';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Access } from './access.ts';
import { acceptAnyJson } from './any-json.ts';
import { registerShift, registerVoice } from './cadastro-employees.ts';
import { CodeGuesses } from './code-guesses.ts';
import type { HttpOptions } from './options.ts';
import { PROBLEMS } from './problem.ts';
import { requireAllowance } from './request-limits.ts';

const MINUTE_MS = 60_000;
/** Counters registered in a code's first half hour work at once; later ones wait for approval. */
const TRUSTED_CODE_MS = 30 * MINUTE_MS;

const name = (description: string) => Type.String({ minLength: 1, maxLength: 200, pattern: '\\S', description });

/** `/cadastro/*`: how a client comes in, and how its counters get their keys. Any web page may call it. */
export const cadastro: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { corsOrigins } = options.settings;
  await app.register(cors, {
    origin: corsOrigins.includes('*') ? '*' : corsOrigins,
    methods: ['POST'],
    credentials: false,
    maxAge: 600,
  });
  const withCodes = { ...options, codes: new CodeGuesses(options) };
  await app.register(registerVoice, withCodes);
  await app.register(async (json) => {
    acceptAnyJson(json);
    await json.register(registerClient, options);
    await json.register(registerCounter, withCodes);
    await json.register(registerShift, withCodes);
  });
};

const registerClient: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { clients, settings } = options;
  const access: Access = settings.openRegistration ? { who: 'public' } : { may: 'clients.write' };
  app.route({
    method: 'POST',
    url: '/cadastro/cliente',
    config: { access, rateLimit: { max: settings.registrationsPerMinute, timeWindow: MINUTE_MS } },
    schema: {
      summary: 'Cadastra um cliente e devolve o código de 6 dígitos que cadastra seus balcões',
      tags: ['Cadastro'],
      body: Type.Object({
        email: Type.String({ maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' }),
        razao_social: name('Razão social'),
        telefone: Type.Optional(Type.Union([Type.String({ maxLength: 40 }), Type.Null()])),
      }),
      response: {
        201: Type.Object({ codigo: Type.String({ description: 'Mostrado somente agora' }) }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const { email, razao_social, telefone } = request.body;
      const { code } = await clients.create(
        { email, companyName: razao_social, phone: telefone ?? undefined },
        settings.codeTtlHours,
        { actor: request.principal?.actor ?? 'anonymous', address: request.ip },
      );
      return reply.code(201).header('cache-control', 'no-store').send({ codigo: code });
    },
  });
};

const registerCounter: FastifyPluginAsyncTypebox<HttpOptions & { codes: CodeGuesses }> = async (app, options) => {
  const { codes, counters, audit, clock } = options;
  app.route({
    method: 'POST',
    url: '/cadastro/balcao',
    config: { access: { who: 'public' } },
    schema: {
      summary: 'Cadastra um balcão com o código do cliente e devolve a chave dele',
      tags: ['Cadastro'],
      body: Type.Object({
        nome_balcao: name('Nome do balcão'),
        user_codigo: Type.String({ minLength: 1, maxLength: 64, description: 'Código de 6 dígitos' }),
      }),
      response: {
        200: Type.Object({
          api_key: Type.String({ description: 'Mostrada somente agora' }),
          balcao_id: Type.String(),
          status: Type.Literal('registered'),
        }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const owner = await codes.begin(request).codeOwner(request.body.user_codigo);
      const { clientId } = owner.client;
      const who = { key: clientId, clientId };
      await requireAllowance(options.requestLimits, request, reply, { who, group: 'cadastro' });
      const ageMs = clock.date().getTime() - owner.codeCreatedAt.getTime();
      const status = ageMs <= TRUSTED_CODE_MS ? 'active' : 'pending';
      const { counter, apiKey } = await counters.register(clientId, request.body.nome_balcao.trim(), status);
      await audit.append({
        actor: `client:${clientId}`,
        action: 'counter.register',
        target: `counter:${counter.counterId}`,
        clientId,
        after: { name: counter.name, status },
        address: request.ip,
      });
      return reply
        .header('cache-control', 'no-store')
        .send({ api_key: apiKey, balcao_id: counter.counterId, status: 'registered' });
    },
  });
};
