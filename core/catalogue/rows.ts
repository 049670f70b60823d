/** A cell that holds a formula: what it shows is not what it says, so it is not read. */
export const FORMULA = Symbol('formula');

export type Cell = string | typeof FORMULA;

/** One row of a table, as its file has it. */
export interface TableRow {
  /** As a person counts in the file: rows of a sheet, lines of a text. */
  number: number;
  cells: Cell[];
}

/** What is said of one row: what keeps it out, or what became of it. Never the row itself. */
export interface RowIssue {
  /** Row, or entry of a file that has no rows; counted from 1. */
  row: number;
  /** As the file names it; null: it is about the whole row. */
  column: string | null;
  code: string;
  /** pt-BR. */
  message: string;
  /** Name of the product, where the report is of products. */
  item: string | null;
  /** Whether the product came in; null: this is an error. */
  kept: boolean | null;
  /** Rule that decided. */
  rule: string | null;
}

/** A reading that ends as an error of the whole file; nothing of it is imported. */
export const MAX_ROWS = 200_000;
/** Longest row that is looked at, in characters and in cells. */
export const MAX_ROW_CHARACTERS = 200_000;
export const MAX_COLUMNS = 500;
