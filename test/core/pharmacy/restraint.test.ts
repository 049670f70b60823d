import t from 'tap';
import type { CatalogueCandidate } from '../../../core/pharmacy/catalogue.ts';
import { type Reading, read } from '../../../core/pharmacy/needs.ts';
import { type Ranked, rank } from '../../../core/pharmacy/ranking.ts';
import { evidenceIn, restrain } from '../../../core/pharmacy/restraint.ts';
import type { ModelAnswer } from '../../../core/pharmacy/schema.ts';
import { data, starter } from './support.ts';

const answered = (tipo: 'A' | 'B' | 'C' | 'X', trecho: string, necessidades: string[] = []): ModelAnswer => ({
  deve_sugerir: true,
  normalizada: '',
  classificacao: { macros_top2: [], micro_categoria: '', ancoras_para_excluir: [] },
  necessidades,
  evidencias: [{ tipo, trecho }],
  itens: [],
});
const candidate = (more: Partial<CatalogueCandidate>): CatalogueCandidate => {
  const [base] = starter;
  if (!base) throw new Error('empty starter');
  return {
    ...base,
    tag: 'outros',
    medicine: false,
    indications: [],
    synonyms: [],
    goesWith: [],
    name: 'Coisa',
    ...more,
  };
};

interface Told {
  said: string;
  answer: ModelAnswer;
  candidates?: CatalogueCandidate[];
  doubtful?: string[];
  history?: string[];
}

function told({ said, answer, candidates = [candidate({ id: 1 })], doubtful, history = [] }: Told) {
  const { lexicon, book } = data;
  const reading: Reading = read(said, lexicon, history);
  const ranked: Ranked = rank({ reading, history, candidates, doubtful: new Set(), lexicon, book });
  const mentions = doubtful ? { ...ranked.mentions, doubtful } : ranked.mentions;
  const choices = candidates.map(({ id }) => ({
    candidateId: id,
    explanation: '',
    tag: '',
    confidence: 'alta' as const,
  }));
  const evidence = evidenceIn(answer, [...history, said]);
  const limits = { reading, ranked: { ...ranked, mentions }, candidates, lexicon, listVersion: 'v' };
  return restrain(choices, answer, evidence, limits);
}
const allowance = (given: Told) => told(given).allowance.rule;

t.test('a quote was said or it was not', async (t) => {
  const found = (trecho: string) => evidenceIn(answered('A', trecho), ['Estou com tosse.', 'E febre alta'])[0]?.found;
  for (const [quote, expected] of [
    ['tosse', true],
    ['Estou com TOSSE', true],
    ['com tosse e febre', true],
    ['estou com…', true],
    ['tos', false],
    ['estou…febre', false],
    ['', false],
    ['…', false],
    ['?!', false],
    ['dor', false],
  ] as const) {
    t.equal(found(quote), expected, quote);
  }
});

t.test('what an answer may bring follows from what it quotes', async (t) => {
  const said = 'estou com muita tosse e azia';
  t.equal(allowance({ said, answer: answered('A', 'muita tosse') }), 'evidencia_forte');
  t.equal(allowance({ said, answer: answered('B', 'muita tosse') }), 'so_acompanha');
  t.equal(allowance({ said, answer: answered('C', 'muita tosse') }), 'contexto_fraco');
  t.equal(allowance({ said, answer: answered('X', 'muita tosse') }), 'contexto_fraco');
  t.equal(allowance({ said, answer: answered('A', 'dor de cabeça') }), 'contexto_fraco');
  t.equal(allowance({ said: 'quanto custa?', answer: answered('A', 'quanto custa') }), 'contexto_fraco');
  const nod = { said: 'Tenho sim.', history: ['Tem febre?'] };
  t.not(allowance({ ...nod, answer: answered('A', 'Tem febre?') }), 'contexto_fraco', 'a yes makes the question count');
  t.equal(
    allowance({ said: 'Bom dia.', history: ['Tem febre?'], answer: answered('A', 'Tem febre?') }),
    'contexto_fraco',
  );
});

t.test('needs that are only hinted at lift no cap', async (t) => {
  const tosse = { said: 'estou com tosse', answer: answered('A', 'estou com tosse') };
  const cap = allowance(tosse);
  t.not(cap, 'evidencia_forte');
  t.equal(told(tosse).allowance.items, 2);
  t.equal(allowance({ ...tosse, answer: answered('A', 'estou com tosse', ['azia']) }), 'evidencia_forte');
  const hinted = data.lexicon.needs.find(({ hints }) => (hints ?? []).length > 0);
  t.ok(hinted, 'some need has hints');
  const said = `estou com tosse. ${hinted?.hints?.[0]}`;
  t.equal(allowance({ said, answer: answered('A', 'estou com tosse') }), cap);
});

t.test('an answer that rests on a medicine heard with doubt brings harmless items at most', async (t) => {
  const said = 'vim buscar aquele de sempre';
  const doubtful = ['losartana'];
  t.equal(allowance({ said, doubtful, answer: answered('A', 'vim buscar') }), 'contexto_fraco');
  t.equal(allowance({ said, doubtful: [], answer: answered('A', 'vim buscar') }), 'evidencia_forte');
  t.not(allowance({ said, doubtful, answer: answered('A', 'vim buscar', ['azia', 'febre']) }), 'contexto_fraco');
  const needed = 'vim buscar, estou com azia e febre';
  t.equal(allowance({ said: needed, doubtful, answer: answered('A', 'com azia') }), 'evidencia_forte');
});

t.test('what is taken out, and why', async (t) => {
  const answer = answered('A', 'estou com azia');
  const said = 'estou com azia e febre';
  const rules = (candidates: CatalogueCandidate[], doubtful: string[] = [], given = answer) =>
    told({ said, answer: given, candidates, doubtful }).decisions.map(({ rule, candidateId }) => [candidateId, rule]);
  const goes = candidate({ id: 1, name: 'Monitor', goesWith: ['caneta', 'Losartana'] });
  t.same(rules([goes]), []);
  t.same(rules([goes], ['losartana']), [[1, 'nome_ouvido_com_duvida']]);
  t.same(rules([goes], ['metformina']), []);
  const backed = candidate({ id: 2, name: 'Bolacha', indications: ['azia'], goesWith: ['Losartana'] });
  t.same(rules([backed], ['losartana']), [], 'something else speaks for it');
  t.same(rules([goes, backed], ['losartana']), [[1, 'nome_ouvido_com_duvida']], 'each for itself');
  const invented = answered('A', 'quero tudo');
  t.same(rules([candidate({ id: 3 })], [], invented), [[3, 'contexto_fraco']]);
  t.same(rules([candidate({ id: 3, saleClass: 'tarja_preta' })], [], invented), [], 'that is for the gate to say');
  t.same(rules([candidate({ id: 4, name: 'Azia' })]), [[4, 'ja_citado']]);
  const { decisions, choices } = told({
    said,
    answer,
    candidates: [goes, candidate({ id: 5 })],
    doubtful: ['losartana'],
  });
  t.match(decisions, [{ allowed: false, ruleId: null, listVersion: 'v', name: 'Monitor', reason: /dúvida/ }]);
  t.same(
    choices.map(({ candidateId, confidence }) => [candidateId, confidence]),
    [[5, 'alta']],
  );
});

t.test('weak context is never sure of itself', async (t) => {
  const tissue = candidate({ id: 7, name: 'Lenço de papel' });
  const { choices } = told({ said: 'oi, tudo bem', answer: answered('A', 'nada'), candidates: [tissue] });
  t.match(choices, [{ candidateId: 7, confidence: 'baixa' }]);
});
