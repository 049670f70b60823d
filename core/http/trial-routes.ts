import multipart from '@fastify/multipart';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { CORE_SAMPLE_RATE_HZ } from '../contracts/index.ts';
import type { HeardSegment } from '../counter/trial-listening.ts';
import type { TrialFor } from '../counter/trials.ts';
import { principalOf } from './access.ts';
import type { HttpOptions } from './options.ts';
import { clientToRead } from './principal.ts';
import { PROBLEMS, refuse } from './problem.ts';
import { UPLOAD_LIMITS, type Upload, Uploads } from './upload.ts';

const tags = ['Testes'];
const consumes = ['multipart/form-data'];
const ClientId = Type.Optional(
  Type.String({ minLength: 1, maxLength: 64, description: 'Cliente cuja configuração vale; sem ele, a de todos' }),
);
/** Addresses may name a model after a colon. */
const ADDRESS = /^[a-z0-9][a-z0-9_-]{0,39}(?::[\w./-]{1,80})?$/;

/** `/api/test/*`: the steps of a counter's conversation, one by one, for who tries a configuration out. */
export const trialRoutes: FastifyPluginAsyncTypebox<HttpOptions> = async (app, { trials, clients, masking }) => {
  const aboutOf = aboutIn(clients);
  const access = { may: 'providers.write', client: 'any' } as const;
  await app.register(multipart, UPLOAD_LIMITS);
  const uploads = new Uploads();
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.route({
    method: 'POST',
    url: '/api/test/segmentar',
    config: { access },
    schema: {
      summary: 'Corta uma gravação em falas, como um balcão faria: campo audio, até 2 minutos',
      tags,
      consumes,
      response: {
        200: Type.Object({
          segments: Type.Array(
            Type.Object({
              size_bytes: Type.Integer(),
              duration_sec: Type.Number(),
              audio_base64: Type.String({ description: 'PCM s16le, 16 kHz, mono, sem cabeçalho' }),
            }),
          ),
          total_segments: Type.Integer(),
        }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const { file, fields } = withFile(await uploads.read(request, 'audio'));
      const segments = await trials.segment(file, await aboutOf(request, reply, fields['cliente_id']));
      return { segments: segments.map(shown), total_segments: segments.length };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/test/transcrever',
    config: { access },
    schema: {
      summary: 'Transcreve uma gravação: campo audio, até 2 minutos, e provider (padrão: quem as regras escolhem)',
      tags,
      consumes,
      response: { 200: Type.Object({ texto: Type.String() }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { file, fields } = withFile(await uploads.read(request, 'audio'));
      const address = addressOf(fields['provider']);
      return { texto: await trials.transcribe(file, address, await aboutOf(request, reply, fields['cliente_id'])) };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/test/analisar',
    config: { access },
    schema: {
      summary: 'O que seria sugerido a quem dissesse isto, depois do portão; sem modelo configurado, 503',
      tags,
      body: Type.Object({
        texto: Type.String({ minLength: 1, maxLength: 4000, pattern: '\\S' }),
        cliente_id: ClientId,
      }),
      response: {
        200: Type.Object({
          deve_sugerir: Type.Boolean(),
          evidencias: Type.Array(Type.Object({ tipo: Type.String(), trecho: Type.String() })),
          itens: Type.Array(Type.Object({ sugestao: Type.String(), explicacao: Type.String(), tag: Type.String() })),
        }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const { texto, cliente_id } = request.body;
      const about = await aboutOf(request, reply, cliente_id);
      const { text } = await masking.once(about.clientId, texto);
      return await trials.analyse(text, about);
    },
  });
};

/** Whose configuration is tried, and until when: whoever hangs up waits for nothing any more. */
function aboutIn(clients: HttpOptions['clients']) {
  return async (request: FastifyRequest, reply: FastifyReply, asked = ''): Promise<TrialFor> => {
    const named = asked === '' ? undefined : asked;
    const clientId = clientToRead(principalOf(request), 'providers.write', named, 'cliente_id') ?? '';
    if (clientId !== '' && !(await clients.byId(clientId))) {
      throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.', 'cliente_id');
    }
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return { clientId, signal: gone.signal };
  };
}

/** @throws 400 where the form has no recording. */
function withFile({ file, fields }: Upload): { file: Buffer; fields: Upload['fields'] } {
  if (file && file.bytes.length > 0) return { file: file.bytes, fields };
  throw refuse(400, 'BALTO_HTTP_FIELD', 'Campo obrigatório: audio', 'audio');
}

/** The name alone and the whole address (`stt/name`) are the same. Empty: nobody in particular. */
function addressOf(provider: string | undefined): string | null {
  const name = provider?.trim().replace(/^stt\//, '') ?? '';
  if (name === '') return null;
  if (ADDRESS.test(name)) return `stt/${name}`;
  throw refuse(400, 'BALTO_TEST_PROVIDER', 'Campo inválido: provider', 'provider');
}

function shown({ pcm }: HeardSegment) {
  return {
    size_bytes: pcm.byteLength,
    duration_sec: Number((pcm.length / CORE_SAMPLE_RATE_HZ).toFixed(3)),
    audio_base64: Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64'),
  };
}
