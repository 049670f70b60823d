import { setImmediate } from 'node:timers/promises';
import type { Clock, Log } from '../contracts/index.ts';
import { STOPWORDS } from '../pharmacy/stopwords.ts';
import { foldedWords } from '../pharmacy/text.ts';
import type { PrivacyData } from '../privacy/data.ts';
import { Masker, maskText } from '../privacy/mask.ts';
import type { ClientWords, Masked } from '../privacy/types.ts';

/** Where nobody says that something changed: employees within a minute; the catalogue is larger, and changes less. */
const FRESH_MS = { employees: 60_000, products: 15 * 60_000 };
/** Clients whose words are remembered: those of a large catalogue weigh a megabyte. */
const MAX_CLIENTS = 200;
const MIN_LETTERS = 3;
/** Names read before other work gets its turn: audio shares this thread. */
const NAMES_PER_TURN = 100;

/** Where a client's names come from. */
export interface NameSource {
  employees(clientId: string): Promise<string[]>;
  products(clientId: string): AsyncIterable<string[]>;
}

interface Known {
  words: ClientWords;
  employeesAtMs: number;
  productsAtMs: number;
  /** Everything. */
  loading: Promise<void> | null;
  /** Its employees, which are few. */
  employees: Promise<void>;
}

/** Makes the maskers of this process's conversations; knows each client's products and employees as they are now. */
export class Masking {
  readonly #data: PrivacyData;
  readonly #common: ReadonlySet<string>;
  readonly #source: NameSource;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #known = new Map<string, Known>();

  constructor(options: {
    data: PrivacyData;
    /** Names of products and substances that every client knows. */
    common: readonly string[];
    source: NameSource;
    clock: Clock;
    log: Log;
  }) {
    this.#data = options.data;
    this.#common = productWords(options.common);
    this.#source = options.source;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** The masker of one conversation. */
  of(clientId: string): Masker {
    return new Masker(this.#data, () => this.#wordsOf(clientId));
  }

  /** Masks a text that somebody wrote apart from any conversation. */
  async once(clientId: string, text: string): Promise<Masked> {
    await this.load(clientId);
    return maskText(text, this.#data, this.#wordsOf(clientId));
  }

  /**
   * A counter comes: its client's employees are waited for, a catalogue of 25,000 rows is not. Never rejects: without the
   * client's own words everything else is masked all the same.
   */
  greet(clientId: string): Promise<void> {
    void this.load(clientId);
    return this.#knownOf(clientId).employees;
  }

  /** Somebody was hired, left or is called otherwise (`''`: at any client): known as soon as it is read. */
  changed(clientId: string): void {
    for (const [id, known] of this.#known) {
      if (clientId === '' || id === clientId) known.employeesAtMs = Number.NEGATIVE_INFINITY;
    }
    if (this.#known.has(clientId)) void this.load(clientId);
  }

  /** Resolves when everything is known that should be. Never rejects. */
  load(clientId: string): Promise<void> {
    const known = this.#knownOf(clientId);
    const now = this.#clock.now();
    const isProductsDue = now - known.productsAtMs >= FRESH_MS.products;
    if (known.loading || (!isProductsDue && now - known.employeesAtMs < FRESH_MS.employees))
      return known.loading ?? Promise.resolve();
    known.employees = this.#guarded(this.#readEmployees(clientId, known));
    const products = isProductsDue ? this.#guarded(this.#readProducts(clientId, known)) : Promise.resolve();
    known.loading = Promise.all([known.employees, products]).then(() => {
      known.loading = null;
    });
    return known.loading;
  }

  /** What is known now; what may have changed is read meanwhile. */
  #wordsOf(clientId: string): ClientWords {
    void this.load(clientId);
    return this.#knownOf(clientId).words;
  }

  #knownOf(clientId: string): Known {
    const found = this.#known.get(clientId);
    const known = found ?? {
      words: { products: this.#common, employees: new Map() },
      employeesAtMs: Number.NEGATIVE_INFINITY,
      productsAtMs: Number.NEGATIVE_INFINITY,
      loading: null,
      employees: Promise.resolve(),
    };
    this.#known.delete(clientId);
    this.#known.set(clientId, known);
    const oldest = this.#known.keys().next().value;
    if (this.#known.size > MAX_CLIENTS && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }

  async #readEmployees(clientId: string, known: Known): Promise<void> {
    // A failure is not tried again at every word.
    known.employeesAtMs = this.#clock.now();
    const employees = employeesByWord(await this.#source.employees(clientId));
    known.words = { ...known.words, employees };
  }

  async #readProducts(clientId: string, known: Known): Promise<void> {
    known.productsAtMs = this.#clock.now();
    const products = new Set(this.#common);
    for await (const names of this.#source.products(clientId)) {
      for (let at = 0; at < names.length; at += NAMES_PER_TURN) {
        for (const word of productWords(names.slice(at, at + NAMES_PER_TURN))) products.add(word);
        await setImmediate();
      }
    }
    known.words = { ...known.words, products };
  }

  #guarded(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) =>
      this.#log.warn({ code: (error as { code?: unknown }).code }, 'words that masking needs could not be read'),
    );
  }
}

function productWords(names: readonly string[]): Set<string> {
  const words = new Set<string>();
  for (const name of names) {
    for (const word of foldedWords(name)) {
      if (word.length >= MIN_LETTERS && !STOPWORDS.has(word) && !/\d/.test(word)) words.add(word);
    }
  }
  return words;
}

function employeesByWord(names: readonly string[]): Map<string, string[][]> {
  const byWord = new Map<string, string[][]>();
  for (const name of names) {
    const words = foldedWords(name);
    const [first] = words;
    if (first === undefined) continue;
    byWord.set(first, [...(byWord.get(first) ?? []), words]);
  }
  return byWord;
}
