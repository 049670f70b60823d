import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { sql, type Transaction } from 'kysely';
import tar from 'tar-stream';
import { BaltoError } from '../contracts/index.ts';
import type { SealedEnd } from './audit-seal.ts';
import { type BackedTable, backedTables, fixSequences, readPage, writePage } from './backup-tables.ts';
import type { Store } from './index.ts';
import type { Tables } from './tables.ts';

/** Rows per page: what the embedded database reads within 100 ms. */
const PAGE_ROWS = 500;
const FORMAT = 'balto-backup';
const VERSION = 1;
/** Largest part of an archive: a page of rows, or its manifest. */
const MAX_PART_BYTES = 256 * 1024 * 1024;

interface Manifest {
  format: typeof FORMAT;
  version: number;
  createdAt: string;
  /** Newest migration of the database it was taken from. */
  migration: string;
  tables: { name: string; columns: string[] }[];
}

export interface BackupReport {
  /** Rows per table. */
  rows: Record<string, number>;
}

/**
 * Writes everything to `output` as one archive (tar, gzip): a manifest, pages of JSON lines per table, and the counts
 * that show it is whole. Counters' keys and passwords are in it only as hashes, vendors' keys only as sealed text, which
 * opens with the same BALTO_SECRET_KEY alone. Works while the server runs; what is journalled is written first.
 */
export async function backup(store: Store, output: Writable): Promise<BackupReport> {
  await store.drained();
  const pack = tar.pack();
  const written = pipeline(pack, createGzip(), output);
  // A broken output shows in `written`; the packing must not wait for it for ever.
  const failed = written.then(() => new Promise<never>(() => {}));
  try {
    const report = await Promise.race([packAll(store, pack), failed]);
    await written;
    return report;
  } catch (error) {
    pack.destroy();
    await written.catch(() => {});
    throw error;
  }
}

async function packAll(store: Store, pack: tar.Pack): Promise<BackupReport> {
  const tables = await store.db.system(backedTables);
  const manifest: Manifest = {
    format: FORMAT,
    version: VERSION,
    createdAt: new Date().toISOString(),
    migration: store.db.status().migration ?? '',
    tables: tables.map(({ name, columns }) => ({ name, columns })),
  };
  await addPart(pack, 'manifest.json', JSON.stringify(manifest));
  const rows: Record<string, number> = {};
  // Children first: what they refer to was there when they were read, so it is there when it is read after them.
  for (const table of [...tables].reverse()) rows[table.name] = await packTable(store, pack, table);
  await addPart(pack, 'end.json', JSON.stringify({ rows }));
  pack.finalize();
  return { rows };
}

async function packTable(store: Store, pack: tar.Pack, table: BackedTable): Promise<number> {
  const read = (after: unknown[] | null) => store.db.system((trx) => readPage(trx, table, after, PAGE_ROWS));
  let count = 0;
  let rows = await read(null);
  for (let page = 1; rows.length > 0; page += 1) {
    const name = `tables/${table.name}/${String(page).padStart(8, '0')}.jsonl`;
    await addPart(pack, name, rows.map(({ json }) => `${json}\n`).join(''));
    count += rows.length;
    rows = await read(rows.at(-1)?.key ?? null);
  }
  return count;
}

function addPart(pack: tar.Pack, name: string, content: string): Promise<void> {
  return new Promise((resolve, reject) => {
    pack.entry({ name, mode: 0o600 }, content, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Puts an archive into a database, embedded or real, in one transaction: all of it or nothing. `force` empties the
 * tables first; without it a database that holds rows is left alone. No other process may be using the database.
 * @throws BaltoError `BALTO_BACKUP_NOT_EMPTY`, `BALTO_BACKUP_INVALID`, `BALTO_BACKUP_NEWER`.
 */
export async function restore(store: Store, input: Readable, options: { force?: boolean } = {}): Promise<BackupReport> {
  await store.drained();
  let end: SealedEnd | undefined;
  const report = await store.db
    .system(async (trx) => {
      await sql`select set_config('statement_timeout', '0', true)`.execute(trx);
      const tables = await backedTables(trx);
      const replaced = await store.audit.replacing(trx);
      await prepare(trx, tables, options.force === true);
      await sql`set constraints all deferred`.execute(trx);
      const unpacked = await unpack(trx, tables, input, store.db.status().migration ?? '');
      await fixSequences(trx);
      end = await store.audit.restored(trx, replaced);
      return unpacked;
    })
    .catch((error: unknown) => {
      if (error instanceof BaltoError || isDatabaseError(error)) throw error;
      throw invalid('o arquivo está danificado ou incompleto', error);
    });
  if (end) await store.audit.restarted(end);
  await store.admin.hasOwner(); // a backup from before there were roles has an owner without one
  await store.ids.renew();
  return report;
}

async function prepare(trx: Transaction<Tables>, tables: BackedTable[], force: boolean): Promise<void> {
  if (force) {
    await sql`truncate ${sql.join(tables.map(({ name }) => sql.table(name)))} cascade`.execute(trx);
    return;
  }
  for (const { name } of tables) {
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(trx);
    if (rows.length === 0) continue;
    throw new BaltoError({
      code: 'BALTO_BACKUP_NOT_EMPTY',
      message: `O banco de destino já tem dados (tabela ${name}); para substituí-los, repita com --force.`,
      statusCode: 409,
    });
  }
}

async function unpack(
  trx: Transaction<Tables>,
  tables: BackedTable[],
  input: Readable,
  migration: string,
): Promise<BackupReport> {
  let manifest: Manifest | null = null;
  let promised: Record<string, number> | null = null;
  const rows: Record<string, number> = {};
  const extract = tar.extract();
  // What goes wrong in it destroys `extract`, and so ends the loop; it must begin in the same turn as the loop does.
  pipeline(input, createGunzip(), extract).catch(() => {});
  for await (const part of extract) {
    const content = await readPart(part);
    const name = part.header.name;
    if (name === 'manifest.json') manifest = checkManifest(content, migration);
    else if (name === 'end.json') promised = (JSON.parse(content) as BackupReport).rows;
    else if (manifest) await unpackPage(trx, tables, manifest, name, content, rows);
    else throw invalid('falta o manifesto');
  }
  if (!manifest || !promised) throw invalid('o arquivo está incompleto');
  for (const [name, count] of Object.entries(promised)) {
    rows[name] ??= 0;
    if (rows[name] !== count) throw invalid(`faltam linhas da tabela ${name}`);
  }
  return { rows };
}

async function unpackPage(
  trx: Transaction<Tables>,
  tables: BackedTable[],
  manifest: Manifest,
  part: string,
  content: string,
  rows: Record<string, number>,
): Promise<void> {
  const name = /^tables\/([a-z_]+)\/\d{8}\.jsonl$/.exec(part)?.[1];
  const table = tables.find((candidate) => candidate.name === name);
  const columns = manifest.tables.find((candidate) => candidate.name === name)?.columns;
  if (!table || !columns) throw invalid('há uma tabela desconhecida');
  const lines = content.split('\n').filter((line) => line !== '');
  await writePage(trx, table, columns, lines);
  rows[table.name] = (rows[table.name] ?? 0) + lines.length;
}

async function readPart(part: object): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of part as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_PART_BYTES) throw invalid('uma parte é grande demais');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function checkManifest(content: string, migration: string): Manifest {
  const manifest = JSON.parse(content) as Manifest;
  if (manifest.format !== FORMAT || !Array.isArray(manifest.tables)) throw invalid('não é um backup do Balto');
  if (manifest.version <= VERSION && manifest.migration <= migration) return manifest;
  throw new BaltoError({
    code: 'BALTO_BACKUP_NEWER',
    message: 'O backup foi feito por uma versão mais nova do Balto; atualize antes de restaurar.',
  });
}

function invalid(why: string, cause?: unknown): BaltoError {
  return new BaltoError({
    code: 'BALTO_BACKUP_INVALID',
    message: `Este backup não pode ser restaurado: ${why}.`,
    cause,
  });
}

function isDatabaseError(error: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code));
}
