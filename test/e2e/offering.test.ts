import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Products } from '../../core/store/products.ts';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { answerWith, pcmBetween, recommending, shownTo, wavUntil } from '../helpers/talk.ts';

const OWN = 'Soro nasal da loja';
/** After the sentence about the nose, and after the one about the cough: a card each. */
const [FIRST_MS, SECOND_MS] = [11_300, 24_300];

/** A house whose model takes all it is shown; `shown`: the names of each question, in their order. */
async function open(t: Test) {
  const shown: string[][] = [];
  const respond = recommending((request) => {
    const { candidatos } = shownTo(request);
    shown.push(candidatos.map(({ nome }) => nome));
    // The shop's own first, so that it is among the few that a card holds.
    const own = [...candidatos].sort((a, b) => Number(b.nome === OWN) - Number(a.nome === OWN));
    const items = own.map(({ candidato_id, tag }) => ({
      candidato_id,
      tag,
      explicacao: 'Combina com o que foi dito.',
    }));
    return answerWith(items, request);
  });
  const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
  const house = await startBalto(t, { vendors: { elevenlabs, llm: await startOpenAi({ respond }) } });
  const item = { tag: 'nariz_sinus', saleClass: 'venda_livre', medicine: false, substance: null } as const;
  const indications = ['nariz entupido', 'tosse', 'dor de garganta', 'febre', 'cansaço'];
  const more = { indications, synonyms: [], goesWith: [], source: 'teste', version: '1' };
  await new Products(house.balto.store.db).upsert(house.clientId, [
    { code: 'soro-da-loja', name: OWN, ...item, ...more },
  ]);
  const api = apiOf(house.url, await house.login());
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  const say = async (part: 'first' | 'second') => {
    await streamFile(counter.socket, part === 'first' ? wavUntil(FIRST_MS) : pcmBetween(FIRST_MS, SECOND_MS));
    const cards = part === 'first' ? 1 : 2;
    await seen.until((all) => all.cards.length >= cards);
  };
  return { ...house, api, seen, counter, say, shown };
}

t.test('RESTRICT_PRODUCTS of one client, changed while a socket is open, holds at the next card', async (t) => {
  const { api, clientId, counter, say, shown } = await open(t);
  const path = `/clients/${clientId}/offering`;
  t.match((await api('GET', path)).body, { own: null, now: { restrictProducts: false, from: 'environment' } });
  await say('first');
  t.ok(shown[0]?.includes(OWN) && shown[0].length > 1, 'the starter is looked through too');
  const put = await api('PUT', path, { restrictProducts: true, why: 'só o que há na loja' });
  t.match(put, { status: 200, body: { changed: true, now: { restrictProducts: true, from: 'client' } } });
  await say('second');
  t.same(shown[1], [OWN], 'only what the client has');
  t.equal(counter.socket.readyState, counter.socket.OPEN);
  t.match((await api('DELETE', path, { why: 'volta' })).body, {
    now: { restrictProducts: false, from: 'environment' },
  });
  t.match((await api('PUT', '/global/offering', { restrictProducts: true, why: 'todos' })).body.now, {
    from: 'global',
  });
  t.match((await api('GET', path)).body, { own: null, now: { restrictProducts: true, from: 'global' } });
  t.match((await api('PUT', path, { restrictProducts: false, why: 'menos este' })).body.now, {
    restrictProducts: false,
  });
  t.equal((await api('PUT', path, { restrictProducts: 'sim', why: 'x' })).status, 400);
});

t.test("a pharmacist's restriction, made while a socket is open, holds at the next card", async (t) => {
  const { api, clientId, counter, say, seen, balto } = await open(t);
  await say('first');
  const decisions = (card: number) => seen.cards[card]?.gate.filter(({ name }) => name === OWN) ?? [];
  t.match(decisions(0), [{ allowed: true }]);
  const row = await balto.store.db.system((trx) =>
    trx.selectFrom('produtos').select('id').where('codigo', '=', 'soro-da-loja').executeTakeFirstOrThrow(),
  );
  const restriction = { kind: 'produto', target: String(row.id), why: 'lote recolhido' };
  const made = await api('POST', `/clients/${clientId}/restrictions`, restriction);
  t.equal(made.status, 201);
  await say('second');
  t.match(decisions(1), [{ allowed: false, rule: 'restricao', ruleId: made.body.id }]);
  // What was decided is told of before the device has it.
  const cards = () => counter.messages.filter(({ comando }) => comando === 'recomendar');
  while (cards().length < 2) await setTimeout(5);
  t.notMatch(JSON.stringify(cards()[1]?.['itens'] ?? []), OWN);
  t.equal(counter.socket.readyState, counter.socket.OPEN);
});
