import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { VadSettings } from '../audio/settings.ts';
import type { Client } from '../store/clients-table.ts';
import { fromVadConfig, toVadConfig } from '../store/vad-config.ts';
import { principalOf } from './access.ts';
import type { HttpOptions } from './options.ts';
import { PROBLEMS, refuse } from './problem.ts';

const { thresholdMultiplier, minEnergy, alpha, silenceFramesNeeded, segmentLimitFrames, overlapFrames } =
  VadSettings.properties;

/** The settings these tools know, by the names they send. */
const Preset = Type.Object({
  threshold_multiplier: optional(thresholdMultiplier),
  min_energy_threshold: optional(minEnergy),
  min_energy: optional(minEnergy),
  alpha: optional(alpha),
  silence_frames_needed: optional(silenceFramesNeeded),
  segment_limit_frames: optional(segmentLimitFrames),
  overlap_frames: optional(overlapFrames),
});
const KNOWN = new Set(Object.keys(Preset.properties));

const VadConfig = Type.Record(Type.String(), Type.Number(), { description: 'Quadros de 30 ms' });
const tags = ['Balcões'];
const security = [{ sessao: [] }];

/** `/api/admin/*`: two routes that existing tools call. New ones are under `/api/v1`. */
export const adminCounters: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { counters, counterChanges } = options;

  app.route({
    method: 'GET',
    url: '/api/admin/client/:user_codigo/balcoes',
    config: {
      access: { may: 'clients.read', client: async (request) => (await ownerOf(options, request))?.clientId ?? null },
    },
    schema: {
      summary: 'Balcões de um cliente, pelo código de 6 dígitos dele ou pelo identificador',
      tags,
      security,
      params: Type.Object({ user_codigo: Type.String({ minLength: 1, maxLength: 64 }) }),
      response: {
        200: Type.Object({
          cliente: Type.String({ description: 'Razão social' }),
          balcoes: Type.Array(
            Type.Object({ balcao_id: Type.String(), nome_balcao: Type.String(), vad_config: VadConfig }),
          ),
        }),
        ...PROBLEMS,
      },
    },
    handler: async (request) => {
      const client = await ownerOf(options, request);
      if (!client) throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.');
      const found = await counters.listByClient(client.clientId);
      const balcoes = found.map(({ counterId, name, vad }) => ({
        balcao_id: counterId,
        nome_balcao: name,
        vad_config: toVadConfig(vad),
      }));
      return { cliente: client.companyName, balcoes };
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/admin/balcao/:id/vad',
    config: { access: { may: 'counters.write', client: async (request) => clientOfCounter(options, request) } },
    schema: {
      summary: 'Ajuste de escuta de um balcão; vale desde a próxima conexão dele',
      tags,
      security,
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }),
      body: Preset,
      response: {
        200: Type.Object({ status: Type.Literal('updated'), balcao_id: Type.String(), vad_config: VadConfig }),
        ...PROBLEMS,
      },
    },
    handler: async (request) => {
      const { id } = request.params;
      const { min_energy, ...given } = request.body;
      const energy = given.min_energy_threshold ?? min_energy;
      const wanted = { ...given, ...(energy !== undefined && { min_energy_threshold: energy }) };
      const current = toVadConfig((await counters.byId(id))?.vad ?? {});
      // What these tools do not know, they cannot have meant to take away.
      const others = Object.fromEntries(Object.entries(current).filter(([name]) => !KNOWN.has(name)));
      const vad = fromVadConfig({ ...others, ...wanted } as Record<string, number>);
      const by = { actor: principalOf(request).actor, address: request.ip };
      const changed = await counterChanges.update(id, { vad }, by);
      if (!changed) throw refuse(404, 'BALTO_COUNTER_UNKNOWN', 'Balcão não encontrado.');
      return { status: 'updated', balcao_id: id, vad_config: toVadConfig(changed.after.vad) } as const;
    },
  });
};

/** By its code while that lives, else by its id. */
async function ownerOf({ clients }: HttpOptions, request: FastifyRequest): Promise<Client | null> {
  const { user_codigo } = request.params as { user_codigo: string };
  return (await clients.byCode(user_codigo))?.client ?? (await clients.byId(user_codigo));
}

async function clientOfCounter({ counters }: HttpOptions, request: FastifyRequest): Promise<string | null> {
  return (await counters.byId((request.params as { id: string }).id))?.clientId ?? null;
}

/** Without its default, or the validator would set what nobody sent. */
function optional<T extends TSchema>(schema: T) {
  const { default: _default, ...rest } = schema as T & { default?: unknown };
  return Type.Optional(rest as unknown as T);
}
