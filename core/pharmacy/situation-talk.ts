import { find, type Match, type Phrase, type Sentence, sentences, wordsOf } from './phrases.ts';
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

/**
 * How things are denied: before what is said, after it, or in the answer to a question. Folded words. What is said here
 * keeps something from being offered, so that a denial counts only where nothing speaks against it.
 */
export interface Denials {
  before: ReadonlySet<string>;
  /** May stand between a denial and what it denies; `sem dúvida estou grávida` denies no pregnancy. */
  bridges: ReadonlySet<string>;
  after: ReadonlySet<string>;
  answers: ReadonlySet<string>;
  /** Behind a denial that follows what it denies: `dor não, senhora`. */
  follows: ReadonlySet<string>;
  /** There as well, where the clause ends with them: `dor não tenho`, but not `grávida não tenho o que tomar`. */
  closes: ReadonlySet<string>;
  /** Folded phrases with which an answer denies nothing. */
  doubts: ReadonlySet<string>;
}

/** A denial reaches this many words ahead. */
const DENIAL_REACH = 3;
/** May stand between what is denied and its denial. */
const BETWEEN = new Set(['ja', 'eu', 'ela', 'ele', 'dela', 'dele']);

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

  /** The places where it stands, denied or not: `eu não estou grávida, grávida é ela` has two. */
  *places(wanted: Phrase): Generator<Said> {
    for (const at of this.#placesOfAll(wanted)) {
      const sentence = this.sentences[at];
      if (!sentence) continue;
      for (let match = find(wanted, sentence); match; match = find(wanted, sentence, match.to - 1)) {
        yield { ...match, at, sentence, denied: !wanted.negative && this.#isDenied(match, at) };
      }
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
    return this.#folded.some((_, at) => this.#standsIn(words, at));
  }

  /** Whether a sentence holds what the pattern describes, in folded words between blanks. */
  saysLike(pattern: RegExp): boolean {
    return this.#folded.some((sentence) => pattern.test(sentence));
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
    if (this.#isDeniedBefore(match, sentence) || this.#isDeniedAfter(match, sentence)) return true;
    return sentence.question && this.#isNo(at + 1);
  }

  #isDeniedBefore({ from }: Match, { words }: Sentence): boolean {
    const { before, bridges } = this.#denials;
    for (let at = from - 1; at >= Math.max(0, from - DENIAL_REACH); at--) {
      const word = words[at];
      if (!word || word.barrier) return false;
      if (before.has(word.folded)) return true;
      if (!bridges.has(word.folded)) return false;
    }
    return false;
  }

  #isDeniedAfter({ to }: Match, { words }: Sentence): boolean {
    if (words[to - 1]?.barrier) return false;
    let at = to;
    while (BETWEEN.has(words[at]?.folded ?? '')) at += 1;
    return this.#denials.after.has(words[at]?.folded ?? '') && this.#endsDenial(words, at);
  }

  /** Whether the sentence is a plain no. */
  #isNo(at: number): boolean {
    const words = this.sentences[at]?.words ?? [];
    if (!this.#denials.answers.has(words[0]?.folded ?? '')) return false;
    return this.#endsDenial(words, 0) && ![...this.#denials.doubts].some((doubt) => this.#standsIn(doubt, at));
  }

  /** Whether the denial at `at` ends there, and does not begin to deny something else. */
  #endsDenial(words: Sentence['words'], at: number): boolean {
    const next = words[at]?.barrier ? undefined : words[at + 1];
    if (!next || this.#denials.follows.has(next.folded)) return true;
    if (!this.#denials.closes.has(next.folded)) return false;
    const behind = next.barrier ? undefined : words[at + 2];
    return !behind || this.#denials.follows.has(behind.folded) || this.#denials.after.has(behind.folded);
  }

  #standsIn(folded: string, at: number): boolean {
    return this.#folded[at]?.includes(` ${folded} `) ?? false;
  }
}
