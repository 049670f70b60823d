import type { FastifyRequest } from 'fastify';
import { type TSchema, Type } from 'typebox';
import type { Interaction } from '../store/interaction.ts';
import type { InteractionFilter } from '../store/interaction-filter.ts';
import type { Verdict } from '../store/reviews-table.ts';
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

const Id = Type.String({ minLength: 1, maxLength: 64 });
const Date8601 = (end: string) => Type.String({ maxLength: 40, description: `ISO 8601, ${end}` });

/** What interactions may be narrowed by, wherever they are read: one definition, under two names. */
const PARTS = {
  clientId: { old: 'cliente_id', schema: Id },
  counterId: { old: 'balcao_id', schema: Id },
  employeeId: {
    old: 'funcionario_id',
    schema: Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'Reconhecido pela voz' }),
  },
  provider: {
    old: 'provedor',
    schema: Type.String({ minLength: 1, maxLength: 200, description: 'Quem transcreveu: stt/acme ou stt/acme:modelo' }),
  },
  from: { old: 'inicio', schema: Date8601('incluído') },
  to: { old: 'fim', schema: Date8601('não incluído') },
  q: {
    old: 'busca',
    schema: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Palavras do que foi dito ou sugerido; entre aspas, juntas; a última pode estar pela metade',
    }),
  },
  type: { old: 'tipo', schema: Type.Enum([...INTERACTION_TYPES], { description: 'interaction_type' }) },
  feedback: { old: 'feedback', schema: Type.Enum([...FEEDBACK], { description: 'resultado_feedback' }) },
  card: { old: 'cartao', schema: Type.Boolean({ description: 'Com cartão, ou sem' }) },
  reviewed: { old: 'avaliada', schema: Type.Boolean({ description: 'Já avaliada por alguém, ou não' }) },
  verdict: {
    old: 'parecer',
    schema: Type.Enum(['util', 'errada', 'insegura'], { description: 'O que uma avaliação diz do cartão' }),
  },
  doubt: {
    old: 'duvida',
    schema: Type.Enum(['doubt', 'shadow'], {
      description:
        'doubt: o fornecedor ou as regras duvidaram do que ouviram; shadow: o segundo provedor ouviu outra coisa',
    }),
  },
} as const satisfies Record<string, { old: string; schema: TSchema }>;
type Part = keyof typeof PARTS;

/** A request's filters, under the names of `/api/v1`. */
type Given = {
  clientId?: string;
  counterId?: string;
  employeeId?: number;
  provider?: string;
  from?: string;
  to?: string;
  q?: string;
  type?: Interaction['interactionType'];
  feedback?: string;
  card?: boolean;
  reviewed?: boolean;
  verdict?: Verdict;
  doubt?: 'doubt' | 'shadow';
};

const NAMES = Object.keys(PARTS) as Part[];
const schemas = <K extends string>(nameOf: (part: Part) => K) =>
  Object.fromEntries(NAMES.map((part) => [nameOf(part), Type.Optional(PARTS[part].schema)]));

/** Of `/api/v1`: properties of a query string. */
export const FILTERS = schemas((part) => part) as {
  [P in Part]: ReturnType<typeof optional<(typeof PARTS)[P]['schema']>>;
};
/** Of `/api/data` and `/api/export`, under the names that their callers write. */
export const OLD_FILTERS = schemas((part) => PARTS[part].old) as {
  [P in Part as (typeof PARTS)[P]['old']]: ReturnType<typeof optional<(typeof PARTS)[P]['schema']>>;
};

function optional<T extends TSchema>(schema: T) {
  return Type.Optional(schema);
}

/** The rows that a request is about, of those that its caller may read. @throws 400, 403 or 404 naming the field. */
export function filterOf(request: FastifyRequest, time: LocalTime, names: 'old' | 'v1' = 'v1'): InteractionFilter {
  const query = request.query as Record<string, unknown>;
  const nameOf = (part: Part) => (names === 'old' ? PARTS[part].old : part);
  const given = Object.fromEntries(NAMES.map((part) => [part, query[nameOf(part)]])) as Given;
  const { clientId, from, to, q, verdict, ...filter } = given;
  return {
    ...filter,
    clientId: clientToRead(principalOf(request), 'interactions.read', clientId, nameOf('clientId')) ?? undefined,
    from: dateOf(nameOf('from'), from, time),
    to: dateOf(nameOf('to'), to, time),
    text: q,
    ...(verdict !== undefined && { verdicts: [verdict] }),
  };
}
