import t from 'tap';
import type { Interaction } from '../../core/store/interaction.ts';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { obedientModel, pcmBetween, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

/** Three utterances and a card; then two more utterances, and with `fim` another card. */
const [FIRST_MS, UNTIL_MS] = [14_200, 29_500];
const OWN_KEY = 'chave-propria-do-cliente';
const by = { actor: 'admin:ana', why: 'contrato próprio' };

const coverage = new Coverage(await wavReference());
const house = {
  elevenlabs: await startElevenLabs({ listening: coverage }),
  llm: await startOpenAi({ respond: obedientModel() }),
};
const own = {
  elevenlabs: await startElevenLabs({ listening: coverage, apiKey: OWN_KEY }),
  llm: await startOpenAi({ respond: obedientModel(), apiKey: OWN_KEY }),
};
const balto = await startBalto(t, { vendors: house, env: { BALTO_EGRESS_ALLOW: '127.0.0.1' } });
for (const vendor of Object.values(own)) t.teardown(() => vendor.close());
const { config, store } = balto.balto;

t.test(
  'while its counter talks, a client gets keys, vendors and a model of its own, and listens otherwise',
  async (t) => {
    const { clientId, counterId } = balto;
    const seen = new Seen(balto.observer);
    const counter = await connectCounter(balto.ws, balto.apiKey);
    await streamFile(counter.socket, wavUntil(FIRST_MS));
    await seen.until(({ utterances, cards }) => utterances.length === 3 && cards.length > 0);
    t.equal(own.elevenlabs.requests.length + own.llm.requests.length, 0);

    const keep = async (vendor: string) =>
      (
        await store.credentials.add(
          { clientId, vendor, label: 'da farmácia', credential: { apiKey: OWN_KEY }, secret: OWN_KEY },
          by,
        )
      ).id;
    const [stt, llm] = [await keep('elevenlabs'), await keep('openai')];
    const of = (section: string, value: object) => ({ clientId, counterId: null, section, value });
    const houses = () => house.elevenlabs.requests.length + house.llm.requests.length;
    const before = houses();
    const changed = await config.change(
      [
        of('credentials.elevenlabs', { ids: [stt] }),
        of('credentials.openai', { ids: [llm] }),
        of('providers.stt', { settings: { 'stt/elevenlabs': { baseUrl: own.elevenlabs.url } } }),
        of('providers.llm', { settings: { 'llm/openai': { baseUrl: `${own.llm.url}/v1` } } }),
      ],
      by,
    );
    const updated = await store.counterChanges.update(counterId, { vad: { silenceFramesNeeded: 25 } }, by);
    t.ok(updated);
    // As long as it may take until every process knows.
    await new Promise((done) => setTimeout(done, 1000));

    await streamFile(counter.socket, pcmBetween(FIRST_MS, UNTIL_MS));
    counter.say({ comando: 'fim' });
    const spoken = spokenUntil(UNTIL_MS);
    await seen.until(({ text }) => text === textOf(spoken));
    await seen.until(({ utterances, cards }) => cards.some(({ segments }) => segments.includes(utterances.length)));
    t.equal(counter.socket.readyState, counter.socket.OPEN, 'on the same connection');
    t.equal(seen.text, textOf(spoken), 'every word once');
    t.equal(houses(), before, 'the house’s own vendors were asked nothing more');
    for (const vendor of Object.values(own)) {
      t.ok(vendor.requests.length > 0);
      t.ok(
        vendor.requests.every(({ authorized }) => authorized),
        'and no other key went there',
      );
    }
    counter.socket.close();
    await seen.until(({ closed }) => closed === 1);

    const rows = await balto.rows();
    const told = (row: Interaction | undefined) => [row?.configVersion, row?.silenceFramesNeeded];
    t.same(rows.slice(0, 3).map(told), Array(3).fill([changed.version - 1, 30]));
    t.same(rows.slice(3).map(told), Array(rows.length - 3).fill([changed.version, 25]));
    t.ok(rows.length > 4);
    t.notMatch(JSON.stringify(rows), OWN_KEY);
    t.notMatch(balto.log.join(''), OWN_KEY);
  },
);
