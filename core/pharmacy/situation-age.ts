import type { Phrase, Sentence } from './phrases.ts';
import type { Talk } from './situation-talk.ts';

/** What ages are told by. */
export interface AgeWords {
  /** Words that say an age by themselves, in months. */
  named: readonly { phrases: readonly Phrase[]; months: number }[];
  /** Folded words for somebody who has an age. */
  people: ReadonlySet<string>;
  /** Folded words for what lasts years and months: `garantia de dois anos` is nobody's age. */
  lasting: ReadonlySet<string>;
}

const COUNTED =
  'um dois tres quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove vinte';
const TENS = new Map(
  'vinte trinta quarenta cinquenta sessenta setenta oitenta noventa'
    .split(' ')
    .map((word, index) => [word, (index + 2) * 10] as const),
);
const NUMBERS = new Map<string, number>([
  ...COUNTED.split(' ').map((word, index) => [word, index + 1] as const),
  ...TENS,
  ['uma', 1],
  ['duas', 2],
  ['quatorze', 14],
  ['meio', 0.5],
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
    for (const { months, place } of agesIn(sentence, words)) {
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

function* agesIn({ words }: Sentence, { people, lasting }: AgeWords): Generator<{ months: number; place: number }> {
  for (const [at, { folded }] of words.entries()) {
    const unit = UNITS.get(folded);
    if (unit === undefined || AGO.has(words[at + 1]?.folded ?? '')) continue;
    const number = numberBefore(words, at) ?? yearAndAHalf(words, at);
    if (!number) continue;
    const before = words.slice(Math.max(0, number.from - PERSON_REACH), number.from).map((word) => word.folded);
    if (before.slice(-3).some((word) => LASTING.has(word))) continue;
    const isTheirs = folded.includes('inho') || before.slice(-2).some((word) => HAVING.has(word));
    const [who = '', joint = ''] = before.slice(-2);
    const isOfSomebody = (joint === 'de' || joint === 'com') && who !== '' && !lasting.has(who);
    if (isTheirs || isOfSomebody || before.some((word) => people.has(word))) {
      yield { months: Math.floor(number.count * unit), place: at };
    }
  }
}

/** `três`, `3`, `vinte e três`; where it begins. */
function numberBefore(words: Sentence['words'], at: number): { count: number; from: number } | null {
  const count = countOf(words[at - 1]?.folded);
  if (count === null) return null;
  const tens = words[at - 2]?.folded === 'e' && count < 10 ? TENS.get(words[at - 3]?.folded ?? '') : undefined;
  return tens === undefined ? { count, from: at - 1 } : { count: tens + count, from: at - 3 };
}

function countOf(word = ''): number | null {
  return NUMBERS.get(word) ?? (/^\d{1,3}$/u.test(word) ? Number(word) : null);
}

/** `filho de ano e meio` */
function yearAndAHalf(words: Sentence['words'], at: number): { count: number; from: number } | null {
  const isOne = words[at]?.folded === 'ano' && words[at + 1]?.folded === 'e' && words[at + 2]?.folded === 'meio';
  return isOne ? { count: 1.5, from: at } : null;
}
