/** What a stretch of speech gives away; each is written in its place as its label. */
export const LABELS = {
  CPF: '[CPF]',
  CNPJ: '[CNPJ]',
  TELEFONE: '[TELEFONE]',
  EMAIL: '[E-MAIL]',
  CARTAO: '[CARTÃO]',
  /** Digits that tell somebody apart, of which nobody knows what they are, or not yet. */
  NUMERO: '[NÚMERO]',
  NOME: '[NOME]',
} as const;

export type Kind = keyof typeof LABELS;
/** A kind that is made of digits. */
export type NumberKind = Exclude<Kind, 'EMAIL' | 'NOME'>;

/** How many of each kind were masked; kinds that did not occur are absent. */
export type Counts = Partial<Record<Kind, number>>;

/** A text as it may be kept, and what is not in it any more. */
export interface Masked {
  text: string;
  counts: Counts;
}

/** Tokens from `first` to `last`, both included, that become one label. */
export interface Span {
  first: number;
  last: number;
  kind: Kind;
}

/** Words that a client's counters use and that decide over names; all folded. */
export interface ClientWords {
  /** Of products and substances: never masked as a name. */
  products: ReadonlySet<string>;
  /** Names of its employees, each as its words, by the first of them. */
  employees: ReadonlyMap<string, readonly (readonly string[])[]>;
}

/** The sums of several counts. */
export function addCounts(...all: Counts[]): Counts {
  const sum: Counts = {};
  for (const counts of all) {
    for (const [kind, count] of Object.entries(counts) as [Kind, number][]) sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}
