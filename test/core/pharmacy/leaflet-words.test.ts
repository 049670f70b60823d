import fc from 'fast-check';
import t from 'tap';
import { excerptNames, isUnderLeafletAge } from '../../../core/pharmacy/leaflet-words.ts';
import { find, sentences } from '../../../core/pharmacy/phrases.ts';
import { wholePhrase } from '../../../core/pharmacy/situation-talk.ts';

t.test('a leaflet names what it names: inflected, in any case, in one sentence, and never misspelt', async (t) => {
  const names = (excerpt: string, ...wanted: string[]) => excerptNames(excerpt, wanted.map(wholePhrase));
  t.equal(names('Contraindicado a pacientes com PRESSÃO ALTA.', 'pressão alta'), true);
  t.equal(names('Não usar em asmáticos ou em lesões renais.', 'lesão renal'), true);
  t.equal(names('Risco de pressão. A dose alta é outra.', 'pressão alta'), false, 'in two sentences');
  t.equal(names('Contraindicado na asna.', 'asma'), false);
  t.equal(names('Não usar em crianças.', 'asma', 'criança'), true);
  t.equal(names('Não usar em crianças.'), false);
  t.equal(names('', 'asma'), false);
  t.equal(names(`${'x '.repeat(2100)}asma`, 'asma'), false, 'only so much of it is read');
});

t.test('what was asked of an excerpt is remembered for those phrases, and for no others', async (t) => {
  const excerpt = 'Contraindicado na asma.';
  const [asthma, kidney] = [[wholePhrase('asma')], [wholePhrase('rim')]];
  for (let asked = 0; asked < 2; asked++) {
    t.equal(excerptNames(excerpt, asthma), true);
    t.equal(excerptNames(excerpt, kidney), false);
    t.equal(excerptNames('Contraindicado no rim.', asthma), false);
  }
  for (let index = 0; index < 1100; index++) t.notOk(excerptNames(`Texto ${index}.`, asthma) && index);
  t.equal(excerptNames(excerpt, asthma), true, 'read anew when it had to go');
});

t.test('the ages of a leaflet', async (t) => {
  for (const [excerpt, months, expected] of [
    ['Menores de 12 anos. Gestantes!', 143, true],
    ['Menores de 12 anos. Gestantes!', 144, false],
    ['Menores de 12 anos. Gestantes!', null, false],
    ['Não use abaixo de 6 meses.', 5, true],
    ['Não use abaixo de 6 meses.', 6, false],
    ['Menores de 2 anos; na asma, menores de 12 anos.', 100, true],
    ['Uso pediátrico proibido.', 143, true],
    ['Uso pediátrico proibido.', 144, false],
    ['Não deve ser usado por crianças.', 143, true],
    ['Crianças menores de 2 anos.', 30, false],
    ['Nada disso.', 1, false],
  ] as const) {
    t.equal(isUnderLeafletAge(excerpt, months), expected, `${excerpt} ${months}`);
  }
});

t.test('looking only at likely sentences finds what looking at every word finds', async (t) => {
  const word = fc.constantFrom(
    ...'asma asmas asmáticos pressão pressões alta altas rim rins lesão lesões renal renais mãe mães leões leão dor'.split(
      ' ',
    ),
    ...'criança criancinhas sol sóis papel papéis uso de em com e anéis anel flores flor grave graves'.split(' '),
  );
  const text = fc.array(fc.tuple(word, fc.constantFrom(' ', ', ', '. ', '; ', '\n')), { maxLength: 25 });
  const wanted = fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { maxLength: 3 });
  fc.assert(
    fc.property(text, wanted, (parts, phrases) => {
      const excerpt = parts.flat().join('');
      const looked = phrases.map((words) => wholePhrase(words.join(' ')));
      const every = sentences(excerpt).some((each) => looked.some((phrase) => find(phrase, each)?.quality === 1));
      return excerptNames(excerpt, looked) === every;
    }),
    { numRuns: 3000 },
  );
  t.pass('3,000 excerpts');
});
