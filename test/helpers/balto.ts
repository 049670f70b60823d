import { randomBytes } from 'node:crypto';
import type { Test } from 'tap';
import { type Balto, createApp } from '../../core/app.ts';
import { Observer } from '../../core/counter/observer.ts';
import { listen } from '../../core/listen.ts';
import { loadPharmacyData } from '../../core/pharmacy/data.ts';
import type { Candidate } from '../../core/runtime/types.ts';
import type { Interaction } from '../../core/store/interaction.ts';
import { Products } from '../../core/store/products.ts';
import { EMULATOR_KEY, type Emulator } from '../emulators/index.ts';
import { conversation } from './conversation.ts';
import { type OpenStore, testDatabase } from './databases.ts';
import { TestCounter } from './ws-client.ts';

export const ADMIN_SECRET = 'a senha do dono, bem comprida';

export interface BaltoOptions {
  /** Variables beside (and over) the ones that the vendors need. */
  env?: Record<string, string | undefined>;
  /** Vendors on loopback; they are closed with the server. Without one of a kind, that kind is not configured. */
  vendors?: { deepgram?: Emulator; elevenlabs?: Emulator; llm?: Emulator };
}

/** A whole Balto on loopback with one registered counter. */
export interface RunningBalto {
  url: string;
  /** `ws://…/ws`. */
  ws: string;
  port: number;
  apiKey: string;
  counterId: string;
  clientId: string;
  observer: Observer;
  balto: Balto;
  /** Its variables, without the ones that are absent: for a child process, or a second start on the same data. */
  env: Record<string, string>;
  /** Log lines so far. */
  log: string[];
  /** All rows of this database, in the order spoken, once everything journalled is written. */
  rows(): Promise<Interaction[]>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Registers one more counter of the same client. */
  addCounter(): Promise<{ apiKey: string; counterId: string }>;
  /** Logs the owner in; the value for a `Cookie` header. */
  login(): Promise<string>;
  close(): Promise<void>;
}

/** A provider of the running server's configuration, with its first key. */
export function candidateOf({ providers }: Balto, address: string): Candidate {
  const provider = providers.configuration.global().provider(address);
  if (!provider) throw new Error(`${address} is not configured`);
  return { address, credential: 0, provider };
}

/** An outage is over: what rests may be asked again at once. */
export function forgive(balto: Balto, ...addresses: string[]): void {
  for (const address of addresses) balto.providers.health.answered(candidateOf(balto, address));
}

/** Starts everything as `main.ts` does, on port 0, with the starter catalogue written. Closed when the test ends. */
export async function startBalto(t: Test, options: BaltoOptions = {}): Promise<RunningBalto> {
  const database = await testDatabase(t);
  for (const vendor of Object.values(options.vendors ?? {})) t.teardown(() => vendor.close());
  return runBalto(t, { ...storeEnv(database), ...vendorEnv(options.vendors ?? {}), ...options.env });
}

/** Starts a Balto on variables that are already complete, with a client and a counter of its own. */
export async function runBalto(t: Test, variables: Record<string, string | undefined>): Promise<RunningBalto> {
  const open = await openBalto(t, variables);
  const { balto, post } = open;
  await seedCatalogue(balto);
  const register = await registration(open);
  const addCounter = async () => {
    const counter = await register();
    open.secrets.push(counter.apiKey);
    return counter;
  };
  const first = await addCounter();
  const login = await balto.store.counters.byKey(first.apiKey);
  return {
    ...open,
    ...first,
    clientId: login?.clientId ?? '',
    addCounter,
    async login() {
      await balto.store.admin.bootstrapOwner(ADMIN_SECRET);
      const answer = await post('/admin/login', { password: ADMIN_SECRET });
      return (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    },
  };
}

/** A Balto that listens, whatever its database does; nobody is registered. */
export type OpenBalto = Omit<RunningBalto, 'apiKey' | 'counterId' | 'clientId' | 'addCounter' | 'login'> & {
  /** What no log line may hold, beside what no log line ever may. */
  secrets: string[];
};

/** Starts it as `main.ts` does, on any free port. Closed, and its log read, when the test ends. */
export async function openBalto(t: Test, variables: Record<string, string | undefined>): Promise<OpenBalto> {
  const log: string[] = [];
  const secrets: string[] = [];
  const env = present({ PORT: '0', HOST: '127.0.0.1', BALTO_LOG_LEVEL: 'debug', ADMIN_SECRET, ...variables });
  const observer = new Observer();
  const balto = await createApp({ env, observer, logStream: { write: (line) => void log.push(line) } });
  t.teardown(() => scanLog(log, ...secrets));
  t.teardown(() => balto.close());
  const { port } = await listen(balto.app, { port: 0, host: '127.0.0.1' });
  return {
    ...doorsOf(`http://127.0.0.1:${port}`),
    ws: `ws://127.0.0.1:${port}/ws`,
    port,
    observer,
    balto,
    env,
    log,
    secrets,
    rows: () => storedRows(balto),
    close: () => balto.close(),
  };
}

export function storeEnv({ options }: OpenStore): Record<string, string | undefined> {
  return { BALTO_DATA_DIR: options.dataDir, BALTO_SECRET_KEY: options.secretKey, DATABASE_URL: options.url };
}

/** Everything a process needs to serve on this database with these vendors, on any free port. */
export function serverEnv(database: OpenStore, vendors: NonNullable<BaltoOptions['vendors']>): Record<string, string> {
  const listening = { PORT: '0', HOST: '127.0.0.1', ADMIN_SECRET };
  return present({ ...listening, ...storeEnv(database), ...vendorEnv(vendors) });
}

/** Points every vendor's variables at its emulator, streaming first. */
export function vendorEnv({ deepgram, elevenlabs, llm }: NonNullable<BaltoOptions['vendors']>): Record<string, string> {
  const stt = [...(deepgram ? ['stt/deepgram'] : []), ...(elevenlabs ? ['stt/elevenlabs'] : [])];
  return {
    ...(stt.length > 0 ? { BALTO_STT: stt.join(',') } : {}),
    ...(deepgram ? { DEEPGRAM_API_KEY: EMULATOR_KEY, DEEPGRAM_BASE_URL: deepgram.url } : {}),
    ...(elevenlabs ? { ELEVENLABS_API_KEY: EMULATOR_KEY, ELEVENLABS_BASE_URL: elevenlabs.url } : {}),
    ...(llm ? { BALTO_LLM: 'llm/openai', OPENAI_API_KEY: EMULATOR_KEY, OPENAI_BASE_URL: `${llm.url}/v1` } : {}),
  };
}

function present(variables: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

type Doors = Pick<RunningBalto, 'url' | 'post' | 'get'>;

function doorsOf(url: string): Doors {
  return {
    url,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    get: (path, headers = {}) => fetch(url + path, { headers }),
  };
}

/** The start writes it in the background; cards depend on it. */
async function seedCatalogue(balto: Balto): Promise<void> {
  await new Products(balto.store.db).seedStarter(loadPharmacyData().starter);
}

/** A client, by the real route; what comes back registers its counters. */
async function registration({ post }: Doors): Promise<() => Promise<{ apiKey: string; counterId: string }>> {
  const email = `dona-${randomBytes(6).toString('hex')}@farmacia.com.br`;
  const client = (await (await post('/cadastro/cliente', { email, razao_social: 'Farmácia' })).json()) as {
    codigo: string;
  };
  return async () => {
    const answer = await post('/cadastro/balcao', { nome_balcao: 'Caixa 1', user_codigo: client.codigo });
    const body = (await answer.json()) as { api_key: string; balcao_id: string };
    return { apiKey: body.api_key, counterId: body.balcao_id };
  };
}

async function storedRows({ store }: Balto): Promise<Interaction[]> {
  await store.drained();
  const { rows } = await store.interactions.list({}, 500);
  // What arrives in one burst has one time, give or take the millisecond that a wall clock is read with.
  const spoken = (row: Interaction) => row.timestamp.getTime();
  return rows.sort((a, b) => (a.sessionId === b.sessionId ? a.segment - b.segment : spoken(a) - spoken(b)));
}

/**
 * No key and no word that was spoken may stand in a log line, whatever the test did. Throws, so that a teardown fails.
 */
function scanLog(log: readonly string[], ...secrets: string[]): void {
  const words = conversation().script.utterances.flatMap((each) => each.words.map(({ text }) => text));
  const telling = new Set(words.map((word) => word.replace(/[^\p{L}]/gu, '').toLowerCase()));
  const forbidden = [...secrets, EMULATOR_KEY, ADMIN_SECRET, ...telling].filter((each) => each.length >= 6);
  const text = log.join('').toLowerCase();
  const hits = forbidden.filter((each) => text.includes(each.toLowerCase()));
  if (hits.length > 0) throw new Error(`log lines hold keys or spoken words: ${hits.join(', ')}`);
}

/** A counter with its handshake sent; `handshake` adds to it or replaces it. */
export async function connectCounter(ws: string, apiKey: string, handshake: object = {}): Promise<TestCounter> {
  return TestCounter.connect(ws, { api_key: apiKey, ...handshake });
}
