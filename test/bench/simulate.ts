import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { sql } from 'kysely';
import pg from 'pg';
import { type Balto, createApp } from '../../core/app.ts';
import { rule } from '../helpers/routing.ts';
import { saidBefore } from '../helpers/said-before.ts';
import { type Machine, machine, machineLine } from './machine.ts';

export interface SimulateRun {
  database: 'postgres' | 'embedded';
  /** Utterances of the period, and how many of them were replayed. */
  utterances: number;
  replayed: number;
  isSample: boolean;
  /** From the request to its answer. */
  wallMs: number;
  /** Of this process (the simulation's thread, and the embedded database's, included). */
  cpuMs: number;
  /** How late the event loop was at most; on the embedded database its queries run beside it. */
  loopMaxMs: number;
  /** The share that another provider would get, and half of its interval. */
  changed: number;
  halfWidth: number;
}

export interface SimulateFigures {
  machine: Machine;
  rules: number;
  runs: SimulateRun[];
  loadAfter: number;
}

const SECRET_KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const ADMIN_SECRET = 'a senha do dono, bem comprida';
const FROM = new Date('2026-01-01T00:00:00Z');
const DAYS = 300;
const TIMES = 3;
const LOOK_MS = 10;
/** Of which all but the last two hold for nobody, so that each one is gone through. */
const RULES = [
  ...Array.from({ length: 198 }, (_, index) =>
    rule(`longa-${index}`, ['stt/deepgram'], { priority: index, when: { durationMs: { min: 60_000 + index } } }),
  ),
  rule('limpa', ['stt/elevenlabs'], { priority: 200, when: { durationMs: { min: 5000 }, snrDb: { min: 15 } } }),
  rule('resto', ['stt/deepgram'], { priority: 201 }),
];

/** `POST /api/v1/routing/simulate` over `rows` stored utterances of one client, and of all, on each database there is. */
export async function simulate(rows: number, say: (line: string) => void): Promise<SimulateFigures> {
  const where = machine();
  say(machineLine(where));
  const runs: SimulateRun[] = [];
  const server = process.env['TEST_DATABASE_URL'];
  if (server) await onServer(server, async (url) => void runs.push(...(await onDatabase(rows, url, say))));
  else say('TEST_DATABASE_URL is not set: not measured on Postgres');
  runs.push(...(await onDatabase(rows, null, say)));
  const loadAfter = Number((loadavg()[0] ?? 0).toFixed(2));
  say(`load average after ${loadAfter}`);
  return { machine: where, rules: RULES.length, runs, loadAfter };
}

async function onDatabase(rows: number, url: string | null, say: (line: string) => void): Promise<SimulateRun[]> {
  const folder = await mkdtemp(join(tmpdir(), 'balto-bench-'));
  const env = {
    BALTO_DATA_DIR: folder,
    BALTO_LOG_LEVEL: 'silent',
    BALTO_SECRET_KEY: SECRET_KEY,
    ADMIN_SECRET,
    DEEPGRAM_API_KEY: 'chave-de-medicao-00000000000000',
    ELEVENLABS_API_KEY: 'chave-de-medicao-00000000000000',
    ...(url === null ? {} : { DATABASE_URL: url }),
  };
  const balto = await createApp({ env });
  try {
    const door = await doorOf(balto);
    await saidBefore(balto.store, { ...door, counters: 20, rows, from: FROM, days: DAYS, isBare: true });
    await sql`vacuum analyze interacoes`.execute(balto.store.db.kysely);
    await sql`vacuum analyze usage_ledger`.execute(balto.store.db.kysely);
    const database = url === null ? 'embedded' : 'postgres';
    say(`${database}: ${rows} utterances of ${DAYS} days, ${RULES.length} rules`);
    const runs: SimulateRun[] = [];
    for (const clientId of [door.clientId, null]) {
      for (let time = 0; time < TIMES; time++) runs.push({ database, ...(await asked(balto, door.cookie, clientId)) });
      for (const run of runs.slice(-TIMES))
        say(`  ${clientId === null ? 'all clients' : 'one client'}: ${lineOf(run)}`);
    }
    return runs;
  } finally {
    await balto.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function doorOf({ app, store }: Balto): Promise<{ cookie: string; clientId: string }> {
  await store.admin.bootstrapOwner(ADMIN_SECRET);
  const answer = await app.inject({ method: 'POST', url: '/admin/login', payload: { password: ADMIN_SECRET } });
  const { value, name } = answer.cookies[0] ?? { name: '', value: '' };
  const client = { email: 'medicao@example.com', razao_social: 'Farmácia de medição' };
  const made = await app.inject({ method: 'POST', url: '/cadastro/cliente', payload: client });
  if (made.statusCode !== 201) throw new Error(`no client: ${made.statusCode}`);
  const [first] = await store.clients.list();
  return { cookie: `${name}=${value}`, clientId: first?.clientId ?? '' };
}

interface Answer {
  replayed: number;
  isSample: boolean;
  utterances: { value: number };
  changed: { value: number; interval: [number, number] | null };
}

async function asked({ app }: Balto, cookie: string, clientId: string | null): Promise<Omit<SimulateRun, 'database'>> {
  const loop = monitorEventLoopDelay({ resolution: LOOK_MS });
  loop.enable();
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const to = new Date(FROM.getTime() + DAYS * 86_400_000);
  const payload = { ...(clientId === null ? {} : { clientId }), from: FROM, to, rules: RULES };
  const headers = { cookie, 'content-type': 'application/json' };
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/routing/simulate',
    headers,
    payload: JSON.stringify(payload),
  });
  const wallMs = Math.round(performance.now() - begun);
  const { user, system } = process.cpuUsage(cpu);
  loop.disable();
  if (answer.statusCode !== 200) throw new Error(`simulate answered ${answer.statusCode}: ${answer.body}`);
  const { replayed, isSample, utterances, changed } = answer.json<Answer>();
  const [low, high] = changed.interval ?? [0, 0];
  return {
    utterances: Math.round(utterances.value),
    replayed,
    isSample,
    wallMs,
    cpuMs: Math.round((user + system) / 1000),
    loopMaxMs: Math.max(0, Math.round(loop.max / 1e6 - LOOK_MS)),
    changed: Number(changed.value.toFixed(4)),
    halfWidth: Number(((high - low) / 2).toFixed(4)),
  };
}

function lineOf({ utterances, replayed, isSample, wallMs, cpuMs, loopMaxMs, changed, halfWidth }: SimulateRun): string {
  const drawn = isSample ? `${replayed} drawn of ${utterances}` : `all ${utterances}`;
  return `${drawn} in ${wallMs} ms (${cpuMs} ms of CPU here), event loop late by at most ${loopMaxMs} ms; changed ${changed} ± ${halfWidth}`;
}

async function onServer<T>(url: string, work: (own: string) => Promise<T>): Promise<T> {
  const name = `balto_bench_${process.pid}_${randomBytes(4).toString('hex')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
    const own = new URL(url);
    own.pathname = `/${name}`;
    return await work(own.href);
  } finally {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.end();
  }
}
