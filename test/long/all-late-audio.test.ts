import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { accountOf } from '../demo/account.ts';
import { startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, type RunningBalto, startBalto } from '../helpers/balto.ts';
import { conversation } from '../helpers/conversation.ts';
import { inOrder, Seen } from '../helpers/seen.ts';
import { pcmBetween, spokenUntil } from '../helpers/talk.ts';
import { TcpProxy } from '../helpers/tcp-proxy.ts';

/** Two sentences, spoken at their own pace. */
const UNTIL_MS = 10_800;
const SPOKEN = spokenUntil(UNTIL_MS);
const STEP_MS = 100;
/** In the middle of a word nothing comes for so long. */
const STALLS_MS = [2300, 3100];

/** One long word of each of the first sentences, cut in its middle; another one for each counter. */
function stallsAt(counter: number): { atMs: number; forMs: number }[] {
  return SPOKEN.slice(0, STALLS_MS.length).map(({ words }, index) => {
    const long = words.filter(({ startMs, endMs }) => endMs - startMs >= 250);
    const word = long[counter % long.length];
    if (!word) throw new Error('no word is long enough');
    return { atMs: (word.startMs + word.endMs) / 2, forMs: STALLS_MS[index] ?? 0 };
  });
}

/** How the bytes of a counter are held up: by the device, which lives on and answers pings, or on their way. */
type Way = 'device' | 'network';

interface Talk {
  way: Way;
  protocol: 1 | 2;
  counter: number;
}

/** Says the sentences as they were spoken; what was held up comes at once. Resolves when all is said and answered. */
async function says(house: RunningBalto, { way, protocol, counter }: Talk): Promise<string> {
  const proxy = new TcpProxy({ host: '127.0.0.1', port: house.port });
  await proxy.open();
  const hello = protocol === 2 ? { protocolo: 2, audio: { formato: 'pcm_s16le' } } : {};
  const opened = once(house.observer, 'opened') as Promise<[{ sessionId: string }]>;
  const { socket } = await connectCounter(`ws://127.0.0.1:${proxy.port}/ws`, house.apiKey, hello);
  const [{ sessionId }] = await opened;
  const begun = performance.now();
  const stalls = stallsAt(counter);
  for (let atMs = 0; atMs < UNTIL_MS; atMs += STEP_MS) {
    await sleep(Math.max(0, begun + atMs - performance.now()));
    // Up to the sample in the middle of the word, and what was held up at once after it.
    const cut = stalls.find((each) => each.atMs > atMs && each.atMs < atMs + STEP_MS);
    if (cut) {
      socket.send(pcmBetween(atMs, cut.atMs));
      await sleep(Math.max(0, begun + cut.atMs - performance.now()));
      if (way === 'device') await sleep(cut.forMs);
      else {
        proxy.hold();
        void sleep(cut.forMs).then(() => proxy.letGo());
      }
      socket.send(pcmBetween(cut.atMs, atMs + STEP_MS));
    } else socket.send(pcmBetween(atMs, Math.min(UNTIL_MS, atMs + STEP_MS)));
  }
  await sleep(500);
  socket.send(JSON.stringify({ comando: 'fim' }));
  await sleep(1000);
  socket.close(1000);
  await once(socket, 'close');
  await proxy.shut();
  return sessionId;
}

async function heardWhole(t: Test, house: RunningBalto): Promise<void> {
  const seen = new Seen(house.observer);
  const talks: Talk[] = (['device', 'network'] as const).flatMap((way, index) =>
    ([1, 2] as const).map((protocol) => ({ way, protocol, counter: 2 * index + protocol })),
  );
  const sessions: Promise<string>[] = [];
  for (const talk of talks) {
    sessions.push(says(house, talk));
    // Each session is known by the moment it opened.
    await seen.until(({ opened }) => opened === sessions.length);
  }
  const ids = await Promise.all(sessions);
  await seen.until(({ closed }) => closed === talks.length);
  const script = { ...conversation().script, utterances: SPOKEN };
  for (const [index, { way, protocol }] of talks.entries()) {
    const told = inOrder(seen.utterances.filter(({ sessionId }) => sessionId === ids[index]));
    const { lost, repeated, foreign } = accountOf(
      script,
      told.map(({ text }) => text),
    );
    t.same({ lost, repeated, foreign }, { lost: [], repeated: [], foreign: [] }, `protocol ${protocol}, ${way}`);
    t.comment(told.map(({ utterance, text }) => `${utterance.cutReason} ${utterance.overlapsPrevious} ${text}`));
    const last = told.at(-1)?.utterance.endSample ?? 0;
    t.ok(last <= UNTIL_MS * 16, 'what was only late took no time of its own');
  }
}

t.test('a word whose bytes are held up in its middle is heard once and whole: by a vendor of uploads', async (t) => {
  const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
  await heardWhole(t, await startBalto(t, { vendors: { elevenlabs }, env: { MOCK_RECOMMENDATION: '1' } }));
});

t.test('by one that streams', async (t) => {
  const deepgram = await startDeepgram({ listening: new Coverage(await wavReference()) });
  await heardWhole(t, await startBalto(t, { vendors: { deepgram }, env: { MOCK_RECOMMENDATION: '1' } }));
});
