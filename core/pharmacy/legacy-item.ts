import { type CatalogueCandidate, type Ingredient, type StarterCatalogue, starterIngredients } from './catalogue.ts';
import { type GateData, gate } from './gate.ts';
import type { Ground } from './gate-rules.ts';
import type { OtcList } from './otc.ts';
import { readIngredient } from './presentation.ts';
import { STOPWORDS } from './stopwords.ts';
import { fold, foldedWords } from './text.ts';
import { NO_TIGHTENING } from './tightening.ts';

/** What a name in one of the original's files can be taken for. */
export interface LegacyItem {
  tag: string;
  medicine: boolean;
  form: string | null;
  ingredients: Ingredient[];
  /** Of what the name was known by: the starter's item, or the name alone. */
  source: string;
}

/** What the gate says of it. */
export interface LegacyVerdict {
  kept: boolean;
  /** What it was decided by (`mip-…`, `nm-…`), else the gate's own rule. */
  rule: string;
  code: string;
  reason: string;
  item: LegacyItem;
}

type StarterItem = StarterCatalogue['itens'][number];

const DOSE = /\d[\d.,]*\s*(?:mcg|mg|g|ui|%)(?:\s*\/\s*\d*\s*(?:ml|g))?(?![\p{L}])/giu;
const UNIT_WORDS = new Set('mg mcg ml g gr kg ui fps cm un und unidade unidades cp comp caixa frasco com'.split(' '));

/**
 * Holds the product names of the original's files, which say nothing else, against the list: a medicine is kept only when
 * its name tells substance, form and dose that a line allows; anything else only when the starter catalogue knows it as no
 * medicine. The original's own explanations are not taken over.
 */
export class LegacyItems {
  readonly #starter: readonly { item: StarterItem; names: readonly string[] }[];
  /** Words that the starter uses of what is no medicine: others may change what a name means. */
  readonly #plainWords: ReadonlySet<string>;
  readonly #list: OtcList;
  readonly #gate: GateData;
  readonly #ground: Ground;

  /** `today`: `AAAA-MM-DD`. */
  constructor(starter: StarterCatalogue, list: OtcList, gateData: GateData, today: string) {
    this.#list = list;
    this.#gate = gateData;
    this.#starter = starter.itens.map((item) => ({ item, names: [item.nome, ...item.sinonimos].map(fold) }));
    const plain = starter.itens.filter(({ medicamento }) => !medicamento);
    this.#plainWords = new Set(plain.flatMap(({ nome, sinonimos }) => [nome, ...sinonimos].flatMap(foldedWords)));
    const needs = new Set([...list.lines.values()].flat().flatMap(({ indications }) => [...indications]));
    const nobody = { youngestMonths: null, pregnancy: false, lactation: false };
    const situation = { needs, ...nobody, conditions: [], mentions: [], redFlags: [] };
    this.#ground = { situation, list, tightening: NO_TIGHTENING, today };
  }

  judge(name: string): LegacyVerdict {
    const item = this.#itemOf(name);
    if (!item) {
      const reason = 'nem a lista nem o catálogo inicial conhecem este nome';
      return { kept: false, rule: 'candidato_desconhecido', code: 'candidato_desconhecido', reason, item: unknown() };
    }
    const choice = { candidateId: 0, explanation: '', tag: item.tag, confidence: 'alta' } as const;
    const [decision] = gate([choice], [candidateOf(name, item)], this.#ground, this.#gate).decisions;
    const code = decision?.rule ?? 'candidato_desconhecido';
    const rule = decision?.ruleId ?? code;
    return { kept: decision?.allowed === true, rule, code, reason: decision?.reason ?? '', item };
  }

  #itemOf(name: string): LegacyItem | null {
    const folded = fold(name);
    const exact = this.#starter.find(({ names }) => names.includes(folded));
    if (exact) return fromStarter(exact.item);
    const substances = this.#list.names.within(name);
    if (substances.length > 0) return this.#medicineOf(name, substances);
    const like = this.#starter.find(
      ({ item, names }) => !item.medicamento && names.some((each) => within(each, folded)),
    );
    return like && this.#isPlain(folded) ? fromStarter(like.item) : null;
  }

  /** With one substance the dose in the name is its own; with several nobody knows whose it is. */
  #medicineOf(name: string, substances: readonly string[]): LegacyItem {
    const doses = name.match(DOSE) ?? [];
    const [dose] = doses;
    const one = substances.length === 1 && doses.length === 1 && dose ? readIngredient(`x ${dose}`) : null;
    const known = this.#starter.find(({ item }) =>
      starterIngredients(item).some(({ substance }) => substances.includes(this.#list.names.substance(substance))),
    );
    return {
      tag: known?.item.tag ?? 'outros',
      medicine: true,
      form: this.#formIn(name),
      ingredients: substances.map((substance) => ({ substance, dose: one?.dose ?? null })),
      source: `nome do produto, conferido com a lista ${this.#list.version}`,
    };
  }

  /** The longest run of words that is a form. */
  #formIn(name: string): string | null {
    const words = foldedWords(name);
    for (let length = Math.min(4, words.length); length > 0; length--) {
      for (let from = 0; from + length <= words.length; from++) {
        const form = this.#list.names.form(words.slice(from, from + length).join(' '));
        if (form !== null) return form;
      }
    }
    return null;
  }

  #isPlain(folded: string): boolean {
    return folded
      .split(' ')
      .every((word) => this.#plainWords.has(word) || STOPWORDS.has(word) || UNIT_WORDS.has(word) || /^\d/.test(word));
  }
}

function fromStarter(item: StarterItem): LegacyItem {
  return {
    tag: item.tag,
    medicine: item.medicamento,
    form: item.forma ?? null,
    ingredients: starterIngredients(item),
    source: `catálogo inicial: ${item.nome}`,
  };
}

function candidateOf(name: string, { tag, medicine, form, ingredients }: LegacyItem): CatalogueCandidate {
  return {
    id: 0,
    own: true,
    name,
    tag,
    // As if it were free: whether it is, the list says.
    saleClass: 'venda_livre',
    medicine,
    substance: ingredients.map(({ substance }) => substance).join('; ') || null,
    indications: [],
    synonyms: [],
    goesWith: [],
    source: null,
    version: null,
    form,
    ingredients,
    leaflet: null,
    score: 0,
  };
}

function unknown(): LegacyItem {
  return { tag: 'outros', medicine: true, form: null, ingredients: [], source: '' };
}

function within(phrase: string, folded: string): boolean {
  return phrase.includes(' ') || phrase.length > 3 ? ` ${folded} `.includes(` ${phrase} `) : folded === phrase;
}
