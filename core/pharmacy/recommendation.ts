import type { LlmRequest } from '../contracts/index.ts';
import type { Attempt } from '../store/interaction.ts';
import type { Classification, Confidence, RecommendedItem } from './choice.ts';
import type { GateDecision } from './gate.ts';
import type { LeafletField } from './leaflet.ts';
import type { Evidence } from './restraint.ts';

/** How one call of the language model ended, over all its candidates. */
export interface ModelOutcome<T> {
  status: 'answered' | 'failed' | 'no_provider';
  value: T | null;
  /** The text that was answered, as it came. */
  raw: string | null;
  address: string | null;
  attempts: Attempt[];
  requestedAt: Date | null;
  answeredAt: Date | null;
  costMicroUsd: number;
}

/** Runs one request until a candidate's parsed answer passes `validate` (which throws when it will not do). */
export type Complete = <T>(
  request: LlmRequest,
  options: { validate: (value: unknown) => T; signal: AbortSignal },
) => Promise<ModelOutcome<T>>;

export interface Recommendation {
  /** After the gate, best first. */
  items: RecommendedItem[];
  /**
   * Who chose: the model, the catalogue's own ranking, or nobody (nothing was asked for, the catalogue could not be read,
   * the call was aborted); `alerta`: a red flag was spoken of, and nobody was asked.
   */
  source: 'llm' | 'catalogue' | 'none' | 'alerta' | 'simulado';
  confidence: Confidence;
  /** The model's answer as it came, bounded. */
  raw: string | null;
  normalized: string | null;
  classification: Classification | null;
  /** What was retrieved, for the row. */
  candidates: { id: number; nome: string; classe_venda: string; pontos: number }[];
  gate: GateDecision[];
  promptVersion: string | null;
  listVersion: string | null;
  attempts: Attempt[];
  costMicroUsd: number;
  tsAiRequest: Date | null;
  tsAiResponse: Date | null;
  /** Quotes the choice rests on; `found` false: the model quoted what nobody said. */
  evidence: Evidence[];
  /** What the choice rests on beside them; null: nobody chose. */
  basis: Basis | null;
}

export interface Basis {
  /** Needs heard, by the lexicon's names; the model's where it chose. */
  needs: string[];
  /** Why no more items, or only harmless ones: a rule of `allowance.ts`. */
  allowance: string;
  /** Medicines perhaps named: nothing was done on their account. */
  doubtful: string[];
  /** Leaflets that items on the card rest on: the excerpts shown to the model, or read by the ranking. */
  leaflets: { candidateId: number; fields: LeafletField[]; version: string | null }[];
}
