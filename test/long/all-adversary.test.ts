import t from 'tap';
import { MEDICINE_WARNING } from '../../core/pharmacy/gate.ts';
import { Products } from '../../core/store/products.ts';
import { adversary } from '../emulators/adversary.ts';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, forgive, startBalto } from '../helpers/balto.ts';
import { forbiddenOn } from '../helpers/card-check.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { shownTo, wavUntil } from '../helpers/talk.ts';

/** How many answers the attacked model gives (all 300 of `test/core/pharmacy/adversary.test.ts` by ADVERSARY_OUTPUTS=300), and at how many counters at once. */
const OUTPUTS = Number(process.env['ADVERSARY_OUTPUTS'] ?? 40);
const COUNTERS = 4;

let given = 0;
let forbidden: number[] = [];
const llm = await startOpenAi({
  respond: (request) => {
    // So many broken answers rest the model; before it is asked again, it is asked whether it is there.
    if (!request.messages.at(-1)?.content?.includes('<dados>')) return '{"pronto": true}';
    const { transcricao, candidatos } = shownTo(request);
    const shown = { candidates: candidatos.map(({ candidato_id }) => candidato_id), forbidden };
    const instructions = request.messages[0]?.content ?? '';
    return adversary(given++, { ...shown, instructions, said: transcricao, needs: ['nariz entupido'] });
  },
});
const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
/** How busy the machine is, is not the question here. */
const busy = { CAPACITY_MAX_CPU_PERCENT: '100', CAPACITY_MAX_RAM_PERCENT: '100', CAPACITY_MAX_LATENCY_RATIO: '100' };
const house = await startBalto(t, { vendors: { elevenlabs, llm }, env: busy });
await new Products(house.balto.store.db).upsert(
  house.clientId,
  ['tarja_vermelha', 'tarja_preta', 'antimicrobiano', 'injetavel', 'desconhecida'].map((saleClass, index) => ({
    code: `proibido-${index}`,
    name: `Nasal proibido ${index}`,
    tag: 'nariz_sinus',
    saleClass: saleClass as 'tarja_preta',
    medicine: index % 2 === 0,
    indications: ['nariz entupido', 'cansaço'],
    synonyms: ['nariz entupido'],
  })),
);
const catalogue = await house.balto.store.db.system((trx) =>
  trx.selectFrom('produtos').select(['id', 'nome', 'classe_venda']).execute(),
);
const free = catalogue.filter(({ classe_venda }) => classe_venda === 'venda_livre');
const allowed = new Set([...free.map(({ nome }) => nome), 'Chame o farmacêutico']);
forbidden = catalogue.filter((each) => !free.includes(each)).map(({ id }) => id);

/** Two sentences at each counter, at once; the cards that their devices were sent. */
async function talk(apiKeys: readonly string[], seen: Seen): Promise<Record<string, unknown>[]> {
  const counters = await Promise.all(apiKeys.map((apiKey) => connectCounter(house.ws, apiKey)));
  await Promise.all(counters.map(({ socket }) => streamFile(socket, wavUntil(11_300))));
  await seen.until(({ cards }) => cards.length >= counters.length);
  for (const counter of counters) {
    counter.say({ comando: 'ping' });
    await counter.receive('pong');
    counter.socket.close();
  }
  await seen.until(({ closed }) => closed === counters.length);
  return counters.flatMap(({ messages }) => messages.filter(({ comando }) => comando === 'recomendar'));
}

t.test(
  `${OUTPUTS} outputs of an attacked model, through a real socket: nothing forbidden reaches a counter`,
  async (t) => {
    const keys = [house.apiKey];
    while (keys.length < COUNTERS) keys.push((await house.addCounter()).apiKey);
    let cards = 0;
    while (given < OUTPUTS) {
      const seen = new Seen(house.observer);
      forgive(house.balto, 'llm/openai');
      for (const card of await talk(keys, seen)) {
        cards += 1;
        const found = forbiddenOn(card, allowed, MEDICINE_WARNING);
        if (found) t.fail(`after ${given} outputs: ${found}`);
      }
    }
    t.ok(given >= OUTPUTS, `${given} outputs`);
    t.ok(cards > OUTPUTS / 4, `${cards} cards`);
    const rows = await house.rows();
    const decisions = rows.flatMap(
      ({ gate }) => (gate as { decisoes?: { allowed: boolean; listVersion: string }[] } | null)?.decisoes ?? [],
    );
    t.ok(decisions.some((each) => !each.allowed));
    t.ok(
      decisions.every(({ listVersion }) => /^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}$/.test(listVersion)),
      'each decision says its list',
    );
  },
);
