import type { Phrase, Sentence } from './phrases.ts';
import type { Talk } from './situation-talk.ts';

/** What ages are told by. */
export interface AgeWords {
  /** Words that say an age by themselves, in months. */
  named: readonly { phrases: readonly Phrase[]; months: number }[];
  /** Folded words for somebody who has an age. */
  people: ReadonlySet<string>;
}

const COUNTED =
  'um dois tres quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove vinte';
const NUMBERS = new Map<string, number>([
  ...COUNTED.split(' ').map((word, index) => [word, index + 1] as const),
  ['uma', 1],
  ['duas', 2],
  ['quatorze', 14],
]);
const UNITS = new Map([
  ...['ano', 'anos', 'aninho', 'aninhos'].map((word) => [word, 12] as const),
  ...['mes', 'meses', 'mesinho', 'mesinhos'].map((word) => [word, 1] as const),
]);
/** Before a number they say whose age it is. */
const HAVING = new Set(['tem', 'tenho', 'fez', 'fiz', 'completou', 'completa']);
/** Before a number they say how long something lasts; after it, how long ago it was. */
const LASTING = new Set([
  'ha',
  'faz',
  'durante',
  'gravida',
  'gestante',
  'gestacao',
  'gravidez',
  'garantia',
  'validade',
]);
const AGO = new Set(['atras', 'que', 'depois']);
const PERSON_REACH = 6;

/** Age of the youngest person spoken of, in months; null: nobody's age was said. */
export function youngestMonths(talk: Talk, words: AgeWords): number | null {
  let youngest: number | null = null;
  const young = (months: number) => {
    if (youngest === null || months < youngest) youngest = months;
  };
  const told: { at: number; place: number }[] = [];
  for (const [at, sentence] of talk.sentences.entries()) {
    for (const { months, place } of agesIn(sentence, words.people)) {
      told.push({ at, place });
      young(months);
    }
  }
  for (const { phrases, months } of words.named) {
    for (const wanted of phrases) {
      for (const { at, to, denied, quality } of talk.places(wanted)) {
        // "menina de 14 anos" is fourteen, not as young as girls may be.
        const isTold = told.some((age) => age.at === at && age.place >= to && age.place - to <= PERSON_REACH);
        if (!denied && quality === 1 && !isTold) young(months);
      }
    }
  }
  return youngest;
}

function* agesIn({ words }: Sentence, people: ReadonlySet<string>): Generator<{ months: number; place: number }> {
  for (const [at, { folded }] of words.entries()) {
    const unit = UNITS.get(folded);
    const number = words[at - 1]?.folded;
    if (unit === undefined || number === undefined) continue;
    const count = NUMBERS.get(number) ?? (/^\d{1,3}$/u.test(number) ? Number(number) : null);
    if (count === null || AGO.has(words[at + 1]?.folded ?? '')) continue;
    const before = words.slice(Math.max(0, at - 1 - PERSON_REACH), at - 1).map((word) => word.folded);
    if (before.slice(-3).some((word) => LASTING.has(word))) continue;
    const isTheirs = folded.includes('inho') || before.slice(-2).some((word) => HAVING.has(word));
    if (isTheirs || before.some((word) => people.has(word))) yield { months: count * unit, place: at };
  }
}
