import { counted } from '../counted.ts';
import type { CatalogueCandidate } from './catalogue.ts';
import type { ItemChoice, RecommendedItem } from './choice.ts';
import { sanitizeExplanation, templateExplanation } from './explanation.ts';
import { neverRefusal } from './gate-common.ts';
import { weighMedicine } from './gate-medicine.ts';
import { nameRefusal } from './gate-names.ts';
import { weighOther } from './gate-other.ts';
import { type GateDecision, type Ground, keysOf, refuse, type Verdict, type Weighed } from './gate-rules.ts';
import type { Lexicon } from './lexicon.ts';
import { clip, fold, oneLine } from './text.ts';

export type { GateDecision, GateRule } from './gate-rules.ts';

/** Goes with every medicine (RDC 44/2009, as changed by RDC 41/2012). */
export const MEDICINE_WARNING =
  'MEDICAMENTOS PODEM CAUSAR EFEITOS INDESEJADOS. EVITE A AUTOMEDICAÇÃO: INFORME-SE COM O FARMACÊUTICO';

/** Longest product name on the wire (protocol.md §1.3). */
export const MAX_NAME = 60;

/** What a card may say, beside the list: data, versioned. */
export interface GateData {
  maxItems: number;
  templates: Lexicon['templates'];
  /** Folded stems an explanation may use. */
  words: ReadonlySet<string>;
}

export interface GateResult {
  items: RecommendedItem[];
  /** One for each choice, in its order. */
  decisions: GateDecision[];
  /** Nothing may be offered, and a pharmacist asked to be called. */
  callPharmacist: boolean;
}

/**
 * Default deny: a choice passes only when it names a retrieved candidate that the list allows, today, for whoever is at the
 * counter. Nothing the model writes decides: name, class, substances, form and dose come from the catalogue, what is allowed
 * from `config/otc/`, what is allowed no more from the client's pharmacist. Pure: the same input gives the same decisions.
 */
export function gate(
  choices: readonly ItemChoice[],
  candidates: readonly CatalogueCandidate[],
  ground: Ground,
  data: GateData,
): GateResult {
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const items: RecommendedItem[] = [];
  const shown: Weighed[] = [];
  const decisions = choices.map((choice): GateDecision => {
    const candidate = byId.get(choice.candidateId);
    const about = { listVersion: ground.list.version, candidateId: choice.candidateId, name: candidate?.name ?? null };
    if (!candidate) return { ...UNKNOWN.refusal, ...about, allowed: false };
    const item = weigh(candidate, ground);
    const verdict = verdictOn(item, ground, shown, data);
    if ('refusal' in verdict) return { ...verdict.refusal, ...about, allowed: false };
    shown.push(item);
    const { item: made, fault } = toItem(candidate, choice, data);
    items.push(made);
    const explained = fault ? { explanationFault: fault } : {};
    return { rule: 'venda_livre', ...verdict.permission, ...about, allowed: true, ...explained };
  });
  const asked = decisions.some(({ rule }) => rule === 'exige_farmaceutico');
  return { items, decisions, callPharmacist: asked && items.length === 0 };
}

const UNKNOWN = refuse('candidato_desconhecido', null, 'o item não está entre os candidatos do catálogo');

function weigh(candidate: CatalogueCandidate, { list }: Ground): Weighed {
  const substances = [...new Set(candidate.ingredients.map(({ substance }) => list.names.substance(substance)))];
  return { candidate, substances, keys: keysOf(list, substances) };
}

function verdictOn(item: Weighed, ground: Ground, shown: readonly Weighed[], data: GateData): Verdict {
  const { candidate } = item;
  const [flag] = ground.situation.redFlags;
  if (flag) return refuse('sinal_de_alerta', flag.rule, `sinal de alerta na conversa: ${flag.title}`);
  if (ground.tightening.unreadable)
    return refuse('restricao', null, 'as restrições deste cliente não puderam ser lidas');
  const never = neverRefusal(item, ground) ?? nameRefusal(item);
  if (never) return { refusal: never };
  const name = fold(candidate.name);
  if (shown.some((other) => fold(other.candidate.name) === name))
    return refuse('item_repetido', null, 'já está no cartão');
  const verdict = candidate.medicine ? weighMedicine(item, ground, shown) : weighOther(item, ground, shown);
  if ('permission' in verdict && shown.length >= data.maxItems) {
    return refuse('limite_de_itens', null, `no máximo ${counted(data.maxItems, 'item', 'itens')} por cartão`);
  }
  return verdict;
}

function toItem(candidate: CatalogueCandidate, choice: ItemChoice, data: GateData) {
  const own = [candidate.name, candidate.substance ?? '', choice.motive ?? '', ...candidate.indications].filter(
    Boolean,
  );
  const template = templateExplanation(data.templates, candidate.medicine, null);
  const { text, fault } = sanitizeExplanation(choice.explanation, template, data.words, own);
  const item: RecommendedItem = {
    productId: candidate.id,
    name: clip(oneLine(candidate.name.replace(/[<>]/gu, ' ')), MAX_NAME),
    explanation: text,
    tag: candidate.tag,
    medicine: candidate.medicine,
  };
  return { item, fault };
}
