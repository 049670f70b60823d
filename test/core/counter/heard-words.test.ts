import t from 'tap';
import { heardWords } from '../../../core/counter/heard-words.ts';

const spoken = (text: string, confidence?: number) =>
  text.split(' ').map((word, index) => ({
    text: word,
    startMs: index * 100,
    endMs: index * 100 + 90,
    ...(confidence !== undefined && { confidence }),
  }));
const transcript = (text: string, more: object = {}) => ({
  text,
  language: 'pt-BR',
  model: 'm',
  words: spoken(text),
  ...more,
});

t.test('words keep their times; what is not in the text that is kept has none', async (t) => {
  const heard = heardWords(transcript('Meu CPF é 529 982 247 25, tem dipirona?'), 'Meu CPF é [CPF], tem dipirona?');
  t.same(
    heard?.words.map(({ text }) => text),
    ['Meu', 'CPF', 'é', null, null, null, null, 'tem', 'dipirona?'],
  );
  t.match(heard?.words.at(-1), { startMs: 800, endMs: 890 });
});

t.test('a masked name is not given away by its other place in the sentence', async (t) => {
  const heard = heardWords(transcript('sou a Rosa quero rosa mosqueta'), 'sou a [NOME] quero rosa mosqueta');
  const shown = heard?.words.filter(({ text }) => text !== null).map(({ text }) => text?.toLowerCase());
  t.equal(shown?.filter((text) => text === 'rosa').length, 1, 'as often as it is kept, never more');
});

t.test('how much was doubted', async (t) => {
  t.equal(heardWords(transcript('tem soro', { words: spoken('tem soro', 0.3) }), 'tem soro')?.doubtful, 2);
  t.equal(
    heardWords(transcript('tem soro', { words: spoken('tem soro', 0.3) }), 'tem')?.doubtful,
    1,
    'of what is kept',
  );
  t.equal(heardWords(transcript('tem soro', { confidence: 0.4 }), 'tem soro')?.doubtful, 2, 'of the whole');
  t.equal(heardWords(transcript('tem soro', { words: [], confidence: 0.9 }), 'tem soro')?.doubtful, 0);
  t.equal(heardWords(transcript('tem soro', { words: [] }), 'tem soro'), null, 'a vendor that says nothing');
  t.equal(heardWords(null, null), null);
});
