import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { type LlmRequest, ProviderError } from '../contracts/index.ts';
import type { Lexicon } from './lexicon.ts';

const closed = { additionalProperties: false } as const;

/**
 * What the model must answer. No enum of ids and no `maxItems`: vendors compile and cache one grammar per schema, so it
 * must be the same for every call; ids and counts are checked here and by the gate. Needs are the lexicon's, so that a
 * model can only choose among them.
 */
const AnswerSchema = Type.Object(
  {
    deve_sugerir: Type.Boolean(),
    normalizada: Type.String(),
    classificacao: Type.Object(
      {
        macros_top2: Type.Array(Type.String()),
        micro_categoria: Type.String(),
        ancoras_para_excluir: Type.Array(Type.String()),
      },
      closed,
    ),
    necessidades: Type.Array(Type.String()),
    evidencias: Type.Array(Type.Object({ tipo: Type.Enum(['A', 'B', 'C', 'X']), trecho: Type.String() }, closed)),
    itens: Type.Array(
      Type.Object(
        {
          candidato_id: Type.Integer(),
          explicacao: Type.String(),
          tag: Type.String(),
          confianca: Type.Enum(['alta', 'media', 'baixa']),
        },
        closed,
      ),
    ),
  },
  closed,
);

export type ModelAnswer = Static<typeof AnswerSchema>;

type AnswerFormat = NonNullable<LlmRequest['schema']>;

const formats = new WeakMap<Lexicon, AnswerFormat>();

/** JSON Schema for `LlmRequest.schema`, the same object while the lexicon is: every property required, none additional, every enum typed. */
export function answerFormat(lexicon: Lexicon): AnswerFormat {
  let format = formats.get(lexicon);
  if (!format) {
    const schema = strict(AnswerSchema) as { properties: Record<string, unknown> };
    schema.properties['necessidades'] = {
      type: 'array',
      items: { type: 'string', enum: lexicon.needs.map(({ name }) => name) },
    };
    format = { name: 'recomendacao', schema };
    formats.set(lexicon, format);
  }
  return format;
}

/** Strict mode wants a `type` beside every `enum`. */
function strict(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && 'enum' in value ? { type: 'string', ...value } : value,
  );
}

/** The model's answer, already parsed. Throws ProviderError `output`, so that another candidate may do; it is not quoted. */
export function checkAnswer(value: unknown): ModelAnswer {
  if (Value.Check(AnswerSchema, value)) return value;
  throw new ProviderError({ code: 'output', message: 'resposta do modelo fora do formato pedido' });
}
