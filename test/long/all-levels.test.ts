import t, { type Test } from 'tap';
import { connectCounter, type RunningBalto, startBalto } from '../helpers/balto.ts';

const RATE_HZ = 16_000;

interface LevelSeen {
  db: number;
  noiseDb: number;
  thresholdDb: number;
  probability: number | null;
  spoken: boolean;
}

/** 16-bit PCM of so much time; a tone of 440 Hz, or nothing. */
function pcm(seconds: number, amplitude: number): Buffer {
  const samples = Int16Array.from({ length: seconds * RATE_HZ }, (_, at) =>
    Math.round(amplitude * 32_767 * Math.sin((2 * Math.PI * 440 * at) / RATE_HZ)),
  );
  return Buffer.from(samples.buffer);
}

/** Events of the stream as they come; it ends with the server: a fetch that is broken off connects anew, and is waited for. */
async function watch(t: Test, balto: RunningBalto, cookie: string, query = '') {
  const answer = await fetch(`${balto.url}/api/v1/counters/${balto.counterId}/level${query}`, {
    headers: { cookie },
  });
  t.match(answer.headers.get('content-type'), 'text/event-stream');
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  return {
    /** The next event of this name. */
    async next(name: string): Promise<unknown> {
      for (;;) {
        const found = /event: (\w+)\ndata: (.*)\n\n/.exec(text);
        if (found) {
          text = text.slice(found.index + found[0].length);
          if (found[1] === name) return JSON.parse(found[2] ?? '');
        } else {
          const { done, value } = await reader.read();
          if (done) return null;
          text += decoder.decode(value, { stream: true });
        }
      }
    },
  };
}

t.test('whoever watches a counter is told how loud it is, against its threshold', async (t) => {
  const balto = await startBalto(t, { env: { BALTO_VAD: 'vad/webrtc' } });
  const cookie = await balto.login();
  const before = await watch(t, balto, cookie, '?seconds=0');
  t.same(await before.next('state'), { connected: false, here: false });
  t.equal(await before.next('state'), null, 'it ends');
  const counter = await connectCounter(balto.ws, balto.apiKey, { protocolo: 2, audio: { formato: 'pcm_s16le' } });
  await counter.receive('pronto');
  const seen = await watch(t, balto, cookie);
  t.same(await seen.next('state'), { connected: true, here: true });
  counter.socket.send(pcm(0.3, 0));
  const quiet = (await seen.next('level')) as LevelSeen;
  t.match(quiet, { db: -96, probability: null, spoken: false });
  counter.socket.send(pcm(1, 0.1));
  const levels: LevelSeen[] = [];
  while (!levels.some(({ probability }) => probability !== null)) levels.push((await seen.next('level')) as LevelSeen);
  const loud = levels.at(-1) as LevelSeen;
  t.ok(Math.abs(loud.db + 23) < 0.2, `a tone of a tenth of full scale is -23 dBFS: ${loud.db}`);
  // The floor begins at 100 and falls with what was silent; the threshold is 1.5 times as high.
  t.ok(Math.abs(loud.thresholdDb - loud.noiseDb - 20 * Math.log10(1.5)) < 0.2);
  t.ok(loud.thresholdDb < loud.db);
});

t.test('an ear tells nothing while nobody watches, and the counter of somebody else is not shown', async (t) => {
  const balto = await startBalto(t, { env: { BALTO_VAD: 'vad/webrtc' } });
  const cookie = await balto.login();
  const { levels } = balto.observer;
  const told: number[] = [];
  const stop = levels.watch(balto.counterId, ({ rms }) => told.push(rms));
  const counter = await connectCounter(balto.ws, balto.apiKey, { protocolo: 2, audio: { formato: 'pcm_s16le' } });
  await counter.receive('pronto');
  const hear = async () => {
    counter.messages.length = 0;
    counter.socket.send(pcm(0.9, 0.1));
    await counter.receive('ack');
  };
  await hear();
  const heard = told.length;
  t.ok(heard >= 8 && heard <= 10, `90 ms each, the last of them not decided yet: ${heard}`);
  stop();
  await hear();
  t.equal(told.length, heard);
  const meter = levels.open('another');
  t.equal(meter.isWatched, false);
  const forget = levels.watch('another', () => {});
  t.equal(meter.isWatched, true);
  forget();
  t.equal(meter.isWatched, false);
  meter.close();
  t.equal(levels.isHere('another'), false);
  const nobody = await fetch(`${balto.url}/api/v1/counters/${balto.counterId}/level`);
  t.equal(nobody.status, 401);
  const unknown = await fetch(`${balto.url}/api/v1/counters/none/level`, { headers: { cookie } });
  t.equal(unknown.status, 404);
});

t.test('a server that ends closes the streams', async (t) => {
  const balto = await startBalto(t);
  const seen = await watch(t, balto, await balto.login());
  await seen.next('state');
  await balto.close();
  t.equal(await seen.next('state'), null);
});
