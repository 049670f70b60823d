import { once } from 'node:events';
import t from 'tap';
import { apiOf } from '../helpers/admin-api.ts';
import { connectCounter, type RunningBalto, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { wavUntil } from '../helpers/talk.ts';

const UNTIL_MS = 5000;

/** What a new session of the counter writes into its rows as the detector's strictness. */
async function heardWith(balto: RunningBalto, apiKey: string, counterId: string): Promise<(number | null)[]> {
  const counter = await connectCounter(balto.ws, apiKey);
  await streamFile(counter.socket, wavUntil(UNTIL_MS));
  const over = once(balto.observer, 'closed');
  counter.socket.close();
  await over;
  const rows = (await balto.rows()).filter((row) => row.counterId === counterId);
  const newest = rows.at(-1)?.sessionId;
  return rows.filter(({ sessionId }) => sessionId === newest).map(({ vadAggressiveness }) => vadAggressiveness);
}

t.test('a client chooses what its counters hear with: from their next connection on, and nobody else', async (t) => {
  const balto = await startBalto(t, {
    env: { BALTO_VAD: 'vad/silero', MOCK_VOICE: '1', MOCK_LATENCY_MIN: '0', MOCK_LATENCY_MAX: '0' },
  });
  const api = apiOf(balto.url, await balto.login());
  const other = await balto.addCounter();
  t.equal((await heardWith(balto, balto.apiKey, balto.counterId))[0], null, 'Silero has no such scale');

  const body = { use: ['vad/webrtc'], settings: { 'vad/webrtc': { mode: 2 } }, why: 'x', activate: true };
  t.match(await api('PUT', `/counters/${balto.counterId}/providers/vad`, body), { status: 200 });
  t.equal((await heardWith(balto, balto.apiKey, balto.counterId))[0], 2);
  t.equal((await heardWith(balto, other.apiKey, other.counterId))[0], null);

  const none = { use: [], why: 'silêncio bom', activate: true };
  t.match(await api('PUT', `/clients/${balto.clientId}/providers/cleaner`, none), { status: 200 });
  const effective = balto.balto.providers.configuration.for(balto.clientId, other.counterId);
  await balto.balto.providers.ears.load(effective);
  t.equal(balto.balto.providers.ears.of(effective).cleaner, null);
  t.ok(balto.balto.providers.ears.of(balto.balto.providers.configuration.global()).cleaner);
});
