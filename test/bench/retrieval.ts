import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openStore, type Store } from '../../core/store/index.ts';
import { Products } from '../../core/store/products.ts';
import { dialogues } from '../eval/dialogues.ts';
import { EvalHouse } from '../eval/house.ts';
import { quietLog } from '../helpers/databases.ts';
import { type Machine, machine, machineLine } from './machine.ts';
import { priceTableRows } from './retrieval-rows.ts';

/** Milliseconds. */
interface Times {
  p50: number;
  p99: number;
  max: number;
}

interface RetrievalRow {
  database: 'embedded' | 'postgres';
  rows: number;
  sends: number;
  /** The search alone. */
  retrieval: Times;
  /** Search, ranking and gate, as a counter without a model is answered. */
  answer: Times;
}

export interface RetrievalFigures {
  machine: Machine;
  rows: RetrievalRow[];
}

const ROWS = 25_000;
const CHUNK = 500;
const PASSES = 5;
const SECRET_KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

/** `npm run bench -- retrieval`: what it takes to find and rank, among a client's 25,000 rows of a price table and the starter. */
export async function retrieval(say: (line: string) => void): Promise<RetrievalFigures> {
  const here = machine();
  say(machineLine(here));
  const rows: RetrievalRow[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'balto-bench-'));
  try {
    rows.push(await measured('embedded', { dataDir: folder }, say));
    const url = process.env['TEST_DATABASE_URL'];
    if (url) rows.push(await onServer(url, (own) => measured('postgres', { dataDir: folder, url: own }, say)));
    else say('TEST_DATABASE_URL is not set: not measured on a real Postgres');
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  return { machine: here, rows };
}

async function measured(
  database: RetrievalRow['database'],
  where: { dataDir: string; url?: string },
  say: (line: string) => void,
): Promise<RetrievalRow> {
  const store = await openStore({ ...where, secretKey: SECRET_KEY, log: quietLog });
  try {
    const clientId = await filled(store);
    const house = await EvalHouse.open(store, undefined, clientId);
    const products = new Products(store.db);
    const texts = dialogues(['dev', 'test']).flatMap(({ turns }) => turns);
    const row = {
      database,
      rows: ROWS,
      sends: texts.length * PASSES,
      retrieval: await timed(texts, (text) => products.retrieve(clientId, text)),
      answer: await timed(texts, (text) => house.say(text)),
    };
    const told = ({ p50, p99, max }: Times) => `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
    say(`${database}, ${ROWS} rows: retrieval ${told(row.retrieval)}; with ranking and gate ${told(row.answer)}`);
    return row;
  } finally {
    await store.close();
  }
}

async function filled(store: Store): Promise<string> {
  const { client } = await store.clients.create({ email: 'medida@balto.invalid', companyName: 'Medida' });
  const products = new Products(store.db);
  const rows = priceTableRows(ROWS);
  for (let start = 0; start < rows.length; start += CHUNK) {
    await products.upsert(client.clientId, rows.slice(start, start + CHUNK));
  }
  return client.clientId;
}

/** One pass to warm up, then each send by itself. */
async function timed(texts: readonly string[], work: (text: string) => Promise<unknown>): Promise<Times> {
  for (const text of texts) await work(text);
  const times: number[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    for (const text of texts) {
      const startedMs = performance.now();
      await work(text);
      times.push(performance.now() - startedMs);
    }
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Number((times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
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
