import { loadPharmacyData } from '../../core/pharmacy/data.ts';
import type { ProductInput } from '../../core/store/product-rows.ts';

const SYLLABLES =
  'ba be bi bo ca co da de di do fa fe fi ga la le li lo ma me mi mo na ne ni no pa pe pi ra re ri ro sa se si so ta te ti to va ve vi xa zi zo'.split(
    ' ',
  );
const MAKERS = ['EMS', 'MEDLEY', 'EUROFARMA', 'ACHE', 'NEO QUIMICA', 'TEUTO', 'CIMED', 'GERMED', 'BIOLAB', 'PRATI'];
const FORMS: readonly [form: string, pack: string][] = [
  ['comprimido', 'MG COM CT BL AL PLAS INC X 20'],
  ['cápsula', 'MG CAP DURA CT BL AL PLAS X 30'],
  ['xarope', 'MG/ML XPE CT FR PLAS AMB X 120 ML'],
  ['solução oral', 'MG/ML SOL OR CT FR GOT X 20 ML'],
  ['creme', 'MG/G CREM DERM CT BG AL X 20 G'],
  ['solução injetável', 'MG/ML SOL INJ CT 5 AMP VD X 2 ML'],
];
const CLASSES = [
  'tarja_vermelha',
  'tarja_vermelha',
  'tarja_vermelha',
  'venda_livre',
  'antimicrobiano',
  'tarja_preta',
  'injetavel',
] as const;
const SUBSTANCES = 1500;

/** A generator that gives the same rows every time (mulberry32). */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Rows as the official price table has them: a brand or generic name, strength, package, substances, class; no needs, no tags. */
export function priceTableRows(count: number, seed = 1): ProductInput[] {
  const draw = draws(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
  const word = (syllables: number) => Array.from({ length: syllables }, () => pick(SYLLABLES)).join('');
  const { names } = loadPharmacyData().otc;
  const known = [...new Set(names.spoken.flatMap(({ substances }) => [...substances]))];
  const substances = [
    ...known,
    ...Array.from({ length: SUBSTANCES - known.length }, () => `${word(3)}${pick(['ina', 'ol', 'ato', 'ida'])}`),
  ];
  return Array.from({ length: count }, (_, index): ProductInput => {
    // Few substances fill most of the table: two rows in five are of a known one.
    const first = draw() < 0.4 ? pick(known) : pick(substances);
    const isCombined = draw() < 0.15;
    const composed = isCombined ? [first, pick(substances)] : [first];
    const [form, pack] = pick(FORMS);
    const dose = pick([5, 10, 20, 50, 100, 250, 500, 750]);
    const brand = draw() < 0.5 ? `${composed.join(' + ')} ${pick(MAKERS)}` : word(3);
    return {
      code: `linha-${index}`,
      name: `${brand} ${dose} ${pack}`.toUpperCase(),
      saleClass: pick(CLASSES),
      medicine: true,
      substance: composed.join(';').toUpperCase(),
      form,
      ingredients: composed.map((substance) => ({ substance, dose: { value: dose, unit: 'mg' } })),
    };
  });
}
