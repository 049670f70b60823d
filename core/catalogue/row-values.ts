import { SALE_CLASSES, type SaleClass } from '../pharmacy/catalogue.ts';
import { brazilianNumber } from '../pharmacy/presentation.ts';
import { classOfStripe } from '../pharmacy/sale-class.ts';
import { TAGS } from '../pharmacy/tags.ts';
import { fold, oneLine } from '../pharmacy/text.ts';
import type { Columns, Field } from './columns.ts';
import { FORMULA, type RowIssue, type TableRow } from './rows.ts';

const MAX_LIST = { items: 60, characters: 120 };
const MAX_CENTS = 2_147_483_647;
/** How the official list writes that it says nothing: `-`, `- (*)`. */
const NOTHING = /^-?\s*(?:\(\*+\))?$/;
/** What a wrong encoding leaves behind. */
const BROKEN = /[\uFFFD\u0080-\u009F]/;
const YES = new Set(['sim', 's', '1', 'true', 'verdadeiro', 'x', 'ativo']);
const NO = new Set(['nao', 'n', '0', 'false', 'falso', 'inativo']);
const TAG_OF = new Map([...TAGS].map((tag) => [fold(tag), tag]));

/** Values of one row by field; what cannot be taken is noted, with the column and the kind of value, never the value. */
export class RowValues {
  readonly issues: RowIssue[] = [];
  readonly #row: TableRow;
  readonly #columns: Columns;

  constructor(row: TableRow, columns: Columns) {
    this.#row = row;
    this.#columns = columns;
  }

  /** Null: the row does not say. */
  text(field: Field, maxCharacters: number): string | null {
    const at = this.#columns.get(field);
    const cell = at && this.#row.cells[at.index];
    if (cell === undefined) return null;
    if (cell === FORMULA) {
      this.refuse(field, 'formula', 'a célula é uma fórmula; cole o valor no lugar dela');
      return null;
    }
    const text = oneLine(cell.normalize('NFC'));
    if (NOTHING.test(text)) return null;
    if (BROKEN.test(cell)) {
      this.refuse(field, 'caractere', 'há caracteres quebrados: o arquivo foi gravado com a codificação errada');
      return null;
    }
    if (text.length <= maxCharacters) return text;
    this.refuse(field, 'longo', `texto de ${text.length} caracteres; no máximo ${maxCharacters}`);
    return null;
  }

  /** Parts between `|` or `;`. */
  list(field: Field): string[] {
    const text = this.text(field, MAX_LIST.items * MAX_LIST.characters);
    const parts = (text ?? '')
      .split(/[|;]/)
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const isFit = parts.length <= MAX_LIST.items && parts.every((part) => part.length <= MAX_LIST.characters);
    if (isFit) return [...new Set(parts)];
    const { items, characters } = MAX_LIST;
    this.refuse(field, 'longo', `no máximo ${items} itens de ${characters} caracteres, separados por |`);
    return [];
  }

  flag(field: Field): boolean | null {
    const text = this.text(field, 40);
    if (text === null) return null;
    const folded = fold(text);
    if (YES.has(folded)) return true;
    if (!NO.has(folded)) this.refuse(field, 'valor', 'esperado: sim ou não');
    return NO.has(folded) ? false : null;
  }

  /** `R$ 1.234,56` in cents. */
  cents(field: Field): number | null {
    const text = this.text(field, 40);
    if (text === null) return null;
    const amount = brazilianNumber(text.replace(/^R\$\s*/i, '').replace(/\s*\*+$/, ''));
    const cents = Math.round(amount * 100);
    if (cents >= 0 && cents <= MAX_CENTS) return cents;
    this.refuse(field, 'numero', 'esperado: um preço, como 1.234,56');
    return null;
  }

  saleClass(field: Field): SaleClass | null {
    const text = this.text(field, 40);
    if (text === null) return null;
    const name = fold(text).replaceAll(' ', '_');
    const found = SALE_CLASSES.find((each) => each === name) ?? classOfStripe(text);
    if (found === null) this.refuse(field, 'valor', `valores aceitos: ${SALE_CLASSES.join(', ')}`);
    return found;
  }

  tag(field: Field): string | null {
    const text = this.text(field, 60);
    if (text === null) return null;
    const found = TAG_OF.get(fold(text)) ?? null;
    if (found === null) this.refuse(field, 'valor', 'categoria desconhecida; as aceitas estão em docs/catalogo.md');
    return found;
  }

  url(field: Field, maxCharacters: number): string | null {
    const text = this.text(field, maxCharacters);
    if (text === null) return null;
    const url = URL.parse(text);
    if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url.href;
    this.refuse(field, 'url', 'esperado: um endereço que começa com https://');
    return null;
  }

  /** Notes that a value is needed, unless something else is wrong with it. */
  missing(field: Field): void {
    const title = this.#columns.get(field)?.title ?? null;
    if (this.issues.some(({ column }) => column === title)) return;
    this.refuse(field, 'vazio', 'a célula está vazia');
  }

  refuse(field: Field, code: string, message: string): void {
    const column = this.#columns.get(field)?.title ?? null;
    this.issues.push({ row: this.#row.number, column, code, message, item: null, kept: null, rule: null });
  }
}
