import t from 'tap';
import { loadPrivacyData } from '../../../core/privacy/data.ts';
import { Masker, maskText, NO_CLIENT_WORDS } from '../../../core/privacy/mask.ts';
import type { ClientWords } from '../../../core/privacy/types.ts';
import { masking } from '../../bench/masking.ts';

const data = loadPrivacyData();
const masked = (text: string, words: ClientWords = NO_CLIENT_WORDS) => maskText(text, data, words).text;

/** A conversation's utterances, one after the other. */
function conversation(...utterances: string[]): string[] {
  const masker = new Masker(data, () => NO_CLIENT_WORDS);
  return utterances.map((utterance) => masker.next(utterance).text);
}

t.test('a CPF is masked however it is written or said', async (t) => {
  t.equal(masked('meu CPF é 529.982.247-25, tá?'), 'meu CPF é [CPF], tá?');
  t.equal(masked('é 52998224725'), 'é [CPF]');
  t.equal(masked('cinco dois nove nove oito dois dois quatro sete dois cinco'), '[CPF]');
  t.equal(
    masked('quinhentos e vinte e nove, novecentos e oitenta e dois, duzentos e quarenta e sete, vinte e cinco'),
    '[CPF]',
  );
  t.equal(masked('cpf cinco dois meia, nove oito dois, meia meia'), 'cpf [CPF]');
});

t.test('telephones, cards, CNPJ and addresses have labels of their own', async (t) => {
  t.equal(masked('liga no (11) 98765-4321 depois'), 'liga no [TELEFONE] depois');
  t.equal(masked('+55 11 98765-4321'), '[TELEFONE]');
  t.equal(masked('onze nove oito sete meia cinco quatro três dois um'), '[TELEFONE]');
  t.equal(masked('o cartão é 4111 1111 1111 1111'), 'o cartão é [CARTÃO]');
  t.equal(masked('CNPJ 11.222.333/0001-81'), 'CNPJ [CNPJ]');
  t.equal(masked('manda para ana.souza@gmail.com por favor'), 'manda para [E-MAIL] por favor');
  t.equal(masked('o email é ana ponto souza arroba gmail ponto com ponto br'), 'o email é [E-MAIL]');
  t.same(maskText('52998224725 e meu nome é Ana', data).counts, { CPF: 1, NOME: 1 });
});

t.test('what goes on after a pause is masked, and so is what a question asked for', async (t) => {
  t.same(conversation('meu cpf é cinco dois nove', 'nove oito dois', 'dois quatro sete', 'isso', 'dois cinco'), [
    'meu cpf é [CPF]',
    '[CPF]',
    '[CPF]',
    'isso',
    '[CPF]',
  ]);
  t.same(conversation('Qual o telefone?', 'nove oito sete seis'), ['Qual o telefone?', '[TELEFONE]']);
  t.same(conversation('Qual é o seu nome?', 'Jurandir', 'quero dipirona'), [
    'Qual é o seu nome?',
    '[NOME]',
    'quero dipirona',
  ]);
  t.same(conversation('meu nome é', 'Ana Souza'), ['meu nome é', '[NOME]']);
});

t.test('after a whole number the next one is nobody’s', async (t) => {
  t.same(conversation('CPF 529.982.247-25', 'quero 2 caixas e 3 cartelas'), [
    'CPF [CPF]',
    'quero 2 caixas e 3 cartelas',
  ]);
  t.same(conversation('CPF na nota?', 'não', 'deu quarenta e cinco e noventa'), [
    'CPF na nota?',
    'não',
    'deu quarenta e cinco e noventa',
  ]);
});

t.test('names after an announcement', async (t) => {
  t.equal(masked('meu nome é Jurandir Queiroga e eu queria dipirona'), 'meu nome é [NOME] e eu queria dipirona');
  t.equal(masked('sou a maria da silva'), 'sou a [NOME]');
  t.equal(masked('para o senhor João Carlos, dois'), 'para o senhor [NOME], dois');
  t.equal(masked('em nome da dona Zuleide'), 'em nome da dona [NOME]');
  t.equal(masked('Dr. Paulo receitou'), 'Dr. [NOME] receitou');
});

t.test('employees are known by the client’s own list; its products are never names', async (t) => {
  const words: ClientWords = {
    products: new Set(['yasmin', 'kolene']),
    employees: new Map([
      ['crisleide', [['crisleide', 'wanzeler']]],
      ['yasmin', [['yasmin']]],
    ]),
  };
  t.equal(masked('chama a crisleide aí', words), 'chama a [NOME] aí');
  t.equal(masked('a Crisleide Wanzeler me atendeu', words), 'a [NOME] me atendeu');
  t.equal(masked('quero uma cartela de Yasmin', words), 'quero uma cartela de Yasmin');
  t.equal(masked('para a senhora Kolene ou Nivea?', words), 'para a senhora Kolene ou Nivea?');
});

t.test('doses, prices, ages and quantities stay', async (t) => {
  for (const said of [
    'dipirona de 500 miligramas, dois comprimidos de oito em oito horas',
    'são dez reais, R$ 1.234,56 ou 45,90',
    'tem de 500, 750 e 1000?',
    'vitamina B12, ômega 3 e vitamina D de 2000 UI',
    'ela tem oitenta e cinco anos e ele três',
    'pressão de 12 por 8',
  ])
    t.equal(masked(said), said);
});

t.test('a label is a text like any other: masking twice changes nothing', async (t) => {
  const once = masked('meu nome é Ana, CPF 529.982.247-25, ana@gmail.com');
  t.equal(masked(once), once);
});

t.test('what is said without end is masked to its end, and the suite is not kept waiting', async (t) => {
  for (const [said, left] of [
    ['cpf 529.982.247-25 R$ 1,00 ', '529'],
    ['a@a.com é ', '@'],
    ['meu nome é Ana ', 'Ana'],
  ] as const) {
    const kept = masked(said.repeat(32_000));
    t.notOk(kept.includes(left), said);
    t.ok(kept.length > 0);
  }
});

t.test('at least 99 % of 500 invented CPFs and telephones, spoken and written', async (t) => {
  const { cpf, telefone, falsePositives } = masking({ n: 500, seed: 7, report: null }, () => {});
  t.ok(cpf.recall >= 0.99, `CPF: ${cpf.recall}`);
  t.ok(telefone.recall >= 0.99, `telefone: ${telefone.recall}`);
  const { sentences, dialogues } = falsePositives;
  t.ok(sentences.masked <= 2, `a mais: ${sentences.masked} de ${sentences.said}`);
  t.ok(dialogues.masked <= dialogues.said / 100, `a mais: ${dialogues.masked} de ${dialogues.said}`);
});
