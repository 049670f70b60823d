import { readFileSync } from 'node:fs';
import t from 'tap';
import { filterTranscript, mergeFilters, parseFilters } from '../../../core/pharmacy/filters.ts';

const file = new URL('../../../config/transcript-filters.json', import.meta.url);
const filters = parseFilters(JSON.parse(readFileSync(file, 'utf8')), 'transcript-filters.json');
const run = (text: string) => filterTranscript(text, filters);

t.test('what stands in parentheses or brackets goes, and is told', async (t) => {
  t.same(run('(música de fundo) Bom dia, [ruído] tem soro?'), {
    text: 'Bom dia, tem soro?',
    dropped: false,
    rules: [
      { rule: 'entre_parenteses', removed: '(música de fundo)' },
      { rule: 'entre_parenteses', removed: '[ruído]' },
    ],
  });
  t.same(run('[bipe]'), { text: '', dropped: true, rules: [{ rule: 'entre_parenteses', removed: '[bipe]' }] });
  t.equal(run('quero (um (dois) três) soro').text, 'quero soro', 'nested pairs go with the outermost');
  t.equal(run('quero (um soro').text, 'quero (um soro', 'an opening without its end loses no word');
  t.equal(run('quero soro) agora').text, 'quero soro) agora');
  t.equal(run('tem soro (risos).').text, 'tem soro.');
});

t.test('phrases that mean nothing alone are dropped alone only', async (t) => {
  for (const text of [
    'Obrigado.',
    'obrigada!',
    'TCHAU',
    'Amém',
    'amem',
    'Olá!',
    'E aí?',
    'Até mais…',
    'até a próxima',
    'Silêncio.',
  ]) {
    t.match(run(text), { text: '', dropped: true, rules: [{ rule: 'sozinho', removed: text }] }, text);
  }
  for (const text of ['Obrigado, tem dipirona?', 'Olá, boa tarde', 'tchau, até segunda', 'não', 'oi']) {
    t.match(run(text), { text, dropped: false, rules: [] }, text);
  }
});

t.test('inventions of silence are dropped under 30 characters', async (t) => {
  for (const text of [
    'Legendas pela comunidade',
    'Inscreva-se no canal!',
    'inscreva se',
    'Deixe seu like.',
    'Obrigado por assistir!',
    'sons de passos',
    'Musica',
    'respiracao ofegante',
    'Vento.',
  ]) {
    t.match(run(text), { text: '', dropped: true, rules: [{ rule: 'texto_curto' }] }, text);
  }
  const at29 = 'tem remédio pra respiração aí';
  t.equal(at29.length, 29);
  t.equal(run(at29).dropped, true);
  t.equal(run(`${at29}?`).dropped, false, '30 characters are not under 30');
  t.equal(run('tem aventura').dropped, false, 'whole words only');
});

t.test('two distinct words or fewer in four or more', async (t) => {
  t.match(run('é, é, é, é'), { dropped: true, rules: [{ rule: 'repeticao' }] });
  t.equal(run('Sim não. Sim, não!').dropped, true);
  t.equal(run('não não não').dropped, false, 'three words are kept');
  t.equal(run('sim não sim talvez').dropped, false, 'three distinct words are kept');
});

t.test('an empty text is not a drop', async (t) => {
  t.same(run('  '), { text: '', dropped: false, rules: [] });
  t.match(run('...'), { text: '', dropped: true });
});

t.test('a client extends the rules, and never by wrong data', async (t) => {
  const own = parseFilters(
    {
      version: 'loja',
      rules: [
        { id: 'sozinho', type: 'alone', phrases: ['próximo'] },
        { id: 'radio', type: 'short', belowCharacters: 40, phrases: ['rádio'] },
      ],
    },
    'cliente',
  );
  const merged = mergeFilters(filters, own);
  t.match(filterTranscript('Próximo!', merged), { dropped: true, rules: [{ rule: 'sozinho' }] });
  t.match(filterTranscript('Obrigado', merged), { dropped: true });
  t.match(filterTranscript('você está ouvindo a rádio da loja', merged), { dropped: true, rules: [{ rule: 'radio' }] });
  t.equal(run('Próximo!').dropped, false, 'the common rules are untouched');
  t.throws(() => parseFilters({ version: '1', rules: [{ id: 'x', type: 'alone' }] }, 'cliente'), {
    code: 'BALTO_PHARMACY_DATA',
  });
});

t.test('a megabyte of brackets costs little', async (t) => {
  const started = performance.now();
  t.equal(run('('.repeat(500_000) + ')'.repeat(500_000)).dropped, true);
  t.ok(performance.now() - started < 1000);
});
