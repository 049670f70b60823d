import pg from 'pg';

const INT8 = 20;
const NUMERIC = 1700;
const DATE = 1082;
const INT8_ARRAY = 1016;
const NUMERIC_ARRAY = 1231;

type Parser = (text: string) => unknown;

const PARSERS = new Map<number, Parser>([
  [INT8, parseInt8],
  [NUMERIC, Number],
  [DATE, (text) => text],
  [INT8_ARRAY, (text) => parseArray(text, parseInt8)],
  [NUMERIC_ARRAY, (text) => parseArray(text, Number)],
]);

/**
 * How values arrive from either database: `int8` is a number while it is a safe integer and text past that, `numeric`
 * is a number (money is kept in integer micro-units, so nothing exact is lost), `date` stays text (it has no zone).
 */
export const valueParsers = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): Parser {
    const own = format === 'binary' ? undefined : PARSERS.get(oid);
    return own ?? pg.types.getTypeParser(oid, format);
  },
};

function parseInt8(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

function parseArray(text: string, parse: Parser): unknown[] {
  const items = pg.types.getTypeParser(INT8_ARRAY as never)(text) as unknown as (string | null)[];
  return items.map((item) => (item === null ? null : parse(String(item))));
}
