import { Readable } from 'node:stream';
import type { ImportIssue } from '../../store/catalogue-imports-table.ts';
import type { Page } from '../../store/page.ts';

const HEAD = ['linha', 'coluna', 'produto', 'resultado', 'regra', 'codigo', 'mensagem'];

/** A report as a spreadsheet opens it: UTF-8 with BOM, `;`, read page by page while it is sent. */
export function csvReport(pageAfter: (cursor: string | undefined) => Promise<Page<ImportIssue>>): Readable {
  async function* lines(): AsyncGenerator<string> {
    yield `\uFEFF${HEAD.join(';')}\r\n`;
    for (let cursor: string | undefined | null; cursor !== null; ) {
      const page: Page<ImportIssue> = await pageAfter(cursor);
      yield page.items.map(lineOf).join('');
      cursor = page.next;
    }
  }
  return Readable.from(lines());
}

function lineOf({ row, column, item, kept, rule, code, message }: ImportIssue): string {
  const result = kept === null ? 'erro' : kept ? 'mantido' : 'fora';
  return `${[String(row), column, item, result, rule, code, message].map(cell).join(';')}\r\n`;
}

/** Quoted; what a spreadsheet would take for a formula begins with an apostrophe. */
function cell(text: string | null): string {
  const shown = text ?? '';
  const isFormula = /^[\s\p{Cf}]*[=+\-@＝＋－＠]/u.test(shown) || /^[\t\r]/.test(shown);
  return `"${(isFormula ? `'${shown}` : shown).replaceAll('"', '""')}"`;
}
