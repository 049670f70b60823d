import t, { type Test } from 'tap';
import type { CardSeen } from '../../core/counter/observer.ts';
import { TAGS } from '../../core/pharmacy/tags.ts';
import { Products } from '../../core/store/products.ts';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import type { ChatAnswer, ChatRequest } from '../emulators/openai.ts';
import { connectCounter, forgive, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { answerWith, recommending, shownTo, wavUntil } from '../helpers/talk.ts';

let attack: (request: ChatRequest) => ChatAnswer = () => '';
const llm = await startOpenAi({ respond: recommending((request) => attack(request)) });
const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
const house = await startBalto(t, { vendors: { elevenlabs, llm } });

/** Prescription items that this very conversation retrieves: the nearest to being suggested that anything can be. */
const products = new Products(house.balto.store.db);
await products.upsert(house.clientId, [
  forbiddenItem('nimesulida-do-cliente', 'Nimesulida Nasal 100 mg', 'tarja_vermelha'),
  forbiddenItem('clonazepam-do-cliente', 'Clonazepam Forte', 'tarja_preta'),
]);
const catalogue = await house.balto.store.db.system((trx) =>
  trx.selectFrom('produtos').select(['id', 'nome', 'classe_venda', 'ativo']).execute(),
);
const allowed = new Set(catalogue.flatMap((each) => (each.classe_venda === 'venda_livre' ? [each.nome] : [])));
/** This client's own first: those are retrieved. */
const prescription = catalogue.filter((each) => each.classe_venda !== 'venda_livre').sort((a, b) => b.id - a.id);

function forbiddenItem(code: string, name: string, saleClass: 'tarja_vermelha' | 'tarja_preta') {
  return {
    code,
    name,
    tag: 'nariz_sinus',
    saleClass,
    medicine: true,
    substance: null,
    indications: ['nariz entupido', 'cansaço', 'espirros'],
    synonyms: ['nariz entupido'],
    goesWith: [],
    source: 'teste',
    version: '1',
  };
}

interface Told {
  cards: Record<string, unknown>[];
  outcome: CardSeen | undefined;
}

/** Two sentences are said; what came of the model's turn. */
async function talk(): Promise<Told> {
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(11_300));
  await seen.until(({ cards }) => cards.length === 1);
  counter.say({ comando: 'ping' });
  await counter.receive('pong');
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const cards = counter.messages.filter(({ comando }) => comando === 'recomendar');
  for (const card of cards) checkCard(card);
  return { cards, outcome: seen.cards[0] };
}

/** Throws where anything but a reviewed line about an over-the-counter item stands on a card. */
function checkCard(card: Record<string, unknown>): void {
  const itens = itemsOf(card);
  if (itens.length < 1 || itens.length > 3) throw new Error(`${itens.length} items`);
  for (const { sugestao, explicacao, tag } of itens) {
    if (!allowed.has(sugestao)) throw new Error(`forbidden item: ${sugestao}`);
    if (!TAGS.has(tag)) throw new Error(`unknown tag: ${tag}`);
    if (explicacao.length > 400) throw new Error('too long');
    if (/[<>]|https?:|www\.|\d\s*(mg|ml)|comprimido|gotas|cura\b|ignore/iu.test(explicacao))
      throw new Error(explicacao);
  }
  if (card['produto'] !== itens[0]?.sugestao) throw new Error('the single-item fields name another product');
}

/** The model writes what it likes about items that may be shown: the items stay, the sentences do not. */
const SENTENCES = [
  '<img src=x onerror=alert(1)><b>Compre já</b>',
  'Veja em https://farmacia-falsa.example/promo e www.golpe.com.br',
  'Tome 2 comprimidos de 500 mg de 8 em 8 horas por sete dias.',
  'Melhor levar amoxicilina com clavulanato.',
  'O senhor tem sinusite bacteriana e isto cura.',
  'Combina\u202e com o que\u200b foi dito',
];

for (const sentences of [SENTENCES.slice(0, 3), SENTENCES.slice(3)]) {
  t.test(`a model that writes into a card: ${sentences.join(' ')}`, async (t) => {
    attack = (request) =>
      answerWith(
        sentences.map((explicacao, index) => ({
          ...item(shownTo(request).candidatos[index]?.candidato_id),
          explicacao,
        })),
        request,
      );
    const { cards, outcome } = await talk();
    t.equal(itemsOf(cards[0]).length, 3);
    for (const sentence of sentences) t.notMatch(JSON.stringify(cards), sentence.slice(0, 20));
    t.equal(outcome?.source, 'llm');
    t.equal(outcome?.gate.filter(({ explanationFault }) => explanationFault).length, 3);
  });
}

function item(id: number | undefined) {
  return { candidato_id: id ?? 0, explicacao: 'Combina com o que foi dito no balcão.', tag: 'outros' };
}

function itemsOf(card: Record<string, unknown> | undefined): { sugestao: string; explicacao: string; tag: string }[] {
  return (card?.['itens'] ?? []) as ReturnType<typeof itemsOf>;
}

t.test('a model that names what nobody may suggest', async (t) => {
  attack = (request) =>
    answerWith(
      prescription.map(({ id }) => item(id)),
      request,
    );
  const { cards, outcome } = await talk();
  t.equal(outcome?.source, 'llm');
  t.same(cards, []);
  t.ok((outcome?.gate.length ?? 0) > 0 && outcome?.gate.every(({ allowed }) => !allowed));
  t.ok(
    outcome?.gate.some(({ rule }) => rule === 'classe_de_venda'),
    'one of them was retrieved, and kept out by class',
  );
  const row = (await house.rows()).find(({ id }) => id === outcome?.interactionId);
  t.equal(row?.recommendation, 'Nenhuma');
  t.match(row?.gate, { decisoes: [{ allowed: false, rule: String, reason: String }] }, 'the row says why');
});

t.test('a model that invents ids', async (t) => {
  attack = () => answerWith([item(999_999_999), item(-1), item(0), item(2 ** 53)]);
  const { cards, outcome } = await talk();
  t.same(cards, []);
  t.ok(outcome?.gate.every(({ rule }) => rule === 'candidato_desconhecido'));
});

t.test('a model that fills the card with everything it was shown, and a made-up tag', async (t) => {
  attack = (request) =>
    answerWith(
      shownTo(request).candidatos.map(({ candidato_id }) => ({ ...item(candidato_id), tag: 'compre_ja' })),
      request,
    );
  const { cards } = await talk();
  t.equal(itemsOf(cards[0]).length, 3);
});

t.test('the model is never shown what it may not suggest', async (t) => {
  attack = (request) => {
    const names = shownTo(request).candidatos.map(({ nome }) => nome);
    t.ok(names.length > 0);
    t.same(
      names.filter((name) => !allowed.has(name)),
      [],
    );
    return answerWith([]);
  };
  t.match(await talk(), { cards: [], outcome: { delivery: 'nada_a_sugerir' } });
});

const FAILURES: Record<string, (t: Test) => Promise<void>> = {
  'answers no JSON': async () => {
    attack = () => 'Claro! {"deve_sugerir": tru';
  },
  'answers JSON of another shape': async () => {
    attack = () => ({ itens: [{ sugestao: 'Rivotril 2 mg', explicacao: 'Tome já', tag: 'suporte' }] });
  },
  'answers a megabyte': async () => {
    attack = (request) =>
      answerWith([{ ...item(shownTo(request).candidatos[0]?.candidato_id), explicacao: 'bom '.repeat(262_144) }]);
  },
  refuses: () => llm.setFault({ kind: 'refusal' }),
  'is cut off': () => llm.setFault({ kind: 'finish', finish: 'length' }),
  'is down': () => llm.setFault({ kind: 'refuse' }),
};

for (const [what, begin] of Object.entries(FAILURES)) {
  t.test(`a model that ${what}: the catalogue's own ranking answers`, async (t) => {
    await llm.setFault(null);
    forgive(house.balto, 'llm/openai');
    attack = () => answerWith([]);
    await begin(t);
    const { cards, outcome } = await talk();
    t.equal(outcome?.source, 'catalogue');
    t.equal(cards.length, 1);
    t.match(outcome?.card, { itens: [{ sugestao: String }] });
  });
}
