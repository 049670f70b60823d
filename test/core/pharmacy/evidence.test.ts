import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import type { CatalogueCandidate } from '../../../core/pharmacy/catalogue.ts';
import { leafletExcerpts } from '../../../core/pharmacy/leaflet.ts';
import { parsePrompt } from '../../../core/pharmacy/prompt.ts';
import { recommend } from '../../../core/pharmacy/recommend.ts';
import { answer, ask, data, idOf, item, modelThatSays, otc, starter } from './support.ts';

const names = ({ items }: Awaited<ReturnType<typeof ask>>) => items.map(({ name }) => name);
const quoting = (tipo: string, trecho: string, necessidades: string[] = []) => ({
  necessidades,
  evidencias: [{ tipo, trecho }],
});
const three = ['Pastilha para garganta', 'Mel com própolis', 'Spray de própolis'].map((name) => item(idOf(name)));
const told = (text: string, more: object, itens = three) => ask(text, { complete: modelThatSays(answer(itens, more)) });

t.test('weak context brings harmless items only, one or two of them', async (t) => {
  const weak = await ask('sábado vamos passar o dia na praia');
  t.same(names(weak), ['Protetor solar FPS 50', 'Repelente de insetos']);
  t.match(weak, {
    confidence: 'baixa',
    basis: { allowance: 'contexto_fraco' },
    evidence: [{ type: 'C', found: true }],
  });
  t.same(names(await ask('depois eu vou para a academia')), [], 'a supplement is none of them');
  t.ok(names(await ask('fiquei queimada de sol')).includes('Loção pós-sol'), 'a complaint brings more');
});

t.test('an answer whose evidence nobody said is weak context at most', async (t) => {
  const itens = [...three, item(idOf('Soro fisiológico 0,9%')), item(idOf('Repelente de insetos'))];
  const invented = await told('estou tossindo muito', quoting('A', 'quero pastilha'), itens);
  t.same(names(invented), ['Soro fisiológico 0,9%', 'Repelente de insetos']);
  t.match(invented, { confidence: 'baixa', evidence: [{ found: false }] });
  t.ok(
    invented.gate.some(({ rule, allowed }) => rule === 'contexto_fraco' && !allowed),
    'and the row says what fell out',
  );
  t.same(names(await told('estou tossindo muito', quoting('C', 'estou tossindo'))), [], 'its own weak evidence, too');
  const earlier = await ask(
    'e o senhor vai bem?',
    { complete: modelThatSays(answer(three, quoting('A', 'estou tossindo'))) },
    ['estou tossindo muito'],
  );
  t.same(names(earlier), [], 'what was said before, nobody asks for again');
});

t.test('a quote of a price or a dose is no evidence, and such talk alone is put to no model', async (t) => {
  const mixed = await told('quanto custa a pastilha para tosse? hoje está frio', quoting('A', 'pastilha para tosse'));
  t.same(names(mixed), []);
  let asked = 0;
  const complete: Parameters<typeof ask>[1] = {
    complete: (...given) => {
      asked += 1;
      return modelThatSays(answer(three))(...given);
    },
  };
  for (const text of ['quanto custa esse xarope para tosse?', 'tem febre?', 'de oito em oito horas, para a garganta']) {
    t.match(await ask(text, complete), { source: 'none', gate: [{ rule: 'assunto_sem_sugestao' }] }, text);
  }
  t.equal(asked, 0);
});

t.test('at most five quotes of three hundred characters', async (t) => {
  const long = 'estou tossindo muito '.repeat(40);
  const evidencias = Array.from({ length: 9 }, () => ({ tipo: 'A', trecho: long }));
  const { evidence } = await told(long, { evidencias });
  t.equal(evidence.length, 5);
  t.ok(evidence.every(({ quote, found }) => quote.length <= 300 && found));
});

t.test('one small complaint alone brings two items, several bring three', async (t) => {
  for (const text of ['estou com tosse', 'minha garganta dói e estou rouco', 'ataque de rinite', 'estou enjoada']) {
    t.ok(names(await ask(text)).length <= 2, text);
  }
  t.equal(
    names(await told('estou tossindo muito', quoting('A', 'estou tossindo'))).length,
    2,
    'whatever a model wants',
  );
  t.equal(names(await ask('estou com tosse e azia e a pele seca')).length, 3);
});

t.test('what was named is left out, by its brand or substance too, whoever chooses', async (t) => {
  for (const text of ['quero um tylenol para dor de cabeça', 'me dá paracetamol, estou com febre']) {
    t.notOk(names(await ask(text)).includes('Paracetamol comprimido'), text);
  }
  const itens = [item(idOf('Pastilha para garganta')), item(idOf('Mel com própolis'))];
  const chosen = await told('quero pastilha, estou tossindo muito', quoting('A', 'estou tossindo muito'), itens);
  t.same(names(chosen), ['Mel com própolis']);
  t.ok(chosen.gate.some(({ rule, name }) => rule === 'ja_citado' && name === 'Pastilha para garganta'));
});

t.test('a medicine’s name heard with doubt brings nothing, and the row says which', async (t) => {
  const sure = await ask('vim buscar a losartana');
  t.same(names(sure), ['Monitor de pressão arterial', 'Organizador de comprimidos']);
  const slip = await ask('vim buscar a lozartata');
  t.same(names(slip), []);
  t.ok(slip.basis?.doubtful.includes('losartana'));
  const { signal } = new AbortController();
  const input = { clientId: 'c', counterId: 'b', text: 'vim buscar a losartana', history: [], signal };
  const { prompt, lexicon, book, gate } = data;
  const deps = { retrieve: async () => starter, prompt, lexicon, book, gate, otc };
  const doubted = await recommend({ ...input, doubtful: ['losartana'] }, deps);
  t.same(names(doubted), [], 'well written, but the recogniser was not sure');
  let shown = '';
  const complete: NonNullable<Parameters<typeof ask>[1]>['complete'] = (request, how) => {
    shown = request.messages[1]?.content ?? '';
    return modelThatSays(answer([item(idOf('Monitor de pressão arterial'))], quoting('B', input.text)))(request, how);
  };
  t.same(names(await recommend({ ...input, doubtful: ['losartana'] }, { ...deps, complete })), [], 'nor may a model');
  t.match(shown, /"ouvido_com_duvida": \[\s*"/u);
});

t.test('a yes to the clerk’s question is a complaint, in this send or from the one before', async (t) => {
  t.ok(names(await ask('Tem febre? Tenho, desde ontem.')).includes('Termômetro digital'));
  t.ok(names(await ask('Tenho sim.', {}, ['Tem febre?'])).includes('Termômetro digital'));
  t.same(names(await ask('Tem febre? Não.')), []);
});

const [base] = starter;
if (!base) throw new Error('empty starter');
const own = (more: Partial<CatalogueCandidate>): CatalogueCandidate => ({
  ...base,
  id: 9001,
  own: true,
  name: 'Creme Alfa',
  tag: 'hidratacao_pele',
  medicine: false,
  indications: [],
  synonyms: [],
  goesWith: [],
  leaflet: null,
  ...more,
});
const leaflet = {
  indication: 'Indicado para pele ressecada. Também para lábios.',
  contraindication: 'Feridas abertas.',
  warnings: null,
  interactions: null,
  url: null,
  version: '2026-03',
};

t.test('the row says which excerpt of which leaflet version a card rests on', async (t) => {
  const candidate = own({ leaflet });
  const ranked = await ask('minha pele está muito seca', { retrieve: async () => [candidate] });
  t.same(names(ranked), ['Creme Alfa'], 'a row without needs of its own is found by its leaflet');
  t.match(ranked.basis?.leaflets, [{ candidateId: 9001, fields: ['indicacao'], version: '2026-03' }]);
  let shown = '';
  const chosen = await ask('minha pele está muito seca', {
    retrieve: async () => [candidate],
    complete: (request, how) => {
      shown = request.messages[1]?.content ?? '';
      return modelThatSays(answer([item(9001)], quoting('A', 'pele está muito seca')))(request, how);
    },
  });
  t.match(chosen.basis?.leaflets, [{ fields: ['indicacao', 'contraindicacao'], version: '2026-03' }]);
  t.match(shown, 'pele ressecada');
});

t.test('leaflets reach the model in bounded excerpts, the sentences that bear on the talk first', async (t) => {
  const long = `${'Frase sem relação nenhuma. '.repeat(300)}`;
  const telling = `Trata pele ressecada. ${long}`;
  const many = Array.from({ length: 40 }, (_, id) =>
    own({ id, leaflet: { ...leaflet, indication: `${long.slice(0, 2700)}${telling}`, warnings: long } }),
  );
  const excerpts = leafletExcerpts(many, 'minha pele ressecada');
  t.match(excerpts[0]?.excerpts, { indicacao: /^Trata pele ressecada\./u });
  const all = excerpts.flatMap((each) => Object.values(each.excerpts));
  t.ok(all.every((text) => text.length <= 240));
  t.ok(all.join('').length <= 6000);
});

t.test('a prompt is changed by a new file: those that were in force stay as they were', async (t) => {
  const folder = new URL('../../../config/prompts/', import.meta.url);
  const hashes = JSON.parse(readFileSync(new URL('hashes.json', folder), 'utf8')) as Record<string, string>;
  const files = readdirSync(folder).filter((name) => name.endsWith('.md'));
  t.same(files.map((name) => name.replace('.md', '')).sort(), Object.keys(hashes).sort());
  for (const name of files) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const version = name.replace('.md', '');
    t.equal(parsePrompt(text, name).version, version, 'a file is called by its version');
    t.equal(createHash('sha256').update(text).digest('hex'), hashes[version], `${name} is as it was`);
  }
  t.equal(data.prompt.version, Object.keys(hashes).sort().at(-1), 'the newest is in force');
});

t.test('no phrase of the lexicon is so short that everyday talk holds it', async (t) => {
  const phrases = data.lexicon.needs.flatMap(({ forms, hints = [] }) => [...forms, ...hints]);
  t.ok(phrases.every((each) => each.length >= 3));
  for (const text of ['quero levar duas caixas', 'comi e gostei', 'tomei o ônibus no sol', 'é da semana passada']) {
    t.same(names(await ask(text)), [], text);
  }
});
