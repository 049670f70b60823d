import fc from 'fast-check';
import t from 'tap';
import { removeOverlap } from '../../../core/pharmacy/overlap.ts';

const CASES: [previous: string, next: string, text: string, removed: number][] = [
  ['eu queria um protetor solar', 'protetor solar fator cinquenta', 'fator cinquenta', 2],
  ['Estou com dor de cabeça,', 'Dor de cabeça desde ontem.', 'desde ontem.', 3],
  ['tem pomada para assadura', 'pomada pra assadura de bebê', 'de bebê', 3],
  ['e aí eu tomei a dipirrona', 'dipirona mas não passou', 'mas não passou', 1],
  ['preciso de um termômetro', 'metro digital', 'digital', 1],
  ['quero um protetor sol', 'um protetor solar', 'solar', 2],
  ['quero um protetor sola', 'solar fator trinta', 'solar fator trinta', 0],
  ['é para a minha filha pequena', 'pra minha filha pequena de dois anos', 'de dois anos', 4],
  ['bom dia', 'queria soro', 'queria soro', 0],
  ['', 'queria soro', 'queria soro', 0],
  ['queria soro', '', '', 0],
  ['queria soro', 'queria soro', '', 2],
];

for (const [previous, next, text, removedWords] of CASES) {
  t.same(removeOverlap(previous, next), { text, removedWords }, `${previous} | ${next}`);
}

const VOCABULARY = (
  'farmácia balcão cliente produto garganta cabeça febre nariz tosse pomada curativo termômetro repelente ' +
  'hidratante vitamina gaze soro escova fralda xampu sabonete joelho barriga ouvido'
).split(' ');

t.test('words said once come out once, whatever the cut and its overlap', async () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(VOCABULARY, { minLength: 8, maxLength: 20 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(),
      (words, overlap, at) => {
        const cut = overlap + (at % (words.length - overlap));
        const previous = words.slice(0, cut);
        const next = words.slice(cut - overlap);
        const { text, removedWords } = removeOverlap(previous.join(' '), next.join(' '));
        return (
          removedWords === overlap && [...previous, ...text.split(' ').filter(Boolean)].join(' ') === words.join(' ')
        );
      },
    ),
    { numRuns: 500 },
  );
});

t.test('neighbours that share nothing lose nothing', async () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(VOCABULARY, { minLength: 12 }), (words) => {
      const half = words.length >> 1;
      const next = words.slice(half).join(' ');
      return removeOverlap(words.slice(0, half).join(' '), next).text === next;
    }),
    { numRuns: 300 },
  );
});
