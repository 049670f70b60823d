import type { Phrase, PhraseWord } from './phrases.ts';
import { STOPWORDS } from './stopwords.ts';
import { soundsLike } from './text.ts';

/** Most heard words that are remembered: people use the same few thousand. */
const MAX_REMEMBERED = 20_000;
/** Shorter words are told apart letter by letter, as in {@link find}. */
const SHORTEST_SLIP = 4;

/**
 * The words of many phrases, asked the other way round: which of them a heard word may stand for. A conversation is then
 * searched for the few phrases whose words it has, not for all of them.
 */
export class Vocabulary {
  readonly #byWord = new Map<string, string[]>();
  readonly #byStem = new Map<string, string[]>();
  readonly #bySound = new Map<string, string[]>();
  readonly #byInitial = new Map<string, string[]>();
  readonly #known = new Set<string>();
  readonly #remembered = new Map<string, readonly string[]>();

  constructor(phrases: Iterable<Phrase>) {
    for (const { words } of phrases) {
      for (const { folded, stem, sound } of words) {
        push(this.#bySound, sound, folded);
        if (this.#known.has(folded)) continue;
        this.#known.add(folded);
        push(this.#byWord, folded, folded);
        push(this.#byStem, stem, folded);
        if (folded.length >= SHORTEST_SLIP && !STOPWORDS.has(folded)) push(this.#byInitial, folded[0] ?? '', folded);
      }
    }
  }

  /** Whether it is a word of some phrase. */
  has(folded: string): boolean {
    return this.#known.has(folded);
  }

  /** The words it may stand for. */
  heardAs({ folded, stem, sound }: PhraseWord): readonly string[] {
    // The same letters may sound otherwise: `cabeca` was written without its cedilla.
    const heard = `${folded} ${sound}`;
    const known = this.#remembered.get(heard);
    if (known) return known;
    const found = new Set(
      [this.#byWord.get(folded), this.#byStem.get(stem), this.#bySound.get(sound)].flatMap((each) => each ?? []),
    );
    if (folded.length >= SHORTEST_SLIP && !STOPWORDS.has(folded)) {
      for (const each of this.#byInitial.get(folded[0] ?? '') ?? []) if (soundsLike(each, folded)) found.add(each);
    }
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    const words = [...found];
    this.#remembered.set(heard, words);
    return words;
  }
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list?.includes(value)) return;
  if (list) list.push(value);
  else map.set(key, [value]);
}
