import type { CatalogueCandidate } from './catalogue.ts';
import type { ItemChoice, RecommendedItem } from './choice.ts';
import { type ExplanationFault, sanitizeExplanation, templateExplanation } from './explanation.ts';
import type { Lexicon } from './lexicon.ts';
import { clip, fold, oneLine } from './text.ts';

/** Goes with every medicine (RDC 44/2009, as changed by RDC 41/2012). */
export const MEDICINE_WARNING =
  'MEDICAMENTOS PODEM CAUSAR EFEITOS INDESEJADOS. EVITE A AUTOMEDICAÇÃO: INFORME-SE COM O FARMACÊUTICO';

/** Longest product name on the wire (protocol.md §1.3). */
export const MAX_NAME = 60;

export type GateRule =
  | 'venda_livre'
  | 'candidato_desconhecido'
  | 'classe_de_venda'
  | 'item_repetido'
  | 'limite_de_itens'
  | 'catalogo_indisponivel';

/** What the gate decided about one choice; stored with the interaction. */
export interface GateDecision {
  rule: GateRule;
  allowed: boolean;
  /** pt-BR, for whoever reads the row. */
  reason: string;
  candidateId: number | null;
  name: string | null;
  /** Set when the explanation was replaced by our own sentence. */
  explanationFault?: ExplanationFault;
}

/** What the gate decides by: data, versioned. */
export interface GateData {
  version: string;
  maxItems: number;
  templates: Lexicon['templates'];
  /** Folded stems an explanation may use. */
  words: ReadonlySet<string>;
}

/**
 * Default deny: a choice passes only when it names a retrieved candidate whose catalogue row says `venda_livre`. Nothing
 * the model writes decides, neither class nor name: both come from the catalogue.
 */
export function gate(
  choices: readonly ItemChoice[],
  candidates: readonly CatalogueCandidate[],
  data: GateData,
): { items: RecommendedItem[]; decisions: GateDecision[] } {
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const items: RecommendedItem[] = [];
  const decisions: GateDecision[] = [];
  const shown = new Set<string>();
  for (const choice of choices) {
    const candidate = byId.get(choice.candidateId);
    const refusal = refuse(candidate, shown, items.length, data);
    if (!candidate || refusal) {
      decisions.push({
        ...(refusal ?? UNKNOWN),
        allowed: false,
        candidateId: choice.candidateId,
        name: candidate?.name ?? null,
      });
      continue;
    }
    shown.add(fold(candidate.name));
    const { item, fault } = toItem(candidate, choice, data);
    items.push(item);
    decisions.push({
      rule: 'venda_livre',
      allowed: true,
      reason: `classe ${candidate.saleClass} no catálogo${candidate.version ? `, versão ${candidate.version}` : ''}`,
      candidateId: candidate.id,
      name: candidate.name,
      ...(fault ? { explanationFault: fault } : {}),
    });
  }
  return { items, decisions };
}

const UNKNOWN = { rule: 'candidato_desconhecido', reason: 'o item não está entre os candidatos do catálogo' } as const;

function refuse(
  candidate: CatalogueCandidate | undefined,
  shown: ReadonlySet<string>,
  count: number,
  data: GateData,
): { rule: GateRule; reason: string } | null {
  if (!candidate) return UNKNOWN;
  if (candidate.saleClass !== 'venda_livre') {
    return { rule: 'classe_de_venda', reason: `classe ${candidate.saleClass}: não pode ser sugerido no balcão` };
  }
  if (shown.has(fold(candidate.name))) return { rule: 'item_repetido', reason: 'já está no cartão' };
  if (count >= data.maxItems) return { rule: 'limite_de_itens', reason: `no máximo ${data.maxItems} itens por cartão` };
  return null;
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
