/** What `GET /api/v1/interactions` gives of each. */
export interface Listed {
  id: number;
  at: string;
  clientId: string;
  counterId: string;
  counterName: string | null;
  employeeName: string | null;
  type: string;
  transcript: string | null;
  recommendation: string | null;
  feedback: string | null;
  provider: string | null;
  rule: string | null;
  configVersion: number | null;
  durationMs: number | null;
  snrDb: number | null;
  costMicroUsd: number | null;
}

export interface ListPage {
  items: Listed[];
  next: string | null;
  /** Searched in place of a word that nobody says. */
  corrected: string | null;
}

export interface Word {
  text: string | null;
  startMs: number;
  endMs: number;
  confidence?: number;
  speaker?: string;
}

export interface Cost {
  kind: string;
  provider: string;
  model: string;
  unit: string;
  of: string;
  quantity: number;
  costMicroUsd: number;
  purpose: string;
  priceVersion: string | null;
}

export interface Comparison {
  provider: string;
  outcome: string;
  text: string | null;
  answered: string;
  durationMs: number;
  costMicroUsd: number;
}

/** What `GET /api/v1/interactions/:id` gives. `decision` and `gate` are as they were stored: anything may be missing. */
export interface Detailed extends Listed {
  decision: unknown;
  gate: unknown;
  candidates: unknown;
  promptVersion: string | null;
  listVersion: string | null;
  normalized: string | null;
  modelAnswer: string | null;
  words: { confidence: number | null; doubtful: number; words: Word[] } | null;
  cutReason: string | null;
  audioClass: string | null;
  audioKept: boolean;
  textExpired: boolean;
  speakerData: string | null;
  costs: Cost[];
  times: Record<string, string | null>;
  comparisons: Comparison[];
  exchange: { brlPerUsd: number; from: string | null } | null;
}

/** What stands in the database as JSON, read with care. */
export function member(of: unknown, name: string): unknown {
  return of !== null && typeof of === 'object' ? (of as Record<string, unknown>)[name] : undefined;
}

export function textOf(of: unknown, name: string): string | null {
  const value = member(of, name);
  return typeof value === 'string' ? value : null;
}

export function numberOf(of: unknown, name: string): number | null {
  const value = member(of, name);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function listOf(of: unknown, name: string): unknown[] {
  const value = member(of, name);
  return Array.isArray(value) ? value : [];
}

export function textsOf(of: unknown, name: string): string[] {
  return listOf(of, name).filter((each): each is string => typeof each === 'string');
}
