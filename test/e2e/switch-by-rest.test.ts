import t from 'tap';
import type { Interaction } from '../../core/store/interaction.ts';
import { startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { pcmBetween, rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

/** In the middle of the second utterance; between the third and the fourth; after the fourth. */
const [CHANGE_MS, BACK_MS, UNTIL_MS] = [8000, 14_200, 24_300];
const SPOKEN = spokenUntil(UNTIL_MS);

async function until<T>(look: () => Promise<T>, holds: (found: T) => boolean): Promise<T> {
  for (const startedAt = performance.now(); ; ) {
    const found = await look();
    if (holds(found)) return found;
    if (performance.now() - startedAt > 30_000) throw new Error(`never came: ${JSON.stringify(found).slice(0, 300)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

t.test(
  'one REST call moves the next utterance to another vendor, one takes it back, and no word is lost',
  async (t) => {
    const coverage = new Coverage(await wavReference());
    const deepgram = await startDeepgram({ listening: coverage });
    const elevenlabs = await startElevenLabs({ listening: coverage });
    const env = { MOCK_RECOMMENDATION: '1', SMART_ROUTING_ENABLED: '0' };
    const balto = await startBalto(t, { vendors: { deepgram, elevenlabs }, env });
    const api = apiOf(balto.url, await balto.login());
    const counter = await connectCounter(balto.ws, balto.apiKey);
    const rows = async (): Promise<Interaction[]> => {
      const { rows: found } = await balto.balto.store.interactions.list({ counterId: balto.counterId }, 50);
      return found.sort((a, b) => a.segment - b.segment);
    };
    const session = async () => (await api('GET', '/sessions')).body.items[0];
    const explained = async () => (await api('POST', '/routing/explain', { counterId: balto.counterId })).body.decision;

    await streamFile(counter.socket, wavUntil(CHANGE_MS));
    const underWay = rangesOf(SPOKEN)[1]?.startSample ?? 0;
    const begun = { startSample: underWay, endSample: underWay + 16_000 };
    await until(
      async () => coverage.report({ within: [begun] }).missing.length,
      (missing) => missing === 0,
    );
    const body = { use: ['stt/elevenlabs'], why: 'troca ao meio-dia', activate: true };
    const put = await api('PUT', `/clients/${balto.clientId}/providers/stt`, body);
    t.match(put, { status: 200, body: { layer: 'client', changed: true } });
    t.match(await explained(), { candidates: ['stt/elevenlabs'] }, 'explain tells the truth');
    await streamFile(counter.socket, pcmBetween(CHANGE_MS, BACK_MS));
    const [, , third] = await until(rows, ({ length }) => length >= 3);
    t.match(await session(), {
      counterId: balto.counterId,
      configVersion: put.body.version,
      providers: { stt: 'stt/elevenlabs' },
      lastUtteranceAt: String,
      bytes: wavUntil(BACK_MS).byteLength,
    });
    const detail = (await api('GET', `/interactions/${third?.id}`)).body;
    t.match(detail, { provider: 'stt/elevenlabs', configVersion: put.body.version, decision: { rule: 'lista' } });
    t.ok(detail.costs.length > 0, 'and what it cost');

    const back = { clientId: balto.clientId, why: 'não deu certo' };
    t.equal((await api('POST', `/versions/${put.body.version - 1}/rollback`, back)).status, 200);
    t.match(await explained(), { candidates: ['stt/deepgram', 'stt/elevenlabs'] });
    await streamFile(counter.socket, pcmBetween(BACK_MS, UNTIL_MS));
    counter.say({ comando: 'fim' });
    const heard = await until(rows, (found) => found.length >= SPOKEN.length);

    t.same(
      heard.map(({ sttModel }) => sttModel),
      ['deepgram', 'deepgram', 'elevenlabs', 'deepgram'],
      'what was being spoken ends where it began',
    );
    t.equal(heard.map(({ transcript }) => transcript).join(' '), textOf(SPOKEN), 'every word once');
    const { missing, heardTwice } = coverage.report({ within: rangesOf(SPOKEN) });
    t.same([missing, heardTwice], [[], []]);
    t.equal(counter.socket.readyState, counter.socket.OPEN, 'no connection was dropped');
    counter.socket.close();
  },
);
