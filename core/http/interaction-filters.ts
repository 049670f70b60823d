import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Interaction } from '../store/interaction.ts';
import type { InteractionFilter } from '../store/interactions.ts';
import { principalOf } from './access.ts';
import type { LocalTime } from './local-time.ts';
import { clientToRead } from './principal.ts';
import { dateOf } from './v1/schemas.ts';

/** `interacoes.interaction_type`. */
export const INTERACTION_TYPES = [
  'valid',
  'discarded_empty',
  'discarded_ia',
  'mock_voice',
  'sem_provedor',
  'orcamento',
  'perdida',
] as const satisfies Interaction['interactionType'][];

/** `interacoes.resultado_feedback`. */
const FEEDBACK = ['processado', 'discarded', 'mock_voice', 'aceito', 'recusado', 'ignorado'] as const;

/** What `/api/data` and `/api/export` may be narrowed by, under the names that their callers write. */
export const FILTERS = {
  cliente_id: Type.Optional(Type.String({ maxLength: 64 })),
  balcao_id: Type.Optional(Type.String({ maxLength: 64 })),
  inicio: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, incluído' })),
  fim: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, não incluído' })),
  busca: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Parte da transcrição' })),
  tipo: Type.Optional(Type.Enum([...INTERACTION_TYPES], { description: 'interaction_type' })),
  feedback: Type.Optional(Type.Enum([...FEEDBACK], { description: 'resultado_feedback' })),
};
const Filters = Type.Object(FILTERS);

/** The rows that a request is about, of those that its caller may read. @throws 400, 403 or 404 naming the field. */
export function filterOf(request: FastifyRequest, query: Static<typeof Filters>, time: LocalTime): InteractionFilter {
  const { cliente_id, balcao_id, inicio, fim, busca, tipo, feedback } = query;
  return {
    clientId: clientToRead(principalOf(request), 'interactions.read', cliente_id, 'cliente_id') ?? undefined,
    counterId: balcao_id,
    from: dateOf('inicio', inicio, time),
    to: dateOf('fim', fim, time),
    text: busca,
    type: tipo,
    feedback,
  };
}
