import type { OtcFiles } from './otc-schema.ts';
import { fold, foldedWords } from './text.ts';

/** How substances and forms are called: everything is compared by the name that stands first in `config/otc/nomes.json`. */
export interface Names {
  /** Name of a substance by any of its names, salts left out; a substance nobody listed keeps its own, folded. */
  substance(text: string): string;
  /** Null: not a form that is known. */
  form(text: string): string | null;
  /** Classes of a substance, by its canonical name. */
  classes(substance: string): ReadonlySet<string>;
  /** Substances whose name, or whose brand, stands in a text word for word. */
  within(text: string): readonly string[];
  /** Everything a substance may be called when it is spoken of, brands included. */
  spoken: readonly { text: string; substances: readonly string[] }[];
}

const NONE: ReadonlySet<string> = new Set();
const JOINTS = new Set(['de', 'do', 'da', 'e']);

export function compileNames(file: OtcFiles['nomes']): Names {
  const salts = new Set(file.sais.map(fold).flatMap((each) => each.split(' ')));
  const bare = (text: string) => {
    const words = foldedWords(text);
    const kept = words.filter((word) => !salts.has(word) && !JOINTS.has(word));
    return (kept.length > 0 ? kept : words).join(' ');
  };
  const canonical = new Map<string, string>();
  const classes = new Map<string, ReadonlySet<string>>();
  const spoken = new Map<string, Set<string>>();
  for (const { nome, tambem = [], marcas = [], classes: of = [] } of file.substancias) {
    const name = fold(nome);
    classes.set(name, new Set(of));
    for (const each of [nome, ...tambem]) canonical.set(fold(each), name);
    for (const each of [nome, ...tambem, ...marcas]) {
      const called = spoken.get(each) ?? new Set();
      spoken.set(each, called.add(name));
    }
  }
  const forms = new Map(
    file.formas.flatMap(({ nome, tambem = [] }) => [nome, ...tambem].map((each) => [fold(each), fold(nome)] as const)),
  );
  const calls = [...spoken].map(([text, substances]) => ({ text, substances: [...substances] }));
  const byWords = new Map<string, string[]>();
  let longest = 1;
  for (const { text, substances } of calls) {
    byWords.set(fold(text), [...(byWords.get(fold(text)) ?? []), ...substances]);
    longest = Math.max(longest, foldedWords(text).length);
  }
  return {
    within(text) {
      const words = foldedWords(text);
      const found = new Set<string>();
      for (let from = 0; from < words.length; from++) {
        for (let to = from + 1; to <= Math.min(words.length, from + longest); to++) {
          for (const each of byWords.get(words.slice(from, to).join(' ')) ?? []) found.add(each);
        }
      }
      return [...found];
    },
    substance: (text) => canonical.get(fold(text)) ?? canonical.get(bare(text)) ?? fold(text),
    form: (text) => forms.get(fold(text)) ?? null,
    classes: (substance) => classes.get(substance) ?? NONE,
    spoken: calls,
  };
}
