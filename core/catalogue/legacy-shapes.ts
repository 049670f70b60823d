import { refuseFile } from './failures.ts';

/** One product as one of the original's files names it, and what the place it stands at says of it. */
export interface LegacyEntry {
  /** Place in the file, from 1. */
  row: number;
  /** Untrusted: anything may stand there. */
  name: unknown;
  /** Needs it was suggested for. */
  indications: string[];
  /** Medicines it was suggested beside. */
  goesWith: string[];
}

export type LegacyFormat = 'produtos' | 'cestas' | 'consulta';

/** Bounds what one file makes work for. */
const MAX_ENTRIES = 200_000;

/**
 * Recognises the original's files: `produtos.json` (`[{produto, indicacao:[…]}]`), the baskets
 * (`{fallback_macro_default, cestas_por_macro_micro}`) and the lookup, whose keys are `<med>_<sint>_<doenca>`,
 * `<med>_<sint>_default` and `<med>_default`. @throws BaltoError `BALTO_IMPORT_JSON`.
 */
export function legacyEntries(text: string): { format: LegacyFormat; entries: LegacyEntry[] } {
  const value = parsed(text);
  const entries = new Entries();
  if (Array.isArray(value)) {
    for (const each of value) entries.add(each, 'produto', textsOf(record(each)?.['indicacao']), []);
    return { format: 'produtos', entries: entries.all('produto') };
  }
  const file = record(value);
  if (!file) throw notOurs();
  if ('fallback_macro_default' in file || 'cestas_por_macro_micro' in file) {
    for (const [macro, basket] of pairs(file['fallback_macro_default'])) {
      for (const each of list(basket)) entries.add(each, 'sugestao', [spoken(macro)], []);
    }
    for (const [macro, micros] of pairs(file['cestas_por_macro_micro'])) {
      for (const [micro, basket] of pairs(micros)) {
        for (const each of list(basket)) entries.add(each, 'sugestao', [spoken(macro), spoken(micro)], []);
      }
    }
    return { format: 'cestas', entries: entries.all('sugestao') };
  }
  for (const [key, basket] of pairs(file)) {
    const [medicine = '', ...needs] = key.split('_').map((part) => (part === 'default' ? '' : part.trim()));
    const said = needs.filter((part) => part !== '');
    for (const each of list(basket)) entries.add(each, 'produto', said, medicine === '' ? [] : [medicine]);
  }
  return { format: 'consulta', entries: entries.all('produto') };
}

class Entries {
  readonly #entries: LegacyEntry[] = [];
  #isKnown = false;

  add(value: unknown, field: string, indications: string[], goesWith: string[]): void {
    const name = record(value)?.[field];
    this.#isKnown ||= typeof name === 'string';
    this.#entries.push({ row: this.#entries.length + 1, name, indications, goesWith });
    if (this.#entries.length > MAX_ENTRIES) {
      throw refuseFile('BALTO_IMPORT_TOO_MANY_ROWS', `O arquivo tem mais de ${MAX_ENTRIES} produtos.`);
    }
  }

  /** @throws BaltoError when not one of them has the field that such a file is made of. */
  all(field: string): LegacyEntry[] {
    if (this.#isKnown) return this.#entries;
    throw refuseFile('BALTO_IMPORT_JSON', `Nenhum produto do arquivo tem o campo ${field}.`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw refuseFile('BALTO_IMPORT_JSON', 'O arquivo não é um JSON válido.', cause);
  }
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function pairs(value: unknown): [string, unknown][] {
  return Object.entries(record(value) ?? {});
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: unknown): string[] {
  return (typeof value === 'string' ? [value] : list(value)).filter((each) => typeof each === 'string');
}

/** `DOR_DE_CABECA` as somebody would say it. */
function spoken(key: string): string {
  return key.replaceAll('_', ' ').toLowerCase().trim();
}

function notOurs(): Error {
  return refuseFile(
    'BALTO_IMPORT_JSON',
    'O JSON não é um dos arquivos conhecidos: produtos, cestas ou a consulta por medicamento e sintoma.',
  );
}
