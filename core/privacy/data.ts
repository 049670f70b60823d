import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { BaltoError } from '../contracts/index.ts';
import { parseData } from '../pharmacy/parse.ts';
import { Phrases } from './tokens.ts';
import type { NumberKind } from './types.ts';

const FOLDER = new URL('../../config/privacy/', import.meta.url);

const words = Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { maxItems: 5000 });
const wordValues = Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: 1000 }));

const MaskingSchema = Type.Object(
  {
    version: Type.String(),
    numbers: Type.Object(
      {
        units: wordValues,
        teens: wordValues,
        tens: wordValues,
        hundreds: wordValues,
        thousand: Type.String(),
        plurals: wordValues,
      },
      { additionalProperties: false },
    ),
    fillers: words,
    quantityAfter: words,
    moneyBefore: words,
    strengths: Type.Array(Type.Integer({ minimum: 0 })),
    cues: Type.Object(
      { CPF: words, CNPJ: words, TELEFONE: words, CARTAO: words, NUMERO: words },
      { additionalProperties: false },
    ),
    areaCodes: Type.Array(Type.Integer({ minimum: 11, maximum: 99 })),
    email: Type.Object({ at: words, dot: words, joins: words, cues: words, endings: words }),
    names: Type.Object({
      strong: words,
      weak: words,
      listed: words,
      asked: words,
      particles: words,
      notNames: words,
      skipped: words,
    }),
    products: words,
  },
  { additionalProperties: false },
);
const NamesSchema = Type.Object({ version: Type.String(), note: Type.String(), first: words, last: words });

/** Which part of a number a word can be. */
export type Rank = 'unit' | 'teen' | 'ten' | 'hundred';

/**
 * How a phrase announces a name: whatever follows is one (`strong`), what is written like one (`weak`), what is known to be
 * one (`listed`), or the answer will begin with one (`asked`).
 */
export type NameCue = 'strong' | 'weak' | 'listed' | 'asked';

/** The words that masking decides by, as `config/privacy/` has them, made ready to be looked up. */
export interface PrivacyData {
  numberWords: ReadonlyMap<string, { value: number; rank: Rank }>;
  plurals: ReadonlyMap<string, number>;
  thousand: string;
  fillers: ReadonlySet<string>;
  quantityAfter: ReadonlySet<string>;
  moneyBefore: ReadonlySet<string>;
  strengths: ReadonlySet<number>;
  areaCodes: ReadonlySet<number>;
  numberCues: Phrases<NumberKind>;
  email: {
    at: ReadonlySet<string>;
    dot: ReadonlySet<string>;
    joins: ReadonlySet<string>;
    endings: ReadonlySet<string>;
  };
  emailCues: Phrases<'EMAIL'>;
  nameCues: Phrases<NameCue>;
  particles: ReadonlySet<string>;
  notNames: ReadonlySet<string>;
  /** Articles before a name. */
  skipped: ReadonlySet<string>;
  /** Brands and substances that are known without any catalogue: never masked as a name. */
  products: ReadonlySet<string>;
  firstNames: ReadonlySet<string>;
  lastNames: ReadonlySet<string>;
}

/** Reads and checks `config/privacy/`. Throws BaltoError `BALTO_PHARMACY_DATA` naming file and field. */
export function loadPrivacyData(folder: URL = FOLDER): PrivacyData {
  const masking = parseData(MaskingSchema, json(folder, 'masking.json'), 'config/privacy/masking.json');
  const names = parseData(NamesSchema, json(folder, 'names.json'), 'config/privacy/names.json');
  const { email } = masking;
  const { strong, weak, listed, asked } = masking.names;
  return {
    ...numberData(masking.numbers),
    fillers: new Set(masking.fillers),
    quantityAfter: new Set(masking.quantityAfter),
    moneyBefore: new Set(masking.moneyBefore),
    strengths: new Set(masking.strengths),
    areaCodes: new Set(masking.areaCodes),
    numberCues: phrases(masking.cues),
    email: {
      at: new Set(email.at),
      dot: new Set(email.dot),
      joins: new Set(email.joins),
      endings: new Set(email.endings),
    },
    emailCues: phrases({ EMAIL: email.cues }),
    nameCues: phrases<NameCue>({ strong, weak, listed, asked }),
    particles: new Set(masking.names.particles),
    notNames: new Set(masking.names.notNames),
    skipped: new Set(masking.names.skipped),
    products: new Set(masking.products),
    firstNames: new Set(names.first),
    lastNames: new Set(names.last),
  };
}

function numberData(numbers: Static<typeof MaskingSchema>['numbers']) {
  const numberWords = new Map<string, { value: number; rank: Rank }>();
  const ranked: [Rank, Record<string, number>][] = [
    ['unit', numbers.units],
    ['teen', numbers.teens],
    ['ten', numbers.tens],
    ['hundred', numbers.hundreds],
  ];
  for (const [rank, byWord] of ranked) {
    for (const [word, value] of Object.entries(byWord)) numberWords.set(word, { value, rank });
  }
  return { numberWords, plurals: new Map(Object.entries(numbers.plurals)), thousand: numbers.thousand };
}

function phrases<T extends string>(byValue: Record<T, string[]>): Phrases<T> {
  const found = new Phrases<T>();
  for (const value of Object.keys(byValue) as T[]) {
    for (const phrase of byValue[value]) found.add(phrase, value);
  }
  return found;
}

function json(folder: URL, name: string): unknown {
  try {
    return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown;
  } catch (cause) {
    const message = `config/privacy/${name}: não pôde ser lido`;
    throw new BaltoError({ code: 'BALTO_PHARMACY_DATA', message, field: name, cause });
  }
}
