import { type Static, Type } from 'typebox';
import type { SaleClass } from './catalogue.ts';
import { parseData } from './parse.ts';
import { TAGS } from './tags.ts';
import { fold } from './text.ts';

const code = Type.String({ pattern: '^[A-Z]([0-9]{1,2}[A-Z]?)?$' });

const ClassesSchema = Type.Object(
  {
    versao: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    fonte: Type.String({ minLength: 1, maxLength: 500 }),
    revisao: Type.String({ minLength: 1, maxLength: 500 }),
    antimicrobianos: Type.Array(code, { minItems: 1, maxItems: 100 }),
    tags: Type.Record(code, Type.Enum([...TAGS])),
  },
  { additionalProperties: false },
);

/** `config/therapeutic-classes.json`: what a therapeutic class says of a product. */
export type TherapeuticClasses = Static<typeof ClassesSchema>;

/** Throws BaltoError `BALTO_PHARMACY_DATA` naming the field. */
export function parseClasses(value: unknown, source: string): TherapeuticClasses {
  return parseData(ClassesSchema, value, source);
}

/** What a source says of how a product is sold. */
export interface SaleFacts {
  /** The stripe as the source writes it: `Tarja Vermelha`, `Tarja Sem Tarja`, `- (*)`. */
  stripe: string | null;
  /** A class that the source names itself. */
  declared: SaleClass | null;
  /** Code of the therapeutic class (`N2B`), as `classCode` gives it. */
  therapeuticClass: string | null;
  isInjectable: boolean;
  /** Sold to hospitals only. */
  isHospitalOnly: boolean;
}

/**
 * How a product may be sold. Free only where the source says so, and nothing else it says speaks against it; what is not
 * said (`- (*)`, empty) is unknown.
 */
export function saleClassOf(facts: SaleFacts, classes: TherapeuticClasses): SaleClass {
  const stripe = classOfStripe(facts.stripe);
  const said = [facts.declared, stripe].filter((each) => each !== null);
  if (facts.isInjectable) return 'injetavel';
  for (const strict of ['tarja_preta', 'antimicrobiano', 'injetavel'] as const)
    if (said.includes(strict)) return strict;
  if (facts.therapeuticClass !== null && isUnder(facts.therapeuticClass, classes.antimicrobianos)) {
    return 'antimicrobiano';
  }
  if (said.includes('tarja_vermelha')) return 'tarja_vermelha';
  if (facts.isHospitalOnly || said.includes('desconhecida')) return 'desconhecida';
  return said.includes('venda_livre') ? 'venda_livre' : 'desconhecida';
}

/** What a stripe says; null where it says nothing. */
export function classOfStripe(stripe: string | null): SaleClass | null {
  const folded = ` ${fold(stripe ?? '')} `;
  if (folded.includes(' preta ')) return 'tarja_preta';
  if (folded.includes(' vermelha ')) return 'tarja_vermelha';
  const free = [' venda livre ', ' sem tarja ', ' venda liberada ', ' isento de prescricao ', ' mip '];
  return free.some((words) => folded.includes(words)) ? 'venda_livre' : null;
}

/** `J1G1` of `J1G1 - FLUORQUINOLONAS ORAIS`; `J01FA` is written `J1F` here. Null: there is none. */
export function classCode(text: string | null): string | null {
  const parts = /^\s*([A-Z])0?(\d{1,2})([A-Z])?/i.exec(text ?? '');
  return parts ? `${parts[1]}${Number(parts[2])}${parts[3] ?? ''}`.toUpperCase() : null;
}

/** The catalogue's category for a therapeutic class (`A10B`: first itself, then `A10`, then `A`). */
export function tagOfClass(code: string | null, classes: TherapeuticClasses): string {
  const group = /^[A-Z]\d+/.exec(code ?? '')?.[0];
  for (const each of [code, group, code?.[0]]) {
    const tag = each == null ? undefined : classes.tags[each];
    if (tag !== undefined) return tag;
  }
  return 'outros';
}

function isUnder(code: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => code.startsWith(prefix) && !/^\d/.test(code.slice(prefix.length)));
}
