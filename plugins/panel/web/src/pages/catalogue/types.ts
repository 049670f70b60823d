/** As the catalogue's routes answer. */
export interface Product {
  id: number;
  code: string;
  name: string;
  tag: string;
  saleClass: string;
  medicine: boolean;
  substance: string | null;
  indications: string[];
  synonyms: string[];
  priceCents: number | null;
  active: boolean;
  revision: number;
}

export interface Import {
  id: number;
  fileName: string;
  dryRun: boolean;
  state: string;
  author: string;
  createdAt: string;
  finishedAt: string | null;
  read: number;
  valid: number;
  position: number;
  errors: number;
  added: number;
  changed: number;
  same: number;
  canUndo: boolean;
  failure: { code: string; message: string } | null;
}

export interface Issue {
  order: number;
  row: number;
  column: string | null;
  message: string;
  item: string | null;
  kept: boolean | null;
  rule: string | null;
}

interface Because {
  minAgeYears: number;
  restrictedBy: string[];
}

export interface OtcLine extends Because {
  rule: string;
  substances: { name: string; upTo: { value: number; unit: string } | null }[];
  forms: string[];
  indications: string[];
  maxDays: number;
  validFrom: string;
  validTo: string | null;
  inForce: boolean;
  checked: boolean;
  source: string;
}

export interface OtcGroup extends Because {
  rule: string;
  tags: string[];
  pregnancy: boolean;
  lactation: boolean;
}

export interface Otc {
  version: string;
  today: string;
  readable: boolean;
  lines: OtcLine[];
  groups: OtcGroup[];
  never: { rule: string; what: string; reason: string }[];
}

export interface Restriction {
  id: string;
  kind: string;
  target: string;
  minAgeYears: number | null;
  why: string;
  by: string;
  at: string;
}

export interface Blocked {
  items: {
    rule: string;
    ruleId: string | null;
    name: string | null;
    times: number;
    lastAt: string;
    lastInteraction: number;
  }[];
  rules: { rule: string; times: number }[];
  looked: number;
}

export const SALE_CLASSES = [
  'venda_livre',
  'tarja_vermelha',
  'tarja_preta',
  'antimicrobiano',
  'injetavel',
  'desconhecida',
] as const;
