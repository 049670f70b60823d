import type { CatalogueCandidate } from './catalogue.ts';
import type { ExplanationFault } from './explanation.ts';
import type { OtcList } from './otc.ts';
import type { Mention, Situation } from './situation.ts';
import type { Tightening } from './tightening.ts';

/** What a decision was about; `docs/farmacia.md` says each to a pharmacist. */
export type GateRule =
  | 'venda_livre'
  | 'candidato_desconhecido'
  | 'classe_de_venda'
  | 'item_repetido'
  | 'limite_de_itens'
  | 'catalogo_indisponivel'
  | 'assunto_sem_sugestao'
  | 'ja_citado'
  | 'contexto_fraco'
  | 'sinal_de_alerta'
  | 'nunca_oferecer'
  | 'parece_medicamento'
  | 'nome_improprio'
  | 'composicao_duvidosa'
  | 'sem_principio_ativo'
  | 'sem_forma'
  | 'sem_dose'
  | 'fora_da_lista'
  | 'outra_forma'
  | 'dose_acima'
  | 'fora_de_vigencia'
  | 'outra_indicacao'
  | 'idade'
  | 'gravidez'
  | 'lactacao'
  | 'contraindicacao'
  | 'bula'
  | 'alergia'
  | 'substancia_repetida'
  | 'interacao'
  | 'nome_ouvido_com_duvida'
  | 'restricao'
  | 'exige_farmaceutico';

/** What the gate decided about one choice; stored with the interaction. */
export interface GateDecision {
  rule: GateRule;
  /** The line, group, pair or restriction that decided, by its id in `config/otc/`; null: none did. */
  ruleId: string | null;
  /** Version of the list that was in force. */
  listVersion: string;
  allowed: boolean;
  /** pt-BR, for whoever reads the row. */
  reason: string;
  candidateId: number | null;
  name: string | null;
  /** Set when the explanation was replaced by our own sentence. */
  explanationFault?: ExplanationFault;
}

/** Why an item is kept back. */
export interface Refusal {
  rule: GateRule;
  ruleId: string | null;
  reason: string;
}

/** What an item may be offered by. */
export interface Permission {
  ruleId: string;
  reason: string;
}

/** What was found out about one item. */
export type Verdict = { refusal: Refusal } | { permission: Permission };

/** Everything a decision is made from; no clock, no I/O. */
export interface Ground {
  situation: Situation;
  list: OtcList;
  tightening: Tightening;
  /** Day at the counter, `AAAA-MM-DD`. */
  today: string;
}

/** An item with its substances as the list calls them. */
export interface Weighed {
  candidate: CatalogueCandidate;
  substances: readonly string[];
  /** Substances and their classes. */
  keys: ReadonlySet<string>;
}

export function refuse(rule: GateRule, ruleId: string | null, reason: string): { refusal: Refusal } {
  return { refusal: { rule, ruleId, reason } };
}

/** Substances and classes something counts as in pairs and contraindications. */
export function keysOf({ names }: OtcList, substances: readonly string[]): Set<string> {
  return new Set([...substances, ...substances.flatMap((each) => [...names.classes(each)])]);
}

export function mentionKeys(mention: Mention): Set<string> {
  return new Set([...mention.substances, ...mention.classes]);
}

/** Months that a person under `years` has not completed: 12 months a year. */
export function isUnder(months: number | null, years: number): boolean {
  return months !== null && months < years * 12;
}
