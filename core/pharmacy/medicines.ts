import type { CatalogueCandidate, StarterCatalogue } from './catalogue.ts';
import type { Names } from './otc-names.ts';
import { find, type Phrase, phrase, type Sentence } from './phrases.ts';
import { fold } from './text.ts';

interface Called {
  name: string;
  phrase: Phrase;
  substances: readonly string[];
}

/** A medicine somebody named, by its substance or by a brand. */
export interface NamedMedicine {
  name: string;
  /** As `config/otc/nomes.json` calls them. */
  substances: readonly string[];
  /** Folded words it was heard as. */
  heard: readonly string[];
  /** 1: as written; lower: misheard, perhaps. */
  quality: number;
}

/** What is known of medicines beside any client's rows: what they are called, and which needs a substance serves. */
export class MedicineBook {
  readonly #names: Names;
  readonly #called: readonly Called[];
  readonly #needs = new Map<string, readonly string[]>();
  /** Folded names of medicines: substances, brands, and what the starter calls its own. */
  readonly #known = new Set<string>();

  constructor(starter: StarterCatalogue, names: Names) {
    this.#names = names;
    this.#called = names.spoken.map(({ text, substances }) => ({ name: text, phrase: phrase(text), substances }));
    for (const item of starter.itens.filter(({ medicamento }) => medicamento)) {
      for (const name of [item.nome, ...item.sinonimos]) this.#known.add(fold(name));
      const key = this.key(item.principio_ativo ?? null);
      if (key !== '' && item.classe_venda === 'venda_livre') this.#needs.set(key, item.indicacoes);
    }
    for (const { name } of this.#called) this.#known.add(fold(name));
  }

  /** Whether the phrase is a medicine's name: of a brand, of a substance, or as the starter calls one. */
  isMedicine(name: string): boolean {
    return this.#known.has(fold(name));
  }

  /** Substances of a column such as `PARACETAMOL;CAFEÍNA` or `cloridrato de metformina`, without salts, sorted. */
  substances(text: string | null): string[] {
    const parts = (text ?? '').split(/[;+,/]|\s+e\s+|\s+com\s+/iu).filter((part) => fold(part) !== '');
    return [...new Set(parts.map((part) => this.#names.substance(part)))].sort();
  }

  /** One word for a combination of substances, however it is written; empty: none is known. */
  key(text: string | null): string {
    return this.substances(text).join('+');
  }

  /** Needs an item serves: its own, else those of the starter's item of the same substances, as for a row that an import brought. */
  needsOf({ substance, indications }: CatalogueCandidate): readonly string[] {
    if (indications.length > 0) return indications;
    return this.#needs.get(this.key(substance)) ?? [];
  }

  /** Medicines that were named, those perhaps misheard included. */
  namedIn(said: readonly Sentence[]): NamedMedicine[] {
    return this.#called.flatMap(({ name, phrase: wanted, substances }) => {
      let best: NamedMedicine | null = null;
      for (const sentence of said) {
        const match = find(wanted, sentence);
        if (!match || (best && best.quality >= match.quality)) continue;
        const heard = sentence.words.slice(match.from, match.to).map(({ folded }) => folded);
        best = { name, substances, heard, quality: match.quality };
      }
      return best ? [best] : [];
    });
  }
}
