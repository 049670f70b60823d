/**
 * Every text a person reads comes from `messages/<area>.ts`, each a call of `messages`. `{name}` is replaced; a text that
 * depends on a number is a pair of forms chosen by `{n}`: `one` for one, `other` for all else (the rules of CLDR would say "0 balcão").
 */
export type Text = string | { one: string; other: string };

type ParamsOf<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | ParamsOf<Rest> : never;
type Needs<T extends Text> = T extends string
  ? ParamsOf<T>
  : T extends { other: infer O extends string }
    ? ParamsOf<O> | 'n'
    : never;
type Given<T extends Text> = [Needs<T>] extends [never] ? [] : [{ [Name in Needs<T>]: string | number }];

/** An area's texts: called with a key it gives the text. */
export interface Messages<Table extends Record<string, Text>> {
  <Key extends keyof Table & string>(key: Key, ...params: Given<Table[Key]>): string;
  /** The text of a key that the server named, or what is to be said instead. */
  of(key: string, otherwise: string): string;
  readonly table: Table;
}

/** Makes an area's texts from its table. */
export function messages<const Table extends Record<string, Text>>(table: Table): Messages<Table> {
  const say = (key: string, params?: Record<string, string | number>): string => {
    const text = table[key];
    if (text === undefined) throw new Error(`no text for ${key}`);
    const n = Number(params?.['n'] ?? 0);
    const form = typeof text === 'string' ? text : n === 1 ? text.one : text.other;
    return form.replace(/\{(\w+)\}/g, (whole, name: string) =>
      params && name in params ? shown(params[name]) : whole,
    );
  };
  const of = (key: string, otherwise: string): string => {
    const text = Object.hasOwn(table, key) ? table[key] : undefined;
    return typeof text === 'string' ? text : otherwise;
  };
  return Object.assign(say, { of, table }) as unknown as Messages<Table>;
}

const integers = new Intl.NumberFormat('pt-BR');

function shown(value: string | number | undefined): string {
  return typeof value === 'number' ? integers.format(value) : String(value ?? '');
}
