import fc from 'fast-check';
import t from 'tap';
import { excerptNames, foldedExcerpt } from '../../../core/pharmacy/leaflet-words.ts';
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
  t.equal(foldedExcerpt('Menores de 12 anos. Gestantes!'), 'menores de 12 anos gestantes');
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
