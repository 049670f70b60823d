import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BaltoError, type Clock, type Log } from '../contracts/index.ts';
import { FolderLock } from './folder-lock.ts';
import type { JournalEntry } from './interaction.ts';
import { encodeEntry, HEADER_BYTES, MAX_ENTRY_BYTES, recordBytes, SegmentCipher } from './journal-codec.ts';
import type { Secrets } from './secrets.ts';

export interface JournalOptions {
  /** Folder of all journals of the machine; this one makes `<root>/<id>` in it. */
  root: string;
  secrets: Secrets;
  clock: Clock;
  log: Log;
  /** Bytes of all journals in `root`. Default 64 MiB. */
  maxBytes?: number;
  /** Bytes after which a new file begins. Default 4 MiB. */
  segmentBytes?: number;
}

interface Pending {
  json: Buffer;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** A new file, each write of which is on disk when it returns: one way to a thread and back, where a flush would be a second. */
const DURABLE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_DSYNC;
/** Bytes of entries written with one flush: the entry that passes them is the last. */
const BATCH_BYTES = 256 * 1024;

/**
 * What happened, on disk before it is said: encrypted, bounded, one per process. `append` resolves when the entry would
 * survive the death of the process; entries that arrive while the disk is busy share the next write. The drainer reads
 * it into the database, and whoever starts next reads what a dead process left.
 */
export class Journal {
  readonly id: string;
  readonly folder: string;
  readonly #options: JournalOptions;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  /** Segments on disk and how far each is durable. */
  readonly #segments = new Map<number, number>();
  #file: { handle: FileHandle; cipher: SegmentCipher; number: number; position: number } | null = null;
  #last = 0;
  #lock: FolderLock | null = null;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  /** Bytes that journals of other processes hold in the same root. */
  #foreignBytes = 0;
  #writing: Promise<void> | null = null;
  #closed = false;
  #listener: () => void = () => {};

  constructor(options: JournalOptions) {
    this.id = `${process.pid}-${randomUUID()}`;
    this.folder = join(options.root, this.id);
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    // A file is deleted when it is drained and finished: one must be finished long before the journal is full.
    this.#segmentBytes = Math.min(options.segmentBytes ?? 4 * 1024 * 1024, this.#maxBytes / 4);
  }

  /** Counts what other journals hold, against the bound. Called again after each recovery. */
  async measure(): Promise<void> {
    this.#foreignBytes = await folderBytes(this.#options.root, this.id);
  }

  /** Called after each durable write. */
  onDurable(listener: () => void): void {
    this.#listener = listener;
  }

  /** Bytes on disk and on their way, of all journals. */
  get bytes(): number {
    let own = 0;
    for (const end of this.#segments.values()) own += end;
    return own + this.#pendingBytes + this.#foreignBytes;
  }

  /** From 0 (empty) to 1: append refuses. */
  get fullness(): number {
    return this.bytes / this.#maxBytes;
  }

  /**
   * Resolves once `entry` is on disk.
   * @throws BaltoError `BALTO_STORE_JOURNAL_FULL`, `BALTO_STORE_ENTRY_TOO_LARGE`, `BALTO_STORE_CLOSED`; or the disk's error.
   */
  append(entry: JournalEntry): Promise<void> {
    const json = encodeEntry(entry);
    const refused = this.#refusal(json.length);
    if (refused) return Promise.reject(refused);
    this.#pendingBytes += recordBytes(json.length);
    return new Promise((resolve, reject) => {
      this.#pending.push({ json, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Segments in order, each with the byte up to which it may be read. */
  segments(): { number: number; end: number; sealed: boolean }[] {
    const isOpen = (number: number, end: number): boolean => number === this.#file?.number && end < this.#segmentBytes;
    return [...this.#segments].map(([number, end]) => ({ number, end, sealed: !isOpen(number, end) }));
  }

  /** Ends the file that is being written: what is stored of it can be deleted, and the next entry begins another. */
  async roll(): Promise<void> {
    while (this.#writing) await this.#writing;
    const file = this.#file;
    this.#file = null;
    await file?.handle.close();
  }

  /** Deletes a sealed segment that is in the database. */
  async drop(number: number): Promise<void> {
    this.#segments.delete(number);
    await rm(segmentPath(this.folder, number), { force: true });
  }

  /** Writes what is pending and lets go. With `remove`, everything is in the database and the folder goes too. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#writing) await this.#writing;
    await this.#file?.handle.close();
    this.#file = null;
  }

  /** Gives the journal up: for another process to recover, or, when everything in it is stored, for nobody. */
  async release(drained: boolean): Promise<void> {
    if (drained) await rm(this.folder, { recursive: true, force: true });
    await this.#lock?.release();
  }

  #refusal(jsonBytes: number): BaltoError | null {
    if (this.#closed) {
      return new BaltoError({ code: 'BALTO_STORE_CLOSED', message: 'O Balto está encerrando.', statusCode: 503 });
    }
    if (jsonBytes > MAX_ENTRY_BYTES) {
      return new BaltoError({
        code: 'BALTO_STORE_ENTRY_TOO_LARGE',
        message: 'Registro grande demais para o diário local.',
        statusCode: 500,
      });
    }
    if (this.bytes + recordBytes(jsonBytes) <= this.#maxBytes) return null;
    return new BaltoError({
      code: 'BALTO_STORE_JOURNAL_FULL',
      message: 'O diário local está cheio: o banco de dados está fora do ar há tempo demais.',
      statusCode: 503,
    });
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#writeBatch(batch);
        for (const { resolve } of batch) resolve();
        this.#listener();
      } catch (error) {
        await this.#abandon(error);
        for (const { reject } of batch) reject(error);
      }
      for (const { json } of batch) this.#pendingBytes -= recordBytes(json.length);
    }
    this.#writing = null;
  }

  #takeBatch(): Pending[] {
    let bytes = 0;
    const end = this.#pending.findIndex(({ json }) => {
      bytes += json.length;
      return bytes > BATCH_BYTES;
    });
    return this.#pending.splice(0, end < 0 ? this.#pending.length : end + 1);
  }

  async #writeBatch(batch: Pending[]): Promise<void> {
    const file = await this.#openSegment();
    const records: Buffer[] = [];
    let position = file.position;
    for (const { json } of batch) {
      const record = file.cipher.seal(json, position);
      records.push(record);
      position += record.length;
    }
    const { bytesWritten } = await file.handle.writev(records, file.position);
    if (bytesWritten !== position - file.position) throw new Error('journal write was cut short');
    file.position = position;
    this.#segments.set(file.number, position);
  }

  async #openSegment(): Promise<{ handle: FileHandle; cipher: SegmentCipher; number: number; position: number }> {
    if (this.#file && this.#file.position < this.#segmentBytes) return this.#file;
    await this.#file?.handle.close();
    this.#file = null;
    await this.#takeFolder();
    const number = ++this.#last;
    const cipher = SegmentCipher.create(this.#options.secrets, number);
    const handle = await open(segmentPath(this.folder, number), DURABLE, 0o600);
    await this.#lay(handle, cipher.header);
    await syncFolder(this.folder);
    this.#file = { handle, cipher, number, position: HEADER_BYTES };
    this.#segments.set(number, HEADER_BYTES);
    return this.#file;
  }

  /**
   * Writes the whole segment once, empty: a flush into blocks that are there already writes those blocks and no more, and
   * waits for nobody else's flush. Zeros are no record: reading ends there.
   */
  async #lay(handle: FileHandle, header: Buffer): Promise<void> {
    const empty = Buffer.alloc(Math.max(this.#segmentBytes, HEADER_BYTES));
    header.copy(empty);
    await handle.write(empty, 0, empty.length, 0);
  }

  /** The folder appears with its lock already in it, so that nobody recovers a journal that is being born. */
  async #takeFolder(): Promise<void> {
    if (this.#lock) return;
    const { lock } = await FolderLock.take(lockPath(this.#options.root, this.id), this.#options.clock, false);
    if (!lock) throw new Error('journal id is taken');
    this.#lock = lock;
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await syncFolder(this.#options.root);
  }

  /** After a failed write nothing more goes to that file: what it holds past the durable part may be anything. */
  async #abandon(error: unknown): Promise<void> {
    this.#options.log.error({ code: (error as { code?: unknown }).code }, 'journal write failed');
    const file = this.#file;
    if (!file) return;
    this.#file = null;
    try {
      await file.handle.truncate(file.position);
    } catch (again) {
      this.#options.log.error({ code: (again as { code?: unknown }).code }, 'journal file cannot be truncated');
    }
    await file.handle.close();
  }
}

export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}.seg`);
}

export function lockPath(root: string, id: string): string {
  return join(root, `${id}.lock`);
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function folderBytes(root: string, except: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === except) continue;
    for (const file of await readdir(join(root, entry.name))) {
      // A file that another process deletes meanwhile counts nothing.
      bytes += (await stat(join(root, entry.name, file)).catch(() => null))?.size ?? 0;
    }
  }
  return bytes;
}
