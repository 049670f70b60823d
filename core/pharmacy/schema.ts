import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { ProviderError } from '../contracts/index.ts';

const closed = { additionalProperties: false } as const;

/**
 * What the model must answer. No enum of ids and no `maxItems`: vendors compile and cache one grammar per schema, so it
 * must be the same for every call; ids and counts are checked here and by the gate.
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

/** JSON Schema for `LlmRequest.schema`: every property required, none additional, every enum typed. */
export const ANSWER_SCHEMA = { name: 'recomendacao', schema: strict(AnswerSchema) as Record<string, unknown> };

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
