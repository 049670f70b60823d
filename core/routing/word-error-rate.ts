/** How two transcripts of one utterance differ, in words. */
export interface WordErrors {
  /** Substitutions, deletions and insertions that turn the reference into the other. */
  errors: number;
  /** Words of the reference. */
  words: number;
}

/** A minute of speech has 200 words; comparing costs the product of both lengths. */
const MOST_WORDS = 1000;

const SMALL =
  'zero um dois tres quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis dezessete dezoito dezenove'.split(
    ' ',
  );
const TENS = ['', '', 'vinte', 'trinta', 'quarenta', 'cinquenta', 'sessenta', 'setenta', 'oitenta', 'noventa'];
const HUNDREDS = '- cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos'.split(
  ' ',
);
/** What one vendor writes short and another in full; and spellings of one number. */
const SAME: Record<string, string> = {
  mg: 'miligramas',
  miligrama: 'miligramas',
  ml: 'mililitros',
  mililitro: 'mililitros',
  g: 'gramas',
  grama: 'gramas',
  kg: 'quilos',
  catorze: 'quatorze',
  uma: 'um',
  duas: 'dois',
  duzentas: 'duzentos',
  trezentas: 'trezentos',
  pra: 'para',
  pro: 'para',
  ta: 'esta',
  dr: 'doutor',
  dra: 'doutora',
};

/**
 * Word errors of `other` against `reference`, both normalised as {@link spokenWords} does. Add up errors and words of many
 * utterances before dividing: the rate of a short one says little.
 */
export function wordErrors(reference: string, other: string): WordErrors {
  const wanted = spokenWords(reference);
  return { errors: distance(wanted, spokenWords(other)), words: wanted.length };
}

/**
 * The words of a Portuguese transcript as they are said: without case, accents and punctuation, numbers up to 9,999 and
 * common units in full, contractions of everyday speech undone. At most 1,000.
 */
export function spokenWords(text: string): string[] {
  const folded = text
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/(\d)\.(?=\d{3}\b)/g, '$1')
    .replaceAll(/(\d)[,.](?=\d)/g, '$1 virgula ')
    .replaceAll('%', ' por cento ')
    .replaceAll(/(\d)(?=[a-z])|([a-z])(?=\d)/g, '$1$2 ');
  const words = folded.split(/[^a-z0-9]+/).filter(Boolean);
  return words
    .slice(0, MOST_WORDS)
    .flatMap((word) => (/^\d{1,4}$/.test(word) ? inFull(Number(word)) : (SAME[word] ?? word)));
}

/** 0 to 9,999. */
function inFull(number: number): string[] {
  if (number >= 1000) {
    const thousands = Math.floor(number / 1000);
    const left = number % 1000;
    // Mil e duzentos, but mil duzentos e cinquenta.
    const tail = left < 100 || left % 100 === 0 ? rest(left) : inFull(left);
    return [...(thousands > 1 ? inFull(thousands) : []), 'mil', ...tail];
  }
  if (number === 100) return ['cem'];
  if (number >= 100) return [HUNDREDS[Math.floor(number / 100)] ?? '', ...rest(number % 100)];
  if (number >= 20) return [TENS[Math.floor(number / 10)] ?? '', ...rest(number % 10)];
  return [SMALL[number] ?? ''];
}

function rest(number: number): string[] {
  return number > 0 ? ['e', ...inFull(number)] : [];
}

/** Levenshtein's, over words, two rows at a time. */
function distance(wanted: readonly string[], heard: readonly string[]): number {
  let above = Array.from({ length: heard.length + 1 }, (_, column) => column);
  for (const [row, word] of wanted.entries()) {
    const current = [row + 1];
    for (const [column, other] of heard.entries()) {
      const changed = (above[column] ?? 0) + (word === other ? 0 : 1);
      current.push(Math.min(changed, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above[heard.length] ?? 0;
}
