import { createHash } from 'node:crypto';
import t from 'tap';
import { startElevenLabs } from '../emulators/index.ts';
import { Coverage, type CoverageReference } from '../emulators/listening/coverage.ts';
import { type Listening, NOTHING_HEARD } from '../emulators/listening/index.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { hashOf, rollOn, WINDOW } from '../emulators/listening/window-index.ts';
import { ADMIN_SECRET, connectCounter, serverEnv } from '../helpers/balto.ts';
import { conversation, streamFile } from '../helpers/conversation.ts';
import { temporaryFolder, testDatabase } from '../helpers/databases.ts';
import { seededRandom } from '../helpers/noises.ts';
import { registerCounter, startServer } from '../helpers/server-process.ts';
import { spokenUntil, wavUntil } from '../helpers/talk.ts';
import type { TestCounter } from '../helpers/ws-client.ts';

const FRAMES = Number(process.env['BALTO_RANDOM_FRAMES'] ?? 1_000_000);
const CONNECTIONS = 8;
const WAITING_BYTES = 262_144;
/** Decoders, pools and compiled code take their memory at the start; after this share of the frames it may hardly grow. */
const WARM_SHARE = 0.5;
const GROWTH_MB = 60;
const UNTIL_MS = 14_200;

t.setTimeout(1_800_000);

t.test(`${FRAMES} random frames disturb nobody`, async (t) => {
  const seed = Date.now() % 1_000_000;
  t.comment(`seed ${seed}`);
  const elevenlabs = await startElevenLabs({ listening: deafToNoise(await wavReference()) });
  t.teardown(() => elevenlabs.close());
  const env = serverEnv(await testDatabase(t), { elevenlabs });
  const server = await startServer({ ...env, MOCK_RECOMMENDATION: '1' }, await temporaryFolder(t));
  t.teardown(() => server.kill());
  const own = await registerCounter(server.url);
  const guest = await registerCounter(server.url, 'outra@farmacia.com.br');
  const neighbour = await connectCounter(server.ws, own.apiKey);

  let sent = 0;
  let [warm, highest] = [0, 0];
  const memory = setInterval(() => {
    const rss = server.rssBytes();
    if (sent < FRAMES * WARM_SHARE) warm = Math.max(warm, rss);
    highest = Math.max(highest, rss);
  }, 500);
  t.teardown(() => clearInterval(memory));
  const lines = Array.from({ length: CONNECTIONS }, (_, index) =>
    babble(
      () => connectCounter(server.ws, guest.apiKey),
      FRAMES / CONNECTIONS,
      seededRandom(seed + index),
      () => sent++,
    ),
  );
  for (let round = 0; round < 2; round++) {
    await streamFile(neighbour.socket, wavUntil(UNTIL_MS), { durationS: UNTIL_MS / 1000, speed: 2 });
    neighbour.say({ comando: 'fim' });
  }
  const closes = (await Promise.all(lines)).flat();
  clearInterval(memory);
  const said = Array.from({ length: 2 }, () => spokenUntil(UNTIL_MS)).flat();
  t.same(
    (await transcripts(server.url, own.counterId, said.length)).sort(),
    said.map(({ text }) => text).sort(),
    'the neighbour is heard, word for word',
  );

  t.ok(server.alive(), 'it still runs');
  t.same(
    server.output.filter((line) => /unexpected|unhandled|TypeError|RangeError|"level":(50|60)/iu.test(line)),
    [],
    'no unhandled rejection, no fault of ours',
  );
  const codes = new Set(closes);
  t.comment(`closed with ${[...codes].join(', ')}, ${closes.length} times`);
  t.same(
    [...codes].filter((code) => ![4000, 1005].includes(code)),
    [],
    'no 1011 among the close codes',
  );
  const [base, grown] = [warm, highest - warm].map((bytes) => Math.round(bytes / 1_048_576));
  t.ok(warm > 0 && (grown ?? 0) < GROWTH_MB, `${base} MB when warm, ${grown} MB more at most`);
});

/** What a counter said, once there are `count` rows of it; asked again every quarter of a second, for a minute. */
async function transcripts(url: string, counterId: string, count: number): Promise<string[]> {
  const login = await fetch(`${url}/admin/login`, { method: 'POST', body: JSON.stringify({ password: ADMIN_SECRET }) });
  const cookie = (login.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  let rows: { transcricao_completa: string }[] = [];
  for (let tries = 0; tries < 240 && rows.length < count; tries++) {
    const answer = await fetch(`${url}/api/data/interacoes?balcao_id=${counterId}`, { headers: { cookie } });
    rows = (await answer.json()) as typeof rows;
    if (rows.length < count) await new Promise((done) => setTimeout(done, 250));
  }
  return rows.map((row) => row.transcricao_completa);
}

/** Listens only to what is, bit by bit, the conversation: searching noise for it would take longer than the product takes. */
function deafToNoise(reference: CoverageReference): Listening {
  const coverage = new Coverage(reference);
  const isKnown = (pcm: Int16Array) => {
    let found = false;
    let hash = pcm.length < WINDOW ? 0 : hashOf(pcm, 0);
    for (let at = 0; at + WINDOW < pcm.length && !found; hash = rollOn(hash, pcm, at++)) {
      reference.index.lookUp(hash, pcm, at, () => {
        found = true;
      });
    }
    return found;
  };
  return {
    transcribe: (pcm, rate) => (isKnown(pcm) ? coverage.transcribe(pcm, rate) : NOTHING_HEARD),
    openStream: (rate) => coverage.openStream(rate),
  };
}

/** Sends `count` random frames, on a new connection whenever the server had enough of one. Returns the close codes. */
async function babble(
  open: () => Promise<TestCounter>,
  count: number,
  random: () => number,
  onSent: () => void,
): Promise<number[]> {
  const codes: number[] = [];
  let counter = await open();
  for (let sent = 0; sent < count; sent++) {
    if (counter.socket.readyState !== counter.socket.OPEN) {
      codes.push((await counter.closed).code);
      counter = await open();
    }
    const frame = randomFrame(random);
    if (counter.socket.bufferedAmount > WAITING_BYTES) await taken(counter, frame);
    else counter.socket.send(frame);
    onSent();
  }
  counter.socket.close();
  codes.push((await counter.closed).code);
  return codes;
}

/** Sends one frame and waits until the kernel has it, or the line is cut. */
async function taken({ socket, closed }: TestCounter, frame: string | Uint8Array): Promise<void> {
  await Promise.race([closed, new Promise<void>((done) => socket.send(frame, () => done()))]);
}

const { webm, wav } = conversation();
const WORDS = ['ping', 'pong', 'fim', 'pausar', 'retomar', 'feedback', 'auth', 'recomendar'];
const HEADERS = [webm.subarray(0, 60), wav.subarray(0, 44), Buffer.from('OggS'), Buffer.from([0x1f, 0x43, 0xb6, 0x75])];
const NOISE = createHash('shake256', { outputLength: 65_536 }).update('frames').digest();

/** Mostly small binary noise; now and then a piece of a real file, a header, a command, or text that is none. */
function randomFrame(random: () => number): string | Uint8Array {
  const kind = random();
  const start = Math.floor(random() * 60_000);
  const length = Math.floor(random() ** 6 * 4096);
  if (kind < 0.8) return NOISE.subarray(start, start + length);
  if (kind < 0.88) return webm.subarray(start, start + length);
  if (kind < 0.9) return HEADERS[Math.floor(random() * HEADERS.length)] ?? '';
  if (kind < 0.95) return JSON.stringify({ comando: WORDS[Math.floor(random() * WORDS.length)], interacao_id: start });
  return NOISE.toString('latin1', start, start + Math.min(length, 300));
}
