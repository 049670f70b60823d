import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { Child } from './child.ts';
import type { ExportQuestions } from './export-child.ts';
import { type Machine, machine, machineLine } from './machine.ts';

export interface ExportRun {
  database: 'postgres' | 'embedded';
  format: 'xlsx' | 'csv';
  rows: number;
  bytes: number;
  wallS: number;
  /** Resident memory of the server before it, and the most while it was written. */
  rssBeforeMb: number;
  peakRssMb: number;
  loopMaxMs: number;
  loopP99Ms: number;
  /** How late the loop was, at most, while nothing was asked of the server: what the machine adds. */
  idleLoopMaxMs: number;
}

export interface ExportFigures {
  machine: Machine;
  runs: ExportRun[];
}

const IDLE_MS = 5000;

/** A report of `rows` interactions read as fast as it comes, from a server that does nothing else. */
export async function exported(rows: number, say: (line: string) => void): Promise<ExportFigures> {
  const where = machine();
  say(machineLine(where));
  const runs: ExportRun[] = [];
  const server = process.env['TEST_DATABASE_URL'];
  if (server) await withDatabase(server, async (url) => void runs.push(...(await onDatabase(rows, url, say))));
  else say('TEST_DATABASE_URL is not set: not measured on Postgres');
  runs.push(...(await onDatabase(rows, null, say)));
  return { machine: where, runs };
}

async function onDatabase(rows: number, url: string | null, say: (line: string) => void): Promise<ExportRun[]> {
  const folder = await mkdtemp(join(tmpdir(), 'balto-bench-'));
  const place = { folder, url };
  const runs: ExportRun[] = [];
  try {
    await withChild((child) => child.ask('fill', { ...place, rows }));
    // Each format by a process of its own: what the first one left in memory is not the second one's.
    for (const format of ['xlsx', 'csv'] as const) {
      await withChild(async (child) => {
        const { url: base, cookie, rssMb: rssBeforeMb } = await child.ask('start', place);
        await child.ask('begin', null);
        await setTimeout(IDLE_MS);
        const idle = await child.ask('finish', null);
        await child.ask('begin', null);
        const bytes = await read(`${base}/api/export/${format}`, cookie);
        const { wallMs, ...measured } = await child.ask('finish', null);
        const { peakRssMb, loopMaxMs, loopP99Ms } = measured;
        const database = url === null ? 'embedded' : 'postgres';
        const took = {
          wallS: wallMs / 1000,
          rssBeforeMb,
          peakRssMb,
          loopMaxMs,
          loopP99Ms,
          idleLoopMaxMs: idle.loopMaxMs,
        };
        const run: ExportRun = { database, format, rows, bytes, ...took };
        runs.push(run);
        say(lineOf(run));
        await child.ask('stop', null);
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return runs;
}

async function withChild(work: (child: Child<ExportQuestions>) => Promise<void>): Promise<void> {
  const child = new Child<ExportQuestions>('export-child.ts');
  try {
    await work(child);
  } finally {
    await child.close();
  }
}

async function read(url: string, cookie: string): Promise<number> {
  const answer = await fetch(url, { headers: { cookie } });
  if (answer.status !== 200 || !answer.body) throw new Error(`${url} answered ${answer.status}`);
  let bytes = 0;
  for await (const chunk of answer.body) bytes += chunk.length;
  return bytes;
}

function lineOf({
  database,
  format,
  rows,
  bytes,
  wallS,
  rssBeforeMb,
  peakRssMb,
  loopMaxMs,
  loopP99Ms,
  idleLoopMaxMs,
}: ExportRun): string {
  const memory = `RSS ${rssBeforeMb.toFixed(0)} MB before, ${peakRssMb.toFixed(0)} MB at most`;
  const loop = `event loop late by at most ${loopMaxMs.toFixed(0)} ms (p99 ${loopP99Ms.toFixed(0)} ms; ${idleLoopMaxMs.toFixed(0)} ms at most in 5 s before, with nothing to do)`;
  return `${database} ${format}: ${rows} rows, ${(bytes / 1e6).toFixed(1)} MB in ${wallS.toFixed(1)} s; ${memory}; ${loop}`;
}

async function withDatabase(server: string, work: (url: string) => Promise<void>): Promise<void> {
  const name = `balto_bench_${process.pid}_${randomBytes(4).toString('hex')}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  try {
    await work(url.href);
  } finally {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.end();
  }
}
