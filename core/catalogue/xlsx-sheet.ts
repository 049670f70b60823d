import type { SaxesParser } from 'saxes';
import { type Cell, FORMULA, MAX_COLUMNS, MAX_ROW_CHARACTERS, type TableRow } from './rows.ts';
import { xmlParser } from './xlsx-xml.ts';

/** Rows out of a sheet's XML, as its bytes come. */
export class SheetParser {
  readonly #strings: readonly string[];
  readonly #decoder = new TextDecoder();
  readonly #parser: SaxesParser;
  #rows: TableRow[] = [];
  #number = 0;
  #cells: Cell[] = [];
  #column = -1;
  #type = '';
  #value = '';
  #characters = 0;
  #isValue = false;
  #isFormula = false;

  constructor(strings: readonly string[]) {
    this.#strings = strings;
    this.#parser = xmlParser({
      open: (name, attributes) => this.#open(name, attributes),
      close: (name) => this.#close(name),
      text: (text) => {
        if (!this.#isValue || this.#characters > MAX_ROW_CHARACTERS) return;
        this.#value += text;
        this.#characters += text.length;
      },
    });
  }

  /** The rows that these bytes complete. */
  write(chunk: Buffer): TableRow[] {
    this.#parser.write(this.#decoder.decode(chunk, { stream: true }));
    return this.#taken();
  }

  end(): TableRow[] {
    this.#parser.close();
    return this.#taken();
  }

  #taken(): TableRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  #open(name: string, attributes: Record<string, string>): void {
    if (name === 'c') {
      this.#column = columnOf(attributes['r'], this.#column + 1);
      this.#type = attributes['t'] ?? 'n';
      this.#value = '';
      this.#isFormula = false;
    } else if (name === 'v' || name === 't') this.#isValue = true;
    else if (name === 'f') this.#isFormula = true;
    else if (name === 'row') {
      this.#number = Number(attributes['r'] ?? this.#number + 1);
      this.#cells = [];
      this.#column = -1;
      this.#characters = 0;
    }
  }

  #close(name: string): void {
    if (name === 'v' || name === 't') this.#isValue = false;
    else if (name === 'c') this.#put();
    else if (name === 'row' && this.#cells.some((cell) => cell !== '')) {
      this.#rows.push({ number: this.#number, cells: this.#cells });
    }
  }

  #put(): void {
    if (this.#column >= MAX_COLUMNS) return;
    while (this.#cells.length < this.#column) this.#cells.push('');
    this.#cells[this.#column] = this.#isFormula ? FORMULA : this.#shown();
  }

  #shown(): string {
    switch (this.#type) {
      case 's':
        return this.#strings[Number(this.#value)] ?? '';
      case 'b':
        return this.#value === '1' ? 'sim' : 'não';
      case 'n':
        return numberText(this.#value);
      default:
        return this.#value;
    }
  }
}

/** `C12` is column 2; without a reference, the next one. */
function columnOf(reference: string | undefined, next: number): number {
  let column = 0;
  for (const letter of reference?.match(/^[A-Z]{1,3}/)?.[0] ?? '') column = column * 26 + letter.charCodeAt(0) - 64;
  return column === 0 ? next : column - 1;
}

/** A number as a Brazilian would have typed it: bar codes whole, decimals with a comma, without the noise of a double. */
function numberText(value: string): string {
  const number = Number(value);
  if (value === '' || !Number.isFinite(number)) return value;
  return Number.isInteger(number) ? number.toFixed(0) : String(Number(number.toPrecision(12))).replace('.', ',');
}
