import t from 'tap';
import type { SituationHints } from '../../../core/pharmacy/situation.ts';
import { ask, data } from './support.ts';

const read = (said: string, hints: SituationHints = {}) => data.otc.situation.read([said], hints);
const flagged = (said: string) => read(said).redFlags.map(({ rule }) => rule);

t.test('pregnancy as people say it', async (t) => {
  for (const said of [
    'tô esperando neném',
    'estou esperando um filho',
    'minha mulher tá buchuda',
    'tô prenha',
    'tô de barriga',
    'tô de cinco meses e com azia',
    'estou de 20 semanas e com azia',
    'vou ganhar neném mês que vem',
    'acho que engravidei',
    'no pré-natal o médico disse que podia',
    'minha menstruação tá atrasada',
    'a menstruação não desceu',
    'tô grávida não posso tomar qualquer coisa',
    'estou grávida não sei o que tomar',
    'grávida não tenho o que tomar',
    'sem dúvida tô grávida',
    'não só tô grávida como passo mal',
    'não estou grávida, quem está grávida é ela',
    'A senhora está grávida? Não sei.',
    'A senhora está grávida? Não, quer dizer, pode ser.',
  ]) {
    t.ok(read(said).pregnancy, said);
  }
  for (const said of [
    'tô com dor de barriga',
    'estou de férias',
    'grávida não tô, tô com azia',
    'A senhora está grávida? Não senhora, só azia.',
    'A senhora está grávida? Não tô não.',
    'nunca estive grávida',
  ]) {
    t.notOk(read(said).pregnancy, said);
  }
});

t.test('nursing as people say it', async (t) => {
  for (const said of [
    'dou de mamar ainda',
    'ela mama no peito',
    'tô de resguardo',
    'tive neném faz pouco',
    'o meu tá mamando ainda',
    'ela dá de mamar',
  ]) {
    t.ok(read(said).lactation, said);
  }
  t.notOk(read('a luz tá me matando').lactation);
});

t.test('ages as people say them', async (t) => {
  for (const [said, months] of [
    ['o bb tá com febre', 0],
    ['o nenenzinho tá com febre', 0],
    ['meu bebezão de 1 ano', 12],
    ['tem quinze dias de vida', 0],
    ['minha filha de colo', 0],
    ['meu filho de ano e meio', 18],
    ['ele tem vinte e três meses', 23],
    ['meu filho de vinte e cinco anos', 300],
    ['minha filha de trinta e dois anos', 384],
    ['adolescente de onze anos', 132],
    ['um adolescente com dor de cabeça', 120],
    ['a Júlia de sete anos tá com dor', 84],
    ['a Júlia com sete anos já toma', 84],
    ['meu piá tá com febre', 24],
    ['o caçula tá com febre', 24],
    ['garantia de dois anos', null],
    ['tosse com dois meses', null],
    ['tratamento de seis meses', null],
    ['de cinco anos', null],
    ['dor de seis meses e cinco anos atrás', null],
    ['meu filho do meio', 24],
  ] as const) {
    t.equal(read(said).youngestMonths, months, said);
  }
});

t.test('who does not stand a medicine, as people say it', async (t) => {
  const allergies = (said: string) =>
    read(said)
      .mentions.filter(({ as }) => as === 'allergy')
      .map(({ name }) => name);
  for (const [said, names] of [
    ['não me dou com dipirona', ['dipirona']],
    ['dipirona me dá coceira', ['dipirona']],
    ['passo mal com dipirona', ['dipirona']],
    ['não tolero dipirona', ['dipirona']],
    ['tenho intolerância a dipirona', ['dipirona']],
    ['a médica proibiu ibuprofeno', ['ibuprofeno']],
    ['fiquei toda inchada com dipirona', ['dipirona']],
    ['sou alérgico a iodo, penicilina, dipirona e camarão', ['penicilina', 'dipirona']],
    ['não posso tomar dipirona nem paracetamol', ['dipirona', 'paracetamol']],
    ['tem alergia a algum remédio? Dipirona.', ['dipirona']],
    ['tem alergia a algum remédio? Sim, a dipirona.', ['dipirona']],
    ['sou alérgico a analgésicos', ['analgésico']],
    ['sou alérgica a anti-inflamatório', ['anti-inflamatório']],
    ['tem alergia a algum remédio? Não. Quero dipirona.', []],
    ['sou alérgica a poeira, tomo dipirona', []],
    ['sou alérgica a gato, queria uma dipirona', []],
    ['dipirona não faz mal', []],
    ['quero um anti-inflamatório', []],
  ] as const) {
    t.same(allergies(said), names, said);
  }
  t.same(read('quero um anti-inflamatório').mentions, [], 'who asks for one does not use one yet');
});

t.test('conditions as people say them, and by what they take for them', async (t) => {
  for (const [said, id] of [
    ['uso bombinha', 'asma'],
    ['faço diálise', 'renal'],
    ['fiz transplante de rim', 'renal'],
    ['meus rins são ruins', 'renal'],
    ['tenho gordura no fígado', 'hepatica'],
    ['tive AVC ano passado', 'cardiaca'],
    ['uso marca-passo', 'cardiaca'],
    ['tomei cachaça ontem', 'alcool'],
    ['bebi muito ontem', 'alcool'],
    ['meu açúcar tá alto', 'diabetes'],
    ['tomo glifage', 'diabetes'],
    ['uso insulina', 'diabetes'],
    ['uso aerolin', 'asma'],
    ['tomo digoxina', 'cardiaca'],
    ['tomo puran', 'tireoide'],
    ['faço quimioterapia', 'imunossupressao'],
  ] as const) {
    t.ok(
      read(said).conditions.some((each) => each.id === id),
      said,
    );
  }
  t.same(read('não tomo glifage').conditions, []);
  t.same(read('o nariz pinga').conditions, []);
});

t.test('red flags as people say them', async (t) => {
  for (const [said, rule] of [
    ['tô com uma pontada no peito', 'alerta-dor-no-peito'],
    ['o peito tá doendo', 'alerta-dor-no-peito'],
    ['meu peito dói quando respiro', 'alerta-dor-no-peito'],
    ['braço esquerdo formigando', 'alerta-dor-no-peito'],
    ['não aguento mais essa dor no peito', 'alerta-dor-no-peito'],
    ['a dor no peito não sei se é azia', 'alerta-dor-no-peito'],
    ['tá faltando ar', 'alerta-falta-de-ar'],
    ['falta de ar e nariz entupido', 'alerta-falta-de-ar'],
    ['não consigo respirar', 'alerta-respiracao'],
    ['fraqueza de um lado do corpo', 'alerta-avc'],
    ['tô vendo tudo embaçado', 'alerta-avc'],
    ['inchou a boca depois do camarão', 'alerta-anafilaxia'],
    ['vomitei sangue', 'alerta-sangramento'],
    ['tô urinando sangue', 'alerta-sangramento'],
    ['fezes escuras', 'alerta-sangramento'],
    ['tomei trinta comprimidos de paracetamol', 'alerta-intoxicacao'],
    ['meu filho bebeu detergente', 'alerta-intoxicacao'],
    ['a criança engoliu uma moeda', 'alerta-intoxicacao'],
    ['não vejo mais sentido na vida', 'alerta-sofrimento'],
    ['febre de 40', 'alerta-febre-prolongada'],
    ['tô com febre há dez dias', 'alerta-febre-prolongada'],
    ['febre faz uma semana', 'alerta-febre-prolongada'],
    ['tosse há um mês', 'alerta-tosse-prolongada'],
    ['tosse faz mais de três semanas', 'alerta-tosse-prolongada'],
    ['perdi dez quilos sem querer', 'alerta-perda-de-peso'],
    ['dor de cabeça com vômito e pescoço duro', 'alerta-nuca'],
    ['cobra me mordeu', 'alerta-mordida'],
    ['caí de cabeça', 'alerta-trauma-cabeca'],
    ['pressão tá em 18 por 10', 'alerta-hipoglicemia'],
    ['perna inchada e dolorida', 'alerta-trombose'],
    ['entrou caco de vidro no olho', 'alerta-olho'],
    ['convulsão do menino', 'alerta-consciencia'],
    ['não seguro o xixi', 'alerta-coluna'],
  ] as const) {
    t.ok(flagged(said).includes(rule), `${said}: ${flagged(said)}`);
  }
  for (const said of [
    'não estou com dor no peito',
    'dor no peito não, é azia',
    'não consigo respirar com o nariz entupido',
    'a garganta doendo e o peito carregado',
    'tô com tosse desde ontem, comprei mês passado',
    'tô com tosse faz três dias',
    'um aparelho de pressão com garantia',
  ]) {
    t.same(flagged(said), [], said);
  }
});

t.test('what may not be given to a small child or to somebody with diabetes, though it is no medicine', async (t) => {
  const names = async (said: string) => (await ask(said)).items.map(({ name }) => name);
  t.notOk((await names('meu filho de seis meses está com tosse')).includes('Pastilha para garganta'));
  t.notOk((await names('tomo glifage e tô com tosse')).includes('Mel com própolis'));
  t.ok((await names('tô com tosse')).includes('Mel com própolis'));
});
