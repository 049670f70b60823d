import { stripVTControlCharacters } from 'node:util';

const ESCAPE = '\u001b[';
const CODES = { bold: '1', grey: '90', red: '31', green: '32', yellow: '33', blue: '34', magenta: '35', cyan: '36' };
export type Style = keyof typeof CODES;

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/**
 * Lines, and where there is a terminal one more below them that is replaced in place. Without one: plain lines, no
 * cursor codes; colour as https://no-color.org asks.
 */
export class Terminal {
  readonly isLive: boolean;
  readonly #out: Output;
  readonly #hasColor: boolean;
  #live = '';

  constructor(out: Output, env: Record<string, string | undefined>) {
    this.#out = out;
    this.isLive = out.isTTY === true && env['TERM'] !== 'dumb';
    this.#hasColor = this.isLive && !env['NO_COLOR'];
  }

  line(text = ''): void {
    this.#clear();
    this.#out.write(`${text}\n`);
    this.#draw();
  }

  /** The line below all others; an empty one takes it away. Nothing without a terminal. */
  live(text: string): void {
    if (!this.isLive || text === this.#live) return;
    this.#clear();
    this.#live = text;
    this.#draw();
  }

  paint(style: Style, text: string): string {
    return this.#hasColor ? `${ESCAPE}${CODES[style]}m${text}${ESCAPE}0m` : text;
  }

  #clear(): void {
    if (this.#live !== '') this.#out.write(`\r${ESCAPE}2K`);
  }

  /** Never wider than the terminal: a wrapped line could not be replaced. The end is what is new, so the start goes. */
  #draw(): void {
    if (this.#live === '') return;
    const plain = stripVTControlCharacters(this.#live);
    const most = Math.max(20, (this.#out.columns || 80) - 1);
    const shown = plain.length > most ? `… ${plain.slice(plain.length - most + 2)}` : plain;
    this.#out.write(this.paint('grey', shown));
  }
}
