import { type Static, Type } from 'typebox';

/** A provider as people write it: `stt/acme` or `stt/acme:model`. */
export const AddressText = Type.String({
  minLength: 3,
  maxLength: 200,
  description: 'Endereço de um provedor: tipo/nome ou tipo/nome:modelo.',
});

/** Ordered addresses, the first choice first. */
export const Addresses = Type.Array(AddressText, {
  maxItems: 20,
  description: 'Provedores em ordem: o primeiro atende, os outros o substituem quando ele falha.',
});

/** A half-open interval: `min` belongs to it, `max` does not. Absent ends are open. */
const range = (description: string, unit: { minimum?: number; maximum?: number }) =>
  Type.Object(
    {
      min: Type.Optional(Type.Number({ ...unit, description: 'A partir deste valor, ele incluído.' })),
      max: Type.Optional(Type.Number({ ...unit, description: 'Até este valor, ele não incluído.' })),
    },
    { additionalProperties: false, description },
  );

const HOUR = '([01][0-9]|2[0-3]):[0-5][0-9]';

const Hours = Type.Object(
  {
    from: Type.String({ pattern: `^${HOUR}$`, description: 'Início, HH:MM, incluído.' }),
    to: Type.String({ pattern: `^(${HOUR}|24:00)$`, description: 'Fim, HH:MM ou 24:00, não incluído.' }),
  },
  {
    additionalProperties: false,
    description: 'Horário no fuso do cliente. Com o fim antes do início, passa da meia-noite.',
  },
);

const When = Type.Object(
  {
    durationMs: Type.Optional(
      range('Duração da fala, em ms. Só se conhece no fim dela.', { minimum: 0, maximum: 3_600_000 }),
    ),
    snrDb: Type.Optional(
      range('Relação sinal-ruído da fala, em dB. Só se conhece no fim dela.', { minimum: -10, maximum: 60 }),
    ),
    class: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 40 }), {
        maxItems: 10,
        description: 'Classe do som: fala, fala_com_ruido, ruido ou silencio_com_ruido. Só se conhece no fim da fala.',
      }),
    ),
    language: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$' }), {
        maxItems: 20,
        description: 'Idiomas falados (BCP 47): pt vale também para pt-BR.',
      }),
    ),
    hours: Type.Optional(
      Type.Array(Hours, { maxItems: 10, description: 'Horários em que a regra vale; basta estar em um deles.' }),
    ),
    weekdays: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 6 }), {
        maxItems: 7,
        description:
          'Dias da semana, 0 = segunda … 6 = domingo. Num horário que passa da meia-noite conta o dia em que ele começou.',
      }),
    ),
    counterTags: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 60 }), {
        maxItems: 50,
        description: 'Etiquetas de balcão: basta o balcão ter uma delas.',
      }),
    ),
    budgetLeft: Type.Optional(
      range('Parte do orçamento que resta, de 0 a 1. Sem orçamento, não vale.', { minimum: 0, maximum: 1 }),
    ),
    usable: Type.Optional(
      Type.Array(AddressText, {
        maxItems: 20,
        description: 'Vale só onde todos estes provedores podem ser usados (têm chave e atendem o idioma).',
      }),
    ),
  },
  { additionalProperties: false, description: 'Condições: todas as que estão presentes devem valer.' },
);

const Tags = Type.Array(Type.String({ minLength: 1, maxLength: 80 }), { maxItems: 20 });

/** One routing rule, as it is stored and as the REST doors take it. */
export const Rule = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
      description: 'Nome da regra nas decisões guardadas: minúsculas, dígitos, hífen e sublinhado.',
    }),
    title: Type.Optional(Type.String({ maxLength: 200, description: 'O que a regra faz, para pessoas.' })),
    enabled: Type.Optional(Type.Boolean({ default: true, description: 'Desligada, é como se não existisse.' })),
    priority: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      description: 'A menor vem primeiro; com a mesma, a que está antes na lista.',
    }),
    kind: Type.Optional(
      Type.Union([Type.Literal('stt'), Type.Literal('llm')], {
        default: 'stt',
        description: 'O que se escolhe: transcrição (stt) ou modelo de linguagem (llm).',
      }),
    ),
    when: When,
    use: Addresses,
    must: Type.Optional({
      ...Tags,
      description:
        'Etiquetas que todo candidato deve ter (region:eu, vendor:…, local, streaming, words …). Sem nenhum que as tenha, nada é usado.',
    } as typeof Tags),
    mustNot: Type.Optional({
      ...Tags,
      description: 'Etiquetas que nenhum candidato pode ter. Sem nenhum que sirva, nada é usado.',
    } as typeof Tags),
    mode: Type.Union([Type.Literal('segment'), Type.Literal('stream')], {
      description: 'stream transcreve durante a fala; segment, a fala inteira quando ela termina.',
    }),
    hedge: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Começa o próximo candidato quando o primeiro demora mais que de costume.',
      }),
    ),
    shadow: Type.Optional(
      Type.Object(
        {
          use: AddressText,
          share: Type.Number({ minimum: 0, maximum: 1, description: 'Parte das falas, de 0 a 1.' }),
        },
        {
          additionalProperties: false,
          description: 'Um segundo provedor que ouve parte das falas, só para comparação.',
        },
      ),
    ),
  },
  { additionalProperties: false, title: 'RoutingRule' },
);
export type Rule = Static<typeof Rule>;

/** The `routing` section of the configuration. */
export const RoutingSection = Type.Object(
  { rules: Type.Array(Rule, { maxItems: 500 }) },
  { additionalProperties: false },
);
export type RoutingSection = Static<typeof RoutingSection>;

/** The same at a counter that tries a draft's rules: they take the place of its client's, or of everyone's. */
export const TriedRoutingSection = Type.Object(
  {
    ...RoutingSection.properties,
    draft: Type.String({ minLength: 1, maxLength: 64, description: 'Rascunho em prova' }),
    of: Type.Union([Type.Literal('client'), Type.Literal('global')], {
      description: 'De quem são as regras cujo lugar estas tomam',
    }),
  },
  { additionalProperties: false },
);
export type TriedRoutingSection = Static<typeof TriedRoutingSection>;

/** Kinds that rules choose for. */
export type RoutedKind = NonNullable<Rule['kind']>;
export type Range = { min?: number; max?: number };
