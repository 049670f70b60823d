import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openStore } from '../../core/store/index.ts';
import type { InteractionFilter } from '../../core/store/interaction-filter.ts';
import type { Interactions } from '../../core/store/interactions.ts';
import { quietLog } from '../helpers/databases.ts';
import { COMMON, fillInteractions } from './interaction-rows.ts';
import { type Machine, machine, machineLine } from './machine.ts';

export interface SearchFigures {
  machine: Machine;
  rows: number;
  /** Load of the last minute when the questions were over. */
  loadAfter: number;
  /** Milliseconds, of `runs` pages each. */
  searches: { name: string; runs: number; found: number; p50: number; p95: number; max: number }[];
  /** Over every search of every kind. */
  p95: number;
}

const SECRET_KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const RUNS = 40;
const PAGE = 50;
/** Of the 30,000: said by one utterance in ten thousand, or less. */
const RARE = ['palavraijjj', 'palavrabadec', 'palavrabcdef', 'palavrachgaa'];

/** What people ask; `run` counts from 0, so that no two of one kind ask quite the same. */
const QUESTIONS: Record<string, (run: number) => InteractionFilter> = {
  'a common word': (run) => ({ text: `${COMMON[run % COMMON.length]} ` }),
  'a rare word': (run) => ({ text: `${RARE[run % RARE.length]} ` }),
  'a very rare word (10 in all)': () => ({ text: 'zolpidem' }),
  'two common words': (run) => ({ text: `${COMMON[run % 8]} ${COMMON[8 + (run % 7)]} ` }),
  'a common and a rare word': (run) => ({ text: `${COMMON[run % 8]} ${RARE[run % RARE.length]}` }),
  'the begin of a word': (run) => ({ text: (COMMON[run % COMMON.length] ?? '').slice(0, 4) }),
  'a word that nobody says': (run) => ({ text: `xyzt${run}qqw` }),
  'a misspelt word': () => ({ text: 'zolpiden' }),
  'a filter that few answer': (run) => ({ type: 'perdida', provider: run % 2 ? 'stt/deepgram' : 'stt/elevenlabs' }),
  'a client, a counter, a word': (run) => ({ clientId: 'c7', counterId: `b7-${run % 10}`, text: 'dipirona ' }),
  'a client, with card, not reviewed': (run) => ({ clientId: `c${1 + (run % 20)}`, card: true, reviewed: false }),
  'an employee and two words': (run) => ({ employeeId: (run * 3) % 60, text: 'tosse febre ' }),
  'a week long ago, a rare word': (run) => ({
    from: new Date(Date.UTC(2026, 1, 1 + run)),
    to: new Date(Date.UTC(2026, 1, 8 + run)),
    text: 'palavrabadec ',
  }),
  'everything, newest first': () => ({}),
};

/** `npm run bench -- interactions-search`: a page of 50 among `rows` interactions, by the search that pages and reports use. */
export async function interactionsSearch(rows: number, say: (line: string) => void): Promise<SearchFigures> {
  const where = machine();
  say(machineLine(where));
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) throw new Error('TEST_DATABASE_URL must name a Postgres server');
  const folder = await mkdtemp(join(tmpdir(), 'balto-bench-'));
  try {
    return await onServer(server, async (url) => {
      const store = await openStore({ url, dataDir: folder, secretKey: SECRET_KEY, log: quietLog });
      try {
        await fillInteractions(store.db, rows, say);
        return { machine: where, rows, ...(await measured(store.interactions, say)) };
      } finally {
        await store.close();
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function measured(interactions: Interactions, say: (line: string) => void) {
  const searches: SearchFigures['searches'] = [];
  const all: number[] = [];
  const take = async (name: string, question: (run: number) => InteractionFilter, cursors?: (string | undefined)[]) => {
    const times: number[] = [];
    let found = 0;
    for (let run = 0; run < RUNS; run++) {
      const started = performance.now();
      const page = await interactions.list(question(run), PAGE, cursors?.[run % cursors.length]);
      times.push(performance.now() - started);
      found += page.rows.length;
    }
    all.push(...times);
    const row = { name, runs: RUNS, found, ...quantiles(times) };
    searches.push(row);
    say(`${name}: p50 ${row.p50} ms, p95 ${row.p95} ms, max ${row.max} ms; ${found} rows in ${RUNS} pages`);
  };
  for (const [name, question] of Object.entries(QUESTIONS)) await take(name, question);
  const rare = { text: 'palavraijjj ' };
  await take('the last page of a rare word', () => rare, [await lastCursor(interactions, rare)]);
  const deep = Buffer.from(`${Date.UTC(2025, 10, 22)}.2147483647`).toString('base64url');
  await take('a common word, at the very end', () => ({ text: 'dipirona ' }), [deep]);
  await take('two filters, at the very end', () => ({ card: true, feedback: 'aceito' }), [deep]);
  const { p95 } = quantiles(all);
  say(`every search: p95 ${p95} ms; load average after ${loadavg()[0]?.toFixed(2)}`);
  return { searches, p95, loadAfter: Number((loadavg()[0] ?? 0).toFixed(2)) };
}

async function lastCursor(interactions: Interactions, filter: InteractionFilter): Promise<string | undefined> {
  for (let cursor: string | undefined; ; ) {
    const page = await interactions.list(filter, 500, cursor);
    if (page.cursor === null) return cursor;
    cursor = page.cursor;
  }
}

function quantiles(times: readonly number[]) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
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
