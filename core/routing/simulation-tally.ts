/** What one provider did or would do within one stratum. */
export interface Cell {
  count: number;
  cost: number;
  costSquares: number;
  durationMs: number;
  durationSquares: number;
}

/** What was drawn of one stratum. */
export interface Tally {
  /** Rows there are; of an unsampled simulation as many as were drawn. */
  rows: number;
  drawn: number;
  /** Utterances among those drawn: what was simulated by a mock is none. */
  counted: number;
  changed: number;
  happened: Map<string, Cell>;
  listPrice: Map<string, Cell>;
  draft: Map<string, Cell>;
  rules: Map<string, number>;
}

/** Stands for nobody among addresses. */
export const NOBODY = '';
