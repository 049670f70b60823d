import type { Generated, JSONColumnType } from 'kysely';

/** `cost_days`: kept by the database itself, never written here. */
export interface CostDaysTable {
  cliente_id: string;
  day: string;
  balcao_id: string;
  kind: string;
  provider: string;
  model: string;
  purpose: string;
  unit: string;
  of_what: string;
  quantity: number;
  cost_micro_usd: number;
}

/** `cost_corrections`. */
export interface CostCorrectionsTable {
  version: number;
  since: string | null;
  providers: JSONColumnType<string[], string, never>;
  after_id: Generated<number>;
  rows: Generated<number>;
  micro_usd: Generated<number>;
  created_at: Date;
  finished_at: Date | null;
}

/** Costs on record that a change of prices reached back to, and how far their correction has come. */
export interface CostCorrection {
  /** Of the configuration that changed the prices. */
  version: number;
  /** First day whose costs change, `YYYY-MM-DD`, in São Paulo; null: none. */
  since: string | null;
  /** Addresses without a model. */
  providers: string[];
  /** Lines of the ledger corrected so far, and by how much the whole changed. */
  rows: number;
  microUsd: number;
  createdAt: Date;
  finishedAt: Date | null;
}
