import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { importFile, openImports, undoImport } from '../../core/app-catalogue.ts';
import { openStore, type Store } from '../../core/store/index.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { cmedRows, csvOf, windows1252, xlsxOf } from '../helpers/catalogue-files.ts';
import { quietLog } from '../helpers/databases.ts';
import { type Machine, machine, machineLine } from './machine.ts';
import { Meter } from './meter.ts';

/** One import or undo of a whole list. */
interface ImportRow {
  database: string;
  what: string;
  rows: number;
  seconds: number;
  /** Of the process, embedded database and reading thread included, at its highest. */
  rssMb: number;
  loopP99Ms: number;
  loopMaxMs: number;
  /** How long somebody else's query, asked every 20 ms, waited for the database. */
  waitP99Ms: number;
  waitMaxMs: number;
}

export interface ImportFigures {
  machine: Machine;
  rows: ImportRow[];
}

const ASK_EVERY_MS = 20;

/** `npm run bench -- import`: `count` rows as the official list has them through the whole way, on both databases. */
export async function imports(count: number, say: (line: string) => void): Promise<ImportFigures> {
  const here = machine();
  say(machineLine(here));
  const folder = await mkdtemp(join(tmpdir(), 'balto-bench-'));
  const rows: ImportRow[] = [];
  try {
    const files = { csv: join(folder, 'cmed.csv'), xlsx: join(folder, 'cmed.xlsx') };
    await writeFile(files.csv, windows1252(csvOf(cmedRows(count))));
    await writeFile(files.xlsx, xlsxOf(cmedRows(count)));
    for (const url of [undefined, process.env['TEST_DATABASE_URL']]) {
      if (url === undefined && rows.length > 0) {
        say('TEST_DATABASE_URL is not set: not run on a real Postgres');
        break;
      }
      rows.push(...(await onDatabase({ folder, files, count, say }, url)));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { machine: here, rows };
}

interface Stage {
  folder: string;
  files: { csv: string; xlsx: string };
  count: number;
  say: (line: string) => void;
}

async function onDatabase({ folder, files, count, say }: Stage, server?: string): Promise<ImportRow[]> {
  const name = `balto_bench_${randomBytes(4).toString('hex')}`;
  const url = server === undefined ? undefined : Object.assign(new URL(server), { pathname: `/${name}` }).href;
  if (server !== undefined) await onServer(server, `create database ${name}`);
  const dataDir = await mkdtemp(join(folder, 'data-'));
  const store = await openStore({ url, dataDir, secretKey: '00'.repeat(32), log: quietLog });
  const imports = await openImports({ store, dataDir, maxMb: 1024, clock: systemClock, log: quietLog });
  const { clientId } = (await store.clients.create({ email: 'a@x.br', companyName: 'A' })).client;
  const order = { clientId, dryRun: false, partial: false };
  const rows: ImportRow[] = [];
  const kind = store.db.kind;
  const measure = async (what: string, work: () => Promise<{ id: number; state: string }>) => {
    const { result, ...figures } = await measured(store, work);
    const row = { database: kind, what: `${what}: ${result.state}`, rows: count, ...figures };
    rows.push(row);
    say(lineOf(row));
    return result;
  };
  const xlsx = await measure('xlsx, all new', () => importFile(imports, { ...order, file: files.xlsx }));
  await measure('xlsx, undone', () => undoImport(imports, clientId, xlsx.id));
  await measure('csv, all new', () => importFile(imports, { ...order, file: files.csv }));
  await measure('csv again, all the same', () => importFile(imports, { ...order, file: files.csv }));
  await imports.close();
  await store.close();
  if (server !== undefined) await onServer(server, `drop database ${name} with (force)`);
  return rows;
}

async function measured<T>(store: Store, work: () => Promise<T>) {
  const meter = new Meter();
  const waits: number[] = [];
  let [isOver, rssMb] = [false, 0];
  const asking = (async () => {
    while (!isOver) {
      const at = performance.now();
      await store.db.system((trx) => trx.selectFrom('clientes').select('cliente_id').limit(1).execute());
      waits.push(performance.now() - at);
      rssMb = Math.max(rssMb, process.memoryUsage.rss() / 1048576);
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  })();
  meter.start();
  const result = await work();
  const { wallMs, loopP99Ms, loopMaxMs } = meter.stop();
  isOver = true;
  await asking;
  waits.sort((a, b) => a - b);
  const tenths = (value: number) => Number(value.toFixed(1));
  return {
    result,
    seconds: tenths(wallMs / 1000),
    rssMb: Math.round(rssMb),
    loopP99Ms: tenths(loopP99Ms),
    loopMaxMs: tenths(loopMaxMs),
    waitP99Ms: tenths(waits[Math.floor(waits.length * 0.99)] ?? 0),
    waitMaxMs: tenths(waits.at(-1) ?? 0),
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function lineOf({ database, what, rows, seconds, ...row }: ImportRow): string {
  const { rssMb, loopP99Ms, loopMaxMs, waitP99Ms, waitMaxMs } = row;
  return `${database}, ${what} (${rows} rows): ${seconds} s, RSS ${rssMb} MB, loop p99 ${loopP99Ms} ms, max ${loopMaxMs} ms, others wait p99 ${waitP99Ms} ms, max ${waitMaxMs} ms`;
}
