/**
 * Invented identifiers as people write and say them. It knows nothing of how masking reads: words of numbers and forms
 * are its own.
 */

/** A repeatable source of numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const digit = (random: Random) => Math.floor(random() * 10);

/** 11 digits whose check digits are right. */
export function cpf(random: Random): string {
  const digits = Array.from({ length: 9 }, () => digit(random));
  for (const length of [9, 10]) {
    const sum = digits.slice(0, length).reduce((total, each, index) => total + each * (length + 1 - index), 0);
    digits.push(((sum * 10) % 11) % 10);
  }
  return digits.join('');
}

/** 14 digits whose check digits are right. */
export function cnpj(random: Random): string {
  const digits = [...Array.from({ length: 8 }, () => digit(random)), 0, 0, 0, 1];
  for (const weights of [
    [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2],
    [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2],
  ]) {
    const rest = weights.reduce((total, weight, index) => total + weight * (digits[index] ?? 0), 0) % 11;
    digits.push(rest < 2 ? 0 : 11 - rest);
  }
  return digits.join('');
}

/** 16 digits that pass the check of cards. */
export function card(random: Random): string {
  const digits = [4, ...Array.from({ length: 14 }, () => digit(random))];
  const sum = digits.reduce((total, each, index) => {
    const doubled = index % 2 === 0 ? each * 2 : each;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return [...digits, (10 - (sum % 10)) % 10].join('');
}

const AREAS = [11, 13, 19, 21, 27, 31, 41, 47, 48, 51, 61, 62, 65, 71, 81, 85, 91, 98];

/** A mobile or fixed telephone with or without its area code. */
export function phone(random: Random): { area: string; own: string } {
  const isMobile = random() < 0.75;
  const own = isMobile ? [9, ...many(random, 8)] : [2 + Math.floor(random() * 4), ...many(random, 7)];
  return { area: random() < 0.85 ? String(pick(random, AREAS)) : '', own: own.join('') };
}

function many(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => digit(random));
}

const UNITS = ['zero', 'um', 'dois', 'três', 'quatro', 'cinco', 'seis', 'sete', 'oito', 'nove'];
const TEENS = ['dez', 'onze', 'doze', 'treze', 'quatorze', 'quinze', 'dezesseis', 'dezessete', 'dezoito', 'dezenove'];
const TENS = ['', '', 'vinte', 'trinta', 'quarenta', 'cinquenta', 'sessenta', 'setenta', 'oitenta', 'noventa'];
const HUNDREDS =
  'zero cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos'.split(' ');

/** Digits one by one, `meia` for some of the sixes. */
export function oneByOne(random: Random, digits: string): string {
  const joint = pick(random, [' ', ' ', ', ', '. ', ' e ', '; ']);
  const words = [...digits].map((each) => (each === '6' && random() < 0.6 ? 'meia' : (UNITS[Number(each)] ?? '')));
  return joint === ' e ' ? `${words.slice(0, -1).join(' ')} e ${words.at(-1)}` : words.join(joint);
}

/** A group of up to three digits as one number, with the zeros before it. */
export function asNumber(group: string): string {
  if (group === '') return '';
  if (group.startsWith('0')) return ['zero', asNumber(group.slice(1))].filter(Boolean).join(' ');
  const value = Number(group);
  if (value < 10) return UNITS[value] ?? '';
  if (value < 20) return TEENS[value - 10] ?? '';
  if (value < 100)
    return [TENS[Math.floor(value / 10)], UNITS[value % 10]].filter((_, i) => i === 0 || value % 10).join(' e ');
  if (value === 100) return 'cem';
  const rest = value % 100;
  return rest === 0
    ? (HUNDREDS[value / 100] ?? '')
    : `${HUNDREDS[Math.floor(value / 100)]} e ${asNumber(String(rest))}`;
}

function cut(digits: string, sizes: readonly number[]): string[] {
  let at = 0;
  const parts = sizes.map((size) => {
    at += size;
    return digits.slice(at - size, at);
  });
  return parts.filter((part) => part !== '');
}

/** A CPF or telephone in one of the forms people use, and the form's name. */
export function uttered(random: Random, kind: 'cpf' | 'telefone'): { form: string; pieces: string[] } {
  const { area, own } = phone(random);
  const digits = kind === 'cpf' ? cpf(random) : area + own;
  const half = own.length - 4;
  const sizes = kind === 'cpf' ? [3, 3, 3, 2] : [...(area ? [2] : []), half, 4];
  const groups = cut(digits, sizes);
  const pairs =
    kind === 'cpf' ? groups : [...(area ? [2] : []), ...(own.length === 9 ? [1, 2, 2, 2, 2] : [2, 2, 2, 2])];
  const forms: Record<string, () => string[]> = {
    pontuado: () => [kind === 'cpf' ? punctuated(groups) : dialled(area, own, half)],
    'só dígitos': () => [digits],
    'dígitos em grupos': () => [groups.join(pick(random, [' ', ', ', '. ', '-', ' - ']))],
    'dígitos um a um': () => [[...digits].join(pick(random, [' ', ', ', '-', '. ']))],
    'falado um a um': () => [oneByOne(random, digits)],
    'falado em grupos': () => [
      (kind === 'cpf' ? groups : cut(digits, pairs as number[])).map(asNumber).join(pick(random, [' ', ', ', '. '])),
    ],
    'falado com ponto e traço': () => [
      groups.map((each) => oneByOne(random, each)).join(pick(random, [' ponto ', ' traço ', ', ', ' aí '])),
    ],
    misturado: () => [groups.map((each) => (random() < 0.5 ? each : oneByOne(random, each))).join(' ')],
    'em pausas, um a um': () => groups.map((each) => oneByOne(random, each)),
    'em pausas, dígitos': () => groups,
    'em pausas, em grupos': () => groups.map((each) => (each.length > 3 ? oneByOne(random, each) : asNumber(each))),
  };
  const form = pick(random, Object.keys(forms));
  const pieces = (forms[form]?.() ?? []).map((piece) =>
    random() < 0.3 ? piece[0]?.toUpperCase() + piece.slice(1) : piece,
  );
  return { form, pieces };
}

function punctuated([a, b, c, d]: string[]): string {
  return `${a}.${b}.${c}-${d}`;
}

function dialled(area: string, own: string, half: number): string {
  return `${area === '' ? '' : `(${area}) `}${own.slice(0, half)}-${own.slice(half)}`;
}

const BEFORE = {
  cpf: ['meu CPF é', 'o cpf é', 'CPF', 'pode pôr na nota o CPF', 'anota meu cpf:'],
  telefone: ['meu telefone é', 'o celular é', 'meu WhatsApp é', 'anota meu zap', 'o telefone dela é'],
};
const ASKED = {
  cpf: ['Quer CPF na nota?', 'Qual é o seu CPF?', 'me fala o cpf por favor'],
  telefone: ['Qual o telefone?', 'me passa seu celular', 'tem telefone para cadastro?'],
};
const AFTER = ['', '', '.', ' por favor', ', tá bom?', ' viu', ', obrigada'];

/** One telling of an identifier: its utterances in order, none of which holds any other number. */
export function telling(random: Random, kind: 'cpf' | 'telefone'): { form: string; utterances: string[] } {
  const { form, pieces } = uttered(random, kind);
  const how =
    pieces.length > 1
      ? pick(random, ['com anúncio', 'perguntado'])
      : pick(random, ['com anúncio', 'perguntado', 'sem anúncio']);
  const [first = '', ...rest] = pieces;
  const last = pick(random, AFTER);
  const said = how === 'com anúncio' ? [`${pick(random, BEFORE[kind])} ${first}`, ...rest] : [first, ...rest];
  const answer = said.map((piece, index) => (index === said.length - 1 ? piece + last : piece));
  const paused = answer.flatMap((piece, index) => (index > 0 && random() < 0.3 ? ['isso', piece] : [piece]));
  return {
    form: `${kind}, ${form}, ${how}`,
    utterances: how === 'perguntado' ? [pick(random, ASKED[kind]), ...paused] : paused,
  };
}

const LEFT = new Set(
  [...UNITS, ...TEENS, ...TENS, ...HUNDREDS, 'meia', 'cem']
    .filter(Boolean)
    .map((word) => word.normalize('NFD').replace(/\p{M}/gu, '')),
);

/** Whether a text still holds a digit or the word of a number. */
export function holdsNumber(text: string): boolean {
  if (/\d/.test(text)) return true;
  const words =
    text
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  return words.some((word) => LEFT.has(word));
}
