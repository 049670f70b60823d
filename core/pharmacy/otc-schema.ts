import { type Static, type TProperties, Type } from 'typebox';
import { SALE_CLASSES } from './catalogue.ts';

/** The files of `config/otc/`, as they are written there (pt-BR: a pharmacist reads them). What is misspelt is refused, not passed over. */

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' });
const texts = (maxItems = 200) => Type.Array(text(120), { minItems: 1, maxItems });
const Day = Type.String({ pattern: '^20\\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' });
const Years = Type.Integer({ minimum: 0, maximum: 120 });
/** `mip-…`, `nm-…`, `nunca-…`, `int-…`, `ci-…`, `alerta-…`: stored with every decision it makes. */
const RuleId = Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 60 });
const ClassId = Type.String({ pattern: '^[a-z0-9]+([-_][a-z0-9]+)*$', maxLength: 40 });

function strict<T extends TProperties>(properties: T) {
  return Type.Object(properties, { additionalProperties: false });
}

function file<T extends TProperties>(properties: T) {
  return strict({ versao: Day, fonte: text(1000), revisao: text(500), ...properties });
}

function list<T extends TProperties[string]>(item: T, maxItems = 500) {
  return Type.Array(item, { minItems: 1, maxItems });
}

const Amount = strict({ valor: Type.Number({ exclusiveMinimum: 0, maximum: 1e9 }), unidade: text(20) });

const LineSubstance = Type.Union([
  strict({ nome: text(120), ate: Amount }),
  // An exception to "an unknown dose is blocked": only with its reason.
  strict({ nome: text(120), ate: Type.Null(), sem_dose: text(300) }),
]);

const Line = strict({
  regra: RuleId,
  substancias: list(LineSubstance, 10),
  formas: texts(20),
  indicacoes: texts(40),
  idade_minima_anos: Years,
  dias_maximos: Type.Integer({ minimum: 1, maximum: 365 }),
  vigente_de: Day,
  vigente_ate: Type.Union([Day, Type.Null()]),
  fonte: text(400),
  conferida: Type.Boolean(),
});

export const MedicinesFile = file({ linhas: list(Line, 2000) });

const because = { regra: RuleId, motivo: text(200), fonte: text(200) };

export const NeverFile = file({
  classes_de_venda: list(strict({ ...because, classe_venda: Type.Enum([...SALE_CLASSES]) })),
  formas: list(strict({ ...because, forma: text(80) })),
  classes_de_substancia: list(strict({ ...because, classe: ClassId })),
});

const Stance = Type.Union([Type.Literal('permite'), Type.Literal('bloqueia')]);

export const OthersFile = file({
  grupos: list(strict({ regra: RuleId, tags: texts(), idade_minima_anos: Years, gravidez: Stance, lactacao: Stance })),
  palavras: Type.Array(
    strict({
      regra: RuleId,
      palavras: texts(),
      idade_minima_anos: Years,
      // Conditions of `situacao.json` that it is kept from as well.
      condicoes: Type.Optional(Type.Array(ClassId, { minItems: 1, maxItems: 20 })),
      motivo: text(200),
    }),
    { maxItems: 200 },
  ),
  palavras_de_medicamento: strict({
    excecoes: Type.Array(strict({ substancia: text(120), motivo: text(200) }), { maxItems: 200 }),
  }),
});

export const NamesFile = file({
  sais: texts(300),
  substancias: list(
    strict({
      nome: text(120),
      tambem: Type.Optional(texts(60)),
      marcas: Type.Optional(texts(60)),
      classes: Type.Optional(Type.Array(ClassId, { minItems: 1, maxItems: 20 })),
    }),
    3000,
  ),
  formas: list(strict({ nome: text(80), tambem: Type.Optional(texts(60)) })),
});

export const InteractionsFile = file({
  falas: Type.Array(
    // `so_alergia`: people ask for one as well as use it, so that only an allergy to it means something.
    strict({ classe: ClassId, falas: texts(), so_alergia: Type.Optional(Type.Boolean()) }),
    { maxItems: 100 },
  ),
  pares: list(strict({ regra: RuleId, a: text(120), b: text(120), motivo: text(200) }), 2000),
});

export const ContraindicationsFile = file({
  regras: list(
    strict({
      regra: RuleId,
      condicao: ClassId,
      motivo: text(200),
      classes: Type.Optional(Type.Array(ClassId, { minItems: 1, maxItems: 40 })),
      substancias: Type.Optional(texts()),
    }),
  ),
});

export const SituationFile = file({
  negacoes: strict({
    antes: texts(),
    depois: texts(),
    respostas: texts(),
    // Between a denial and what it denies; anything else there, and it denies something else.
    pontes: texts(),
    // Behind `depois` and `respostas`: these close the denial, and those only where the clause ends with them.
    seguem: texts(),
    fecham: texts(),
    // An answer with one of these denies nothing.
    duvidas: texts(),
  }),
  idades: list(strict({ falas: texts(), meses: Type.Integer({ minimum: 0, maximum: 216 }) })),
  pessoas: texts(),
  // What lasts years and months without being somebody: `garantia de dois anos`.
  duracoes: texts(),
  gravidez: texts(),
  gravidez_exatas: texts(),
  lactacao: texts(),
  lactacao_exatas: texts(),
  alergia: texts(),
  condicoes: list(
    strict({
      id: ClassId,
      nome: text(80),
      falas: texts(),
      bula: texts(),
      // Whoever uses a medicine of these has the condition.
      classes: Type.Optional(Type.Array(ClassId, { minItems: 1, maxItems: 20 })),
    }),
  ),
});

export const RedFlagsFile = file({
  sinais: list(
    strict({
      regra: RuleId,
      titulo: text(80),
      // What the counter shows; protocol.md §1.3 bounds it.
      texto: text(220),
      // Every group must be spoken of, by any of its phrases.
      quando: Type.Array(texts(), { maxItems: 5 }),
      exatas: Type.Optional(texts()),
      // Sentences that say one of these are passed over.
      exceto: Type.Optional(texts()),
      idade_menor_que_meses: Type.Optional(Type.Integer({ minimum: 1, maximum: 216 })),
      situacao: Type.Optional(
        Type.Array(Type.Union([Type.Literal('gravidez'), Type.Literal('lactacao')]), { minItems: 1, maxItems: 2 }),
      ),
      ou_medicamento_citado: Type.Optional(Type.Boolean()),
    }),
  ),
});

/** The file of each name. */
export const OTC_FILES = {
  medicamentos: MedicinesFile,
  nunca: NeverFile,
  'nao-medicamentos': OthersFile,
  nomes: NamesFile,
  interacoes: InteractionsFile,
  contraindicacoes: ContraindicationsFile,
  situacao: SituationFile,
  'sinais-de-alerta': RedFlagsFile,
} as const;

/** `config/otc/`, read and checked. */
export type OtcFiles = { [Name in keyof typeof OTC_FILES]: Static<(typeof OTC_FILES)[Name]> };

export type OtcLine = Static<typeof Line>;
export type SituationData = OtcFiles['situacao'];
export type RedFlagData = OtcFiles['sinais-de-alerta']['sinais'][number];
