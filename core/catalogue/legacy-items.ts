import type { LegacyItems } from '../pharmacy/legacy-item.ts';
import { fold, oneLine } from '../pharmacy/text.ts';
import type { LegacyEntry } from './legacy-shapes.ts';
import type { RowIssue } from './rows.ts';
import type { FoundItem } from './staging.ts';

const MAX = { name: 120, phrase: 120, phrases: 60 };

/** One product with everything the file says of it, wherever it stands. */
interface Gathered {
  row: number;
  name: string;
  times: number;
  indications: Set<string>;
  goesWith: Set<string>;
}

/** Products of one of the original's files, each once: kept or not, the report says by which rule. */
export function* legacyItems(entries: readonly LegacyEntry[], judge: LegacyItems): Generator<FoundItem> {
  const gathered = new Map<string, Gathered>();
  for (const entry of entries) {
    const issue = gather(entry, gathered);
    if (issue) yield { row: entry.row, issues: [issue] };
  }
  for (const [key, each] of gathered) yield judged(key, each, judge);
}

function gather({ row, name, indications, goesWith }: LegacyEntry, into: Map<string, Gathered>): RowIssue | null {
  const text = typeof name === 'string' ? oneLine(name.normalize('NFC')) : '';
  const key = fold(text);
  if (key === '' || text.length > MAX.name) {
    const message = key === '' ? 'o nome do produto falta ou não é texto' : `nome de ${text.length} caracteres`;
    return { row, column: null, code: key === '' ? 'vazio' : 'longo', message, item: null, kept: null, rule: null };
  }
  const known = into.get(key);
  const item = known ?? { row, name: text, times: 0, indications: new Set(), goesWith: new Set() };
  item.times += 1;
  for (const each of indications) addPhrase(item.indications, each);
  for (const each of goesWith) addPhrase(item.goesWith, each);
  if (!known) into.set(key, item);
  return null;
}

function addPhrase(phrases: Set<string>, text: string): void {
  const phrase = oneLine(text);
  if (phrase !== '' && phrase.length <= MAX.phrase && phrases.size < MAX.phrases) phrases.add(phrase);
}

function judged(key: string, { row, name, times, indications, goesWith }: Gathered, judge: LegacyItems): FoundItem {
  const { kept, rule, code, reason, item } = judge.judge(name);
  const message = times === 1 ? reason : `${reason} (${times} vezes no arquivo)`;
  const issues: RowIssue[] = [{ row, column: null, code, message, item: name, kept, rule }];
  if (!kept) return { row, issues };
  const product = {
    code: `original-${key.replaceAll(' ', '-')}`.slice(0, 80),
    name,
    tag: item.tag,
    saleClass: 'venda_livre' as const,
    medicine: item.medicine,
    substance: item.ingredients.map(({ substance }) => substance).join('; ') || null,
    indications: [...indications],
    goesWith: [...goesWith],
    source: item.source,
    form: item.form,
    ingredients: item.ingredients,
  };
  return { row, product, issues };
}
