import t from 'tap';
import type { Interaction } from '../../core/store/interaction.ts';
import { startDeepgram, startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, type RunningBalto, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { obedientModel, rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

/** In the middle of the second sentence: after "nariz entupido", long before its end. */
const CUT_MS = 8200;
const reference = await wavReference();
const [, SECOND] = spokenUntil(10_000);

async function cutOff(house: RunningBalto, how: 'close' | 'terminate'): Promise<Seen> {
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(CUT_MS));
  await seen.until(({ utterances }) => utterances.length === 1);
  counter.socket[how]();
  await seen.until(({ closed }) => closed === 1);
  return seen;
}

const coverage = new Coverage(reference);
// Slower than the way from the socket's end to the flush: what is said last is answered after the counter has gone.
const elevenlabs = await startElevenLabs({ listening: coverage, latencyMs: 80 });
const llm = await startOpenAi({ respond: obedientModel() });
const batchHouse = await startBalto(t, { vendors: { elevenlabs, llm } });

/** The rows of the one session that `seen` saw. */
async function rowsOf(house: RunningBalto, seen: Seen): Promise<Interaction[]> {
  return (await house.rows()).filter(({ sessionId }) => sessionId === seen.utterances[0]?.sessionId);
}

for (const how of ['close', 'terminate'] as const) {
  t.test(`a counter that goes (${how}) in mid-utterance loses nothing`, async (t) => {
    coverage.clear();
    const seen = await cutOff(batchHouse, how);
    const rows = await rowsOf(batchHouse, seen);
    t.match(rows, [
      { segment: 1, cutReason: 'silence_end' },
      { segment: 2, cutReason: 'disconnect', interactionType: 'valid', recommendation: null, tsClientSent: null },
    ]);
    const said = SECOND?.words.filter(({ endMs }) => endMs <= CUT_MS).map(({ text }) => text) ?? [];
    t.ok(said.length >= 3);
    t.equal(rows[1]?.transcript, said.join(' '), 'what was heard is finished and transcribed');
    const heard = [{ startSample: (SECOND?.startMs ?? 0) * 16, endSample: CUT_MS * 16 }];
    t.same(coverage.report({ within: heard }).missing, [], 'to its last sample');
    t.same(llm.requests, [], 'the model is not called for a counter that is gone');
    t.same(seen.cards, []);
  });
}

t.test('a card that is being made when the counter goes is stored, unsent', async (t) => {
  await llm.setFault({ kind: 'latency', ms: 5000 });
  const seen = new Seen(batchHouse.observer);
  const asked = llm.nextRequest();
  const counter = await connectCounter(batchHouse.ws, batchHouse.apiKey);
  await streamFile(counter.socket, wavUntil(14_200));
  await asked;
  counter.socket.terminate();
  await seen.until(({ closed }) => closed === 1);
  const rows = await rowsOf(batchHouse, seen);
  t.equal(rows.filter(({ tsClientSent }) => tsClientSent !== null).length, 0);
  t.match(rows.find(({ gate }) => gate !== null)?.gate, { entrega: String }, 'the row says why not');
  t.equal(llm.requests.length, 1);
  t.equal(seen.text, textOf(spokenUntil(14_200)).slice(0, seen.text.length));
});

t.test('a counter that goes while its words are streamed loses nothing', async (t) => {
  coverage.clear();
  const deepgram = await startDeepgram({ listening: coverage, latencyMs: 20 });
  const house = await startBalto(t, { vendors: { deepgram } });
  const seen = await cutOff(house, 'terminate');
  const rows = await house.rows();
  t.match(rows, [
    { segment: 1, sttModel: 'deepgram' },
    { segment: 2, cutReason: 'disconnect', sttModel: 'deepgram', recommendation: null },
  ]);
  t.ok(textOf(SECOND ? [SECOND] : []).startsWith(rows[1]?.transcript ?? '-'));
  t.same(coverage.report({ within: rangesOf(spokenUntil(5000)) }).missing, []);
  t.same(seen.lost, []);
});
