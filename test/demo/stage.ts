import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { type Balto, createApp } from '../../core/app.ts';
import { Observer } from '../../core/counter/observer.ts';
import { listen } from '../../core/listen.ts';
import { ensureOwner } from '../../core/owner.ts';
import { Products } from '../../core/store/products.ts';
import { EMULATOR_KEY, type Emulator, startDeepgram, startElevenLabs, startXai } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { webmReference } from '../emulators/listening/references.ts';
import { conversation, type Script, streamFile, webmScript } from '../helpers/conversation.ts';
import { demoModel, type Temptation } from './model.ts';

/** How long the stand-ins take: what their originals usually do, in ms. */
const LATENCY_MS = { deepgram: 170, elevenLabs: 290 };
/** A recorder in a browser hands over what it has four times a second. */
const TIMESLICE_S = 0.25;
/** A prescription item that the conversation names. */
const TEMPTATION = 'losartana';

/** What the database gave back over REST. */
export interface StoredRows {
  /** `GET /api/data/interacoes`, oldest first. */
  listed: Record<string, unknown>[];
  /** `GET /api/data/balcao/{id}/metricas`, every column. */
  detailed: Record<string, unknown>[];
}

/** Everything the demo needs, on loopback and in a folder that goes away: vendors, Balto, one counter. */
export interface Stage {
  readonly script: Script;
  readonly durationS: number;
  readonly url: string;
  readonly observer: Observer;
  readonly vad: string;
  readonly database: string;
  /** Cards that reached the counter's socket. */
  readonly received: Record<string, unknown>[];
  /** Seconds of the recording sent so far. */
  positionS(): number;
  /** The counter speaks the recording, at `speed` times real time; resolves when everything said is answered and stored. */
  play(speed: number, signal: AbortSignal): Promise<void>;
  /** The streaming vendor's port is closed and its open connections are cut. */
  killStreamingVendor(): Promise<void>;
  rows(): Promise<StoredRows>;
  close(): Promise<void>;
}

/** @throws what creating the app throws; then everything that was started is stopped again. */
export async function openStage(): Promise<Stage> {
  const undo: (() => Promise<unknown>)[] = [];
  const close = async () => {
    const failures: unknown[] = [];
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    const dataDir = await mkdtemp(join(tmpdir(), 'balto-demo-'));
    undo.push(() => rm(dataDir, { recursive: true, force: true }));
    let temptation: Temptation | null = null;
    const vendors = await startVendors(() => temptation);
    undo.push(() => Promise.all(vendors.all.map((vendor) => vendor.close())));
    const password = randomBytes(18).toString('base64url');
    const observer = new Observer();
    const balto = await createApp({ env: environment(dataDir, password, vendors), observer });
    undo.push(() => balto.close());
    const { port } = await listen(balto.app, balto.environment);
    await Promise.all([balto.store.ready(), ensureOwner(balto, () => {}, null)]);
    const door = new Door(`http://127.0.0.1:${port}`, password);
    const counter = await door.register();
    temptation = await findTemptation(balto);
    return stageOf({ balto, observer, vendors, door, counter, close });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Vendors {
  deepgram: Emulator;
  elevenLabs: Emulator;
  xai: Emulator;
  all: Emulator[];
}

async function startVendors(temptation: () => Temptation | null): Promise<Vendors> {
  const reference = await webmReference();
  // Each its own ears: what one has heard is no secret the other may use.
  const [deepgram, elevenLabs, xai] = await Promise.all([
    startDeepgram({ listening: new Coverage(reference), latencyMs: LATENCY_MS.deepgram }),
    startElevenLabs({ listening: new Coverage(reference), latencyMs: LATENCY_MS.elevenLabs }),
    startXai({ respond: demoModel(temptation) }),
  ]);
  return { deepgram, elevenLabs, xai, all: [deepgram, elevenLabs, xai] };
}

/** The only variables Balto sees: nothing of the user's environment or `.env`, so that no real key is ever used here. */
function environment(dataDir: string, password: string, vendors: Vendors): Record<string, string> {
  return {
    PORT: '0',
    HOST: '127.0.0.1',
    BALTO_DATA_DIR: dataDir,
    BALTO_LOG_LEVEL: 'silent',
    ADMIN_SECRET: password,
    BALTO_STT: 'stt/deepgram,stt/elevenlabs',
    BALTO_LLM: 'llm/xai',
    DEEPGRAM_API_KEY: EMULATOR_KEY,
    DEEPGRAM_BASE_URL: vendors.deepgram.url,
    ELEVENLABS_API_KEY: EMULATOR_KEY,
    ELEVENLABS_BASE_URL: vendors.elevenLabs.url,
    XAI_API_KEY: EMULATOR_KEY,
    XAI_BASE_URL: `${vendors.xai.url}/v1`,
  };
}

/** The catalogue is seeded in the background; the item is looked for until it is there. */
async function findTemptation(balto: Balto): Promise<Temptation | null> {
  const products = new Products(balto.store.db);
  for (let tries = 0; tries < 200; tries++) {
    const [found] = await products.retrieve('', TEMPTATION, 5);
    if (found) {
      const all = await products.retrieve('', TEMPTATION, 40);
      const item = all.find(({ name }) => name.toLowerCase().startsWith(TEMPTATION));
      return item ? { candidateId: item.id, word: TEMPTATION } : null;
    }
    await sleep(50);
  }
  return null;
}

function stageOf(parts: {
  balto: Balto;
  observer: Observer;
  vendors: Vendors;
  door: Door;
  counter: { apiKey: string; counterId: string };
  close(): Promise<void>;
}): Stage {
  const { balto, observer, vendors, door, counter, close } = parts;
  const { script: recorded, webm } = conversation();
  const script = webmScript(recorded);
  const durationS = script.durationMs / 1000;
  const received: Record<string, unknown>[] = [];
  let begunMs: number | null = null;
  let speed = 1;
  const { vad, database } = balto.summary();
  return {
    script,
    durationS,
    url: door.url,
    observer,
    vad,
    database: database.state,
    received,
    positionS: () => (begunMs === null ? 0 : Math.min(durationS, ((performance.now() - begunMs) * speed) / 1000)),
    async play(at, signal) {
      const socket = await openCounter(door.url, counter.apiKey, received);
      speed = at;
      begunMs = performance.now();
      const chunkBytes = Math.round((webm.length / durationS) * TIMESLICE_S);
      const sent = await streamFile(socket, webm, { chunkBytes, durationS, speed: at, signal });
      if (signal.aborted) {
        socket.terminate();
        return;
      }
      if (sent < webm.length) throw new Error('o servidor fechou a conexão do balcão');
      await answered(socket);
      // Draining finishes what was heard, asks the model, sends the card, and only then closes.
      await balto.app.connections.drain();
      await balto.store.drained();
      socket.terminate();
    },
    async killStreamingVendor() {
      await vendors.deepgram.setFault({ kind: 'refuse' });
      vendors.deepgram.dropConnections();
    },
    rows: () => door.rows(counter.counterId),
    close,
  };
}

async function openCounter(url: string, apiKey: string, received: Record<string, unknown>[]): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { perMessageDeflate: false });
  socket.on('error', () => {}); // what follows finds the socket closed, and says so
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString()) as Record<string, unknown>;
    if (message['comando'] === 'recomendar') received.push(message);
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ api_key: apiKey }));
  return socket;
}

/** Frames are taken in order: when this ping is answered, everything before it was heard. */
function answered(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('message', (data) => {
      if ((JSON.parse(data.toString()) as { comando?: unknown }).comando === 'pong') resolve();
    });
    socket.once('close', (code) => reject(new Error(`o servidor fechou a conexão do balcão: ${code}`)));
    socket.send('{"comando":"ping"}');
  });
}

/** Balto's REST routes, as a client uses them. */
class Door {
  readonly url: string;
  readonly #password: string;

  constructor(url: string, password: string) {
    this.url = url;
    this.#password = password;
  }

  async register(): Promise<{ apiKey: string; counterId: string }> {
    const client = { email: 'demo@farmacia.example', razao_social: 'Farmácia da Demonstração' };
    const { codigo } = await this.#post('/cadastro/cliente', client);
    const body = await this.#post('/cadastro/balcao', { nome_balcao: 'Balcão 1', user_codigo: codigo });
    return { apiKey: String(body['api_key']), counterId: String(body['balcao_id']) };
  }

  async rows(counterId: string): Promise<StoredRows> {
    const login = await this.#request('/admin/login', { password: this.#password });
    const cookie = login.headers
      .getSetCookie()
      .map((each) => each.split(';', 1)[0])
      .join('; ');
    const listed = await this.#get(`/api/data/interacoes?balcao_id=${counterId}&limit=500`, cookie);
    const detailed = await this.#get(`/api/data/balcao/${counterId}/metricas`, cookie);
    return {
      listed: (listed as Record<string, unknown>[]).reverse(),
      detailed: (detailed as { interacoes: Record<string, unknown>[] }).interacoes,
    };
  }

  async #get(path: string, cookie: string): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, { headers: { cookie } });
    if (!response.ok) throw new Error(`GET ${path.split('?', 1)[0]}: ${response.status}`);
    return response.json();
  }

  async #post(path: string, body: object): Promise<Record<string, unknown>> {
    return (await (await this.#request(path, body)).json()) as Record<string, unknown>;
  }

  async #request(path: string, body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${this.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status}`);
    return response;
  }
}
