export type Confidence = 'alta' | 'media' | 'baixa';

/** An item somebody (the model, or the ranking) wants to suggest; the gate decides. */
export interface ItemChoice {
  /** Id of a retrieved candidate, as claimed. */
  candidateId: number;
  explanation: string;
  tag: string;
  confidence: Confidence;
  /** The reason of our own ranking, from our own data: words its explanation may use beside the item's. */
  motive?: string;
}

/** An item that passed the gate: what a counter may be shown. */
export interface RecommendedItem {
  /** `produtos.id`; null for a call for the pharmacist and for simulated cards. */
  productId: number | null;
  name: string;
  explanation: string;
  tag: string;
  medicine: boolean;
}

/** `interacoes.transcricao_classificacao`, as reports read it. */
export interface Classification {
  macros_top2: string[];
  micro_categoria: string;
  ancoras_para_excluir: string[];
}
