/** People's names and addresses as they are said at a counter, and counter talk in which there are none. */

type Random = () => number;
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** Usual and unusual ones: the list that masking has was not made from these. */
const FIRST =
  'Maria João Ana José Carlos Antônia Francisco Luiz Adriana Paulo Fernanda Marcos Juliana Rafael Patrícia Lucas Camila Bruno Letícia Sebastião Rosângela Edson Vera Cláudia Jurandir Iracema Tereza Benedito Aparecida Wellington Jéssica Kemilly Waldisney Edivânia Tcharles Jucelino Lucicleide Ruanito Deusdete Francenildo Maísa Zuleide Ronivon Amaralina Crisleide'.split(
    ' ',
  );
const LAST =
  'Silva Santos Oliveira Souza Pereira Lima Carvalho Ferreira Ribeiro Rodrigues Almeida Nascimento Araújo Barbosa Cavalcante Queiroga Bittencourt Sobral Zanetti Dornelas Wanzeler Kuster'.split(
    ' ',
  );

const NAMED: readonly [form: string, (name: string) => string][] = [
  ['meu nome é', (name) => `oi, meu nome é ${name}, vim buscar uma receita`],
  ['meu nome é', (name) => `Meu nome é ${name}.`],
  ['me chamo', (name) => `Bom dia, me chamo ${name} e queria uma pomada`],
  ['sou a / sou o', (name) => `sou a ${name}, liguei mais cedo`],
  ['aqui é', (name) => `Aqui é o ${name}, tudo bem?`],
  ['senhor / senhora', (name) => `separei para o senhor ${name} o xarope`],
  ['senhor / senhora', (name) => `Essa caixa é da senhora ${name}, viu?`],
  ['dona / seu', (name) => `a dona ${name} já passou aqui hoje`],
  ['dona / seu', (name) => `Seu ${name}, chegou o remédio`],
  ['em nome de', (name) => `a encomenda está em nome de ${name}, pode ver?`],
];

/** One sentence with a name after an announcement, with capitals or all in small letters. */
export function namesSaid(random: Random): { said: string; name: string; form: string } {
  const name = random() < 0.5 ? pick(random, FIRST) : `${pick(random, FIRST)} ${pick(random, LAST)}`;
  const [form, say] = pick(random, NAMED);
  const isSmall = random() < 0.3;
  const said = say(name);
  return { said: isSmall ? said.toLowerCase() : said, name, form: `${form}${isSmall ? ', sem maiúsculas' : ''}` };
}

const DOMAINS = ['gmail', 'hotmail', 'outlook', 'yahoo', 'uol', 'terra'];

/** One sentence with an address, written or spelt out, and what of it must be gone. */
export function emailSaid(random: Random): { said: string; secret: string[] } {
  const first = pick(random, FIRST).normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const last = pick(random, LAST).normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const domain = pick(random, DOMAINS);
  const address = `${first}.${last}@${domain}.com`;
  const said = pick(random, [
    `meu e-mail é ${address}`,
    `manda no ${address.toUpperCase()} por favor`,
    `o email é ${first} ponto ${last} arroba ${domain} ponto com`,
    `pode mandar para ${first} underline ${last} arroba ${domain} ponto com ponto br`,
    `é ${first} ${last} arroba ${domain} ponto com`,
    `Anota: ${first}${last}@${domain}.com.br, tá?`,
  ]);
  return { said, secret: [first, last] };
}

const PLAIN = `
Tem dipirona de 500 miligramas?
Toma um comprimido de oito em oito horas.
São dez reais, dinheiro ou cartão?
Vai dar quarenta e cinco e noventa no débito.
Ficou em R$ 123,45 com o desconto.
Quero dois comprimidos de paracetamol 750 mg.
Minha filha tem 3 anos e está com 38,5 de febre.
Ele pesa doze quilos e meio.
Tem de 500, 750 e 1000 miligramas.
A caixa com 30 comprimidos sai por 22,90.
Duas gotas em cada olho, três vezes ao dia.
O protetor fator 50 ou fator 70?
Vitamina D de 2000 UI ou de 7000 UI?
Vitamina B12 e ômega 3, tem?
Meia hora antes do almoço.
Meu filho de oito meses está com tosse.
A pressão dele estava doze por oito.
Estou com dor de cabeça desde ontem às sete da noite.
Pode parcelar em três vezes sem juros.
Leva três e paga dois.
O senhor tem alergia a algum remédio?
A senhora vai querer mais alguma coisa?
É para o senhor mesmo?
Sou a favor de tomar um chazinho.
Sou o próximo da fila?
Sou alérgica a dipirona.
Eu sou diabético, posso tomar?
Aqui é a farmácia, bom dia!
Aqui é o caixa?
Seu remédio chegou.
Seu Dorflex está no balcão.
O nome é Neosaldina, acho.
O nome é aquele que termina com ol.
Tem genérico de losartana?
Quero um Tylenol e um Vick.
Me vê um Benegrip, por favor.
Obrigado, Deus abençoe.
Obrigada, tchau!
Oi, tudo bem?
Bom dia, seja bem vindo.
Quero uma pomada para assadura.
A dona da loja não está.
O doutor receitou amoxicilina de 500.
A doutora passou soro fisiológico.
Falar com o farmacêutico, por favor.
Fala com a moça do caixa.
Tem fralda tamanho M com 80 unidades?
Uma caixa de luvas com 100.
Quantos dias? Cinco, sete ou dez?
Um ou dois por dia.
De 6 em 6 horas ou de 8 em 8?
Faz uns quinze dias que estou assim.
Ela vai fazer 85 anos em março.
Em 2024 eu tomei essa vacina.
Abre das oito às vinte e duas horas.
A receita do médico está aqui.
O cliente pediu o maior.
Meu marido está com azia.
Minha mãe está com muita tosse seca.
Com a senhora vai dar certo.
Passa no crédito ou no débito?
CPF na nota? Não precisa.
Quer CPF na nota? Não, obrigado. Então são vinte e três e cinquenta.
Seu telefone descarregou?
O código do produto não passou.
Tem troco para cem?
O litro sai por dezoito reais.
Pacote com oito sabonetes.
Dois pacotes de algodão de 50 gramas.
Comprei há dois ou três meses.
Xarope de 120 ml, cinco ml de 12 em 12 horas.
Gaze, esparadrapo e soro, mais nada.
Seringa de 3 ml e agulha 25 por 7.
Água oxigenada de 10 volumes.
Álcool 70, um litro.
Álcool em gel de 500 gramas.
Repelente para bebê de seis meses.
Colágeno com 30 sachês.
Glicosímetro com 50 tiras.
O termômetro está marcando trinta e oito e dois.
Isso, uma só.
Pode ser a de vinte e oito comprimidos.
É o de dez miligramas, não o de vinte.
Leite ninho ou Nan?
Sal de fruta Eno, dois.
Sempre Livre com abas.
Shampoo Johnson para o bebê.
Creme Nivea da latinha azul.
Granado em pó.
Leite de rosas, tem?
Yasmin, uma cartela.
Diane 35, uma caixa.
Preciso de Puran de 88.
Selozok de 25, duas caixas.
Glifage XR 500.
Qual o preço desse?
Tem aquela bolacha Maria para diabético?
`;

/** Counter talk without anybody's data: the sentences above, the recorded conversation, and the dialogues of the eval. */
export function plainSentences(read: (path: URL) => string): { sentences: string[]; dialogues: string[] } {
  const fixture = (name: string) => JSON.parse(read(new URL(`../fixtures/${name}`, import.meta.url))) as unknown;
  const script = fixture('conversation/roteiro.json') as { utterances: { text: string }[] };
  const sets = ['dev', 'test'].flatMap((set) => fixture(`eval/${set}.json`) as { turns: string[] }[]);
  return {
    sentences: [...PLAIN.trim().split('\n'), ...script.utterances.map(({ text }) => text)],
    dialogues: sets.flatMap(({ turns }) => turns),
  };
}
