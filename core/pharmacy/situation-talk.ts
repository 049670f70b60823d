import { find, type Match, negated, type Phrase, type Sentence, sentences, wordsOf } from './phrases.ts';
import { fold } from './text.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Words that only join others: a phrase is looked for without them. */
const JOINTS = new Set(
  'a o as os um uma de do da dos das em no na nos nas para pra pro com por e ou que ao'.split(' '),
);
const DENYING = new Set(['nao', 'sem', 'nem', 'nunca']);

/** A phrase of our own data with all its telling words, also those that say nothing by themselves (`dose a mais`). */
export function wholePhrase(text: string): Phrase {
  const all = wordsOf(text);
  const telling = all.filter(({ folded }) => !JOINTS.has(folded));
  const words = telling.length > 0 ? telling : all;
  return { text, words, negative: words.some(({ folded }) => DENYING.has(folded)) };
}

/** How things are denied: before what is said, after it, or in the answer to a question. Folded words. */
export interface Denials {
  before: ReadonlySet<string>;
  after: ReadonlySet<string>;
  answers: ReadonlySet<string>;
}

/** A place where something is spoken of. */
export interface Said extends Match {
  /** Index of its sentence. */
  at: number;
  sentence: Sentence;
  denied: boolean;
}

/** What was said at a counter, ready to be asked whether something was said. */
export class Talk {
  readonly sentences: readonly Sentence[];
  readonly #denials: Denials;
  readonly #vocabulary: Vocabulary;
  /** Words of phrases, with the sentences in which each may stand. */
  readonly #heard = new Map<string, Set<number>>();
  readonly #folded: readonly string[];

  constructor(text: string, denials: Denials, vocabulary: Vocabulary) {
    this.sentences = sentences(text);
    this.#denials = denials;
    this.#vocabulary = vocabulary;
    for (const [at, { words }] of this.sentences.entries()) {
      for (const word of words) for (const each of vocabulary.heardAs(word)) this.#noteHeard(each, at);
    }
    this.#folded = this.sentences.map((sentence) => ` ${fold(sentence.text)} `);
  }

  /** The first place in each sentence where it stands, denied or not. */
  *places(wanted: Phrase): Generator<Said> {
    for (const at of this.#placesOfAll(wanted)) {
      const sentence = this.sentences[at];
      if (!sentence) continue;
      const match = find(wanted, sentence);
      if (match) yield { ...match, at, sentence, denied: !wanted.negative && this.#isDenied(match, at) };
    }
  }

  /** Whether somebody said it, and did not deny it; not in a sentence that says one of `except`. */
  says(wanted: readonly Phrase[], except: readonly Phrase[] = []): Said | null {
    const passed = new Set(except.flatMap((each) => [...this.places(each)]).map(({ at }) => at));
    for (const each of wanted) {
      for (const said of this.places(each)) if (!said.denied && !passed.has(said.at)) return said;
    }
    return null;
  }

  /** Whether these very words stand somewhere, one after the other. `words` is folded. */
  saysExactly(words: string): boolean {
    return this.#folded.some((sentence) => sentence.includes(` ${words} `));
  }

  #noteHeard(word: string, at: number): void {
    const known = this.#heard.get(word);
    if (known) known.add(at);
    else this.#heard.set(word, new Set([at]));
  }

  /** Sentences that may have all its words. */
  #placesOfAll({ words }: Phrase): Iterable<number> {
    let places: number[] | null = null;
    for (const { folded } of words) {
      // A word of no indexed phrase (a client's own product) is looked for everywhere.
      if (!this.#vocabulary.has(folded)) continue;
      const here = this.#heard.get(folded);
      if (!here) return [];
      places = places === null ? [...here] : places.filter((at) => here.has(at));
    }
    return places ?? this.sentences.keys();
  }

  /** `Está grávida?` – `Não.` denies as well; a question nobody answered is taken for said. */
  #isDenied(match: Match, at: number): boolean {
    const sentence = this.sentences[at];
    if (!sentence) return false;
    if (negated(match, sentence, this.#denials.before, this.#denials.after)) return true;
    const answer = this.sentences[at + 1]?.words[0]?.folded;
    return sentence.question && answer !== undefined && this.#denials.answers.has(answer);
  }
}
