import { type Static, Type } from 'typebox';

/** Legal bases for a sensitive datum that an employer may name: LGPD, art. 11, I and II, a, d, g. */
export const LEGAL_BASES = ['consentimento', 'obrigacao_legal', 'exercicio_de_direitos', 'prevencao_a_fraude'] as const;

/** What somebody agreed to: the basis, and the text he was shown. */
export const ConsentText = Type.Object(
  {
    basis: Type.Enum([...LEGAL_BASES], { description: 'Base legal (LGPD, art. 11).' }),
    textVersion: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: '\\S',
      description: 'Versão do texto que o funcionário leu ou assinou.',
    }),
  },
  { additionalProperties: false },
);
export type ConsentText = Static<typeof ConsentText>;

/** When a voice counts as recognised. */
export const VoiceThresholds = Type.Object(
  {
    score: Type.Optional(Type.Number({ minimum: -1, maximum: 1, description: 'Menor semelhança (cosseno).' })),
    margin: Type.Optional(Type.Number({ minimum: 0, maximum: 2, description: 'Menor distância ao segundo.' })),
    minMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 30_000, description: 'Menor fala, em milissegundos.' })),
  },
  { additionalProperties: false },
);
export type VoiceThresholds = Static<typeof VoiceThresholds>;

/** The `voices` section: whose voices may be compared, and when one is recognised. */
export const VoiceSettings = Type.Object(
  {
    consent: Type.Optional({
      ...ConsentText,
      description:
        'O cliente declara que seus funcionários consentem assim antes do cadastro: vale para vozes que chegam sem consentimento dito.',
    }),
    diarize: Type.Optional(
      Type.Boolean({
        description: 'Pede à transcrição que separe as vozes (alguns fornecedores cobram). Padrão: não.',
      }),
    ),
    models: Type.Optional(
      Type.Record(Type.String({ pattern: '^speaker/[a-z0-9-]{1,60}:.{1,100}$' }), VoiceThresholds, {
        additionalProperties: false,
        description: 'Limiares por modelo: speaker/fornecedor:modelo.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type VoiceSettings = Static<typeof VoiceSettings>;

/** What is said nearer holds; of thresholds, for each model and each of them. */
export function voicesOver(below: VoiceSettings, own: VoiceSettings): VoiceSettings {
  const models = { ...below.models };
  for (const [model, thresholds] of Object.entries(own.models ?? {}))
    models[model] = { ...models[model], ...thresholds };
  return { ...below, ...own, models };
}
