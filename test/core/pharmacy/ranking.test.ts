import t from 'tap';
import { ask, data, starter } from './support.ts';

const names = async (text: string, history: string[] = []) =>
  (await ask(text, {}, history)).items.map(({ name }) => name);

t.test('a need brings what serves it, whatever the words and slips', async (t) => {
  for (const [text, expected] of [
    ['acordei com o nariz entupido', 'Soro fisiológico 0,9%'],
    ['estou com azia', 'Antiácido em pastilha'],
    ['tô com uma queimação no estômago', 'Antiácido em pastilha'],
    ['minha garganta tá arranhando', 'Pastilha para garganta'],
    ['dor de cabesa terrível', 'Dipirona gotas'],
    ['to com a cabeça estourando', 'Dipirona gotas'],
    ['o que é bom pra picada de mosquito?', 'Loção calmante para picadas'],
    ['o menino ralou o joelho', 'Curativo adesivo'],
    ['meu bebê está com o bumbum assado', 'Pomada para assadura com óxido de zinco'],
    ['minha vó tem diabete', 'Medidor de glicose'],
    ['ando muito cansada', 'Complexo B'],
    ['machucadinho no dedo', 'Curativo adesivo'],
  ] as const) {
    t.ok((await names(text)).includes(expected), `${text} → ${(await names(text)).join(', ')}`);
  }
});

t.test('price, paying, dosage, small talk, denial and questions trigger nothing', async (t) => {
  for (const text of [
    'quanto custa o remédio pra dor de cabeça?',
    'Dezenove reais e noventa centavos, parcelado sem juros.',
    'vou pagar no cartão, tem desconto pra tosse?',
    'como tomar esse xarope para tosse?',
    'de quantas em quantas horas para febre?',
    'bom dia, tudo bem com o senhor?',
    'que calor hoje, parece que vai chover',
    'não tenho febre nem tosse',
    'febre não, senhora',
    'estou sem dor de cabeça',
    'você tem dor de cabeça?',
    'Tem febre ou alguma dor no corpo?',
  ]) {
    t.same(await names(text), [], text);
  }
  t.ok(
    (await names('quanto custa a fralda? Ah, e estou com azia.')).includes('Antiácido em pastilha'),
    'sentence by sentence',
  );
  t.ok((await names('tem alguma coisa pra dor de cabeça?')).length > 0, 'a question that wants something');
  t.ok((await names('mal consegui dormir')).length > 0, 'a complaint that holds a negation');
});

t.test('what was named is not offered, now or earlier in the conversation', async (t) => {
  t.notOk((await names('tosse, aí pensei em pastilha')).includes('Pastilha para garganta'));
  t.notOk((await names('e a garganta arranhando', ['quero uma pastilha'])).includes('Pastilha para garganta'));
  const bought = await names('vamos à praia, queria protetor solar');
  t.notOk(bought.includes('Protetor solar FPS 50'));
  t.ok(
    bought.some((name) => ['Loção pós-sol', 'Protetor labial com FPS'].includes(name)),
    'but what goes with it is',
  );
});

t.test('a prescription item triggers its companions and is dropped by the gate itself', async (t) => {
  const answer = await ask('vim buscar a losartana do meu sogro');
  t.ok(answer.items.some(({ name }) => name === 'Monitor de pressão arterial'));
  t.notOk(/losartana/iu.test(JSON.stringify(answer.items)), 'nor is it named in an explanation');
  const sleepless = await ask('não consigo dormir de noite');
  t.ok(
    sleepless.gate.some(
      ({ name, rule, allowed }) => name === 'Zolpidem 10 mg' && rule === 'classe_de_venda' && !allowed,
    ),
  );
  t.ok(
    sleepless.items.every(({ productId }) => starter.find(({ id }) => id === productId)?.saleClass === 'venda_livre'),
  );
});

t.test('at most three items, no substance twice, no line of painkillers', async (t) => {
  const { items } = await ask('gripe, febre, tosse, nariz entupido, dor de garganta, azia, pele seca');
  t.equal(items.length, 3);
  const pain = await ask('estou com dor de cabeça');
  t.ok(pain.items.filter(({ medicine }) => medicine).length <= 2);
  t.equal(new Set(pain.items.map(({ name }) => name)).size, pain.items.length);
});

t.test('confidence, normalised text and classification', async (t) => {
  const sure = await ask('estou com dor de garganta');
  t.match(sure, { source: 'catalogue', confidence: 'alta', normalized: 'SINT:dor de garganta | GARGANTA_TOSSE' });
  t.match(sure.classification, { micro_categoria: 'dor de garganta', macros_top2: ['garganta_tosse'] });
  t.match(sure.evidence[0], { quote: 'estou com dor de garganta', found: true });
  t.equal((await ask('estou com dor de gargamta')).confidence, 'media', 'a slip lowers it');
  t.equal((await ask('vim buscar a losartana')).confidence, 'media', 'so does a mere companion');
  t.match(await ask('bom dia'), { normalized: 'NADA_RELEVANTE | OUTRO', confidence: 'baixa', items: [] });
  t.match((await ask('minha dipirona, e estou com azia')).normalized, /^MED:Dipirona gotas; SINT:azia \| /);
});

t.test('a client’s own item comes before the starter’s and may carry needs of its own', async (t) => {
  const base = starter[0];
  if (!base) throw new Error('empty starter');
  const own = {
    ...base,
    id: 9001,
    own: true,
    name: 'Elixir da Casa',
    synonyms: [],
    goesWith: [],
    indications: ['unha quebradiça'],
  };
  const found = await ask('minha unha anda muito quebradiça', { retrieve: async () => [own] });
  t.same(
    found.items.map(({ name }) => name),
    ['Elixir da Casa'],
  );
});

t.test('the ranking is quick enough for every send', async (t) => {
  const text = 'gripe e febre, tosse com catarro; dor de garganta. '.repeat(20);
  await ask(text);
  const started = performance.now();
  await ask(text);
  t.ok(performance.now() - started < 250, `${Math.round(performance.now() - started)} ms`);
  t.ok(data.lexicon.needs.length > 50);
});
