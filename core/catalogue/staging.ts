import { type ProductInput, toRow } from '../store/product-rows.ts';
import type { RowIssue } from './rows.ts';

/** One row of a file: the item it makes, or what is wrong with it, or what became of it. */
export interface FoundItem {
  row: number;
  product?: ProductInput;
  issues: RowIssue[];
}

/** What the reading thread tells, each in answer to one question. */
export type ReaderMessage =
  | { type: 'format'; format: string }
  | { type: 'batch'; lines: string; count: number; read: number; errors: number; issues: RowIssue[] }
  | { type: 'done' }
  | { type: 'failed'; code: string; message: string };

/** Small enough that the embedded database takes them in well under 100 ms. */
const BATCH_ROWS = 200;
const BATCH_CHARACTERS = 300_000;
/** Errors that are kept; the others are only counted. */
const MAX_ERRORS = 1000;
/** What a report of products holds at most. */
const MAX_REPORT = 60_000;

/** Gathers items into batches of the waiting table's lines. */
export class Batches {
  #lines: string[] = [];
  #issues: RowIssue[] = [];
  #characters = 0;
  #order = 0;
  #read = 0;
  #errors = 0;
  #reported = 0;

  /** @returns a batch when one is full. */
  add({ product, issues }: FoundItem): ReaderMessage | null {
    this.#read += 1;
    if (product) {
      const { cliente_id: _none, composicao, ...row } = toRow(null, product);
      const produto = { ...row, composicao: JSON.parse(composicao) as unknown };
      const line = JSON.stringify({ ordem: ++this.#order, codigo: row.codigo, produto });
      this.#lines.push(line);
      this.#characters += line.length;
    }
    for (const issue of issues) this.#note(issue);
    const isFull = this.#lines.length >= BATCH_ROWS || this.#characters > BATCH_CHARACTERS;
    return isFull || this.#issues.length >= BATCH_ROWS ? this.take() : null;
  }

  /** What is gathered, full or not. */
  take(): ReaderMessage {
    const batch: ReaderMessage = {
      type: 'batch',
      lines: `[${this.#lines.join(',')}]`,
      count: this.#lines.length,
      read: this.#read,
      errors: this.#errors,
      issues: this.#issues,
    };
    this.#lines = [];
    this.#issues = [];
    this.#characters = 0;
    return batch;
  }

  #note(issue: RowIssue): void {
    if (issue.kept === null) this.#errors += 1;
    const isKept = issue.kept === null ? this.#errors <= MAX_ERRORS : ++this.#reported <= MAX_REPORT;
    if (isKept) this.#issues.push(issue);
  }
}
