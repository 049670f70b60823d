import fc from 'fast-check';
import t from 'tap';
import { Comparison } from '../../../core/routing/comparison.ts';
import { spokenWords, wordErrors } from '../../../core/routing/word-error-rate.ts';

t.test('what is written differently and said alike is no error', async (t) => {
  const same: [string, string][] = [
    ['Olá, tudo bem?', 'ola tudo bem'],
    ['Paracetamol 500mg', 'paracetamol quinhentos miligramas'],
    ['São 21 comprimidos', 'são vinte e um comprimidos'],
    ['custa 1.250 reais', 'custa mil duzentos e cinquenta reais'],
    ['37,5 graus', 'trinta e sete vírgula cinco graus'],
    ['10% de desconto', 'dez por cento de desconto'],
    ['tem pra dor', 'tem para dor'],
    ['100 ml', 'cem mililitros'],
    ['', '...'],
  ];
  for (const [one, other] of same)
    t.equal(wordErrors(one, other).errors, 0, `${one} = ${other}: ${spokenWords(one).join(' ')}`);
  t.same(spokenWords('2026'), ['dois', 'mil', 'e', 'vinte', 'e', 'seis']);
});

t.test('substitutions, deletions and insertions count one each', async (t) => {
  t.same(wordErrors('estou com dor de cabeça', 'estou com cor de cabeça'), { errors: 1, words: 5 });
  t.same(wordErrors('estou com dor de cabeça', 'estou com dor'), { errors: 2, words: 5 });
  t.same(wordErrors('com dor', 'estou com muita dor'), { errors: 2, words: 2 });
  t.same(wordErrors('', 'bom dia'), { errors: 2, words: 0 });
  t.same(wordErrors('bom dia', ''), { errors: 2, words: 2 });
  t.equal(spokenWords('a '.repeat(5000)).length, 1000, 'bounded');
});

t.test('it is a distance: none to itself, the same both ways, no longer than by way of a third', async (t) => {
  const text = fc
    .array(fc.constantFrom('dor', 'de', 'cabeça', 'tem', 'xarope'), { maxLength: 8 })
    .map((words) => words.join(' '));
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      const between = (one: string, other: string) => wordErrors(one, other).errors;
      return between(a, a) === 0 && between(a, b) === between(b, a) && between(a, c) <= between(a, b) + between(b, c);
    }),
  );
  t.pass('100 triples');
});

t.test('comparisons by who answered and who was compared', async (t) => {
  const comparison = new Comparison();
  const pair = { answerProvider: 'stt/a', provider: 'stt/b', durationMs: 100 };
  comparison.add({ ...pair, answered: 'bom dia senhor', heard: 'bom dia', outcome: 'answered' });
  comparison.add({ ...pair, answered: 'obrigado', heard: 'obrigado', outcome: 'answered', durationMs: 300 });
  comparison.add({ ...pair, answered: 'tchau', heard: '', outcome: 'empty' });
  comparison.add({ ...pair, answered: 'tchau', heard: null, outcome: 'failed' });
  comparison.add({ ...pair, provider: 'stt/c', answered: '', heard: '', outcome: 'empty' });
  t.match(comparison.result(), [
    { provider: 'stt/b', utterances: 4, answered: 3, failed: 1, words: 5, wordErrorRate: 0.4, empty: 1 },
    { provider: 'stt/c', utterances: 1, words: 0, wordErrorRate: null, empty: 0 },
  ]);
  t.ok(comparison.result()[0]?.latencyMs);
});
