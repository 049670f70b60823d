import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalEntry } from './interaction.ts';
import type { Journal } from './journal.ts';
import { segmentPath } from './journal.ts';
import { HEADER_BYTES, MAX_ENTRY_BYTES, SegmentCipher } from './journal-codec.ts';
import type { Secrets } from './secrets.ts';

/** Where reading stands: the segment, and the byte after the last record read. */
export interface JournalPosition {
  segment: number;
  position: number;
}

/** A journal as its reader sees it: this process's own, or one left by a dead process. */
export interface JournalSource {
  id: string;
  folder: string;
  segments(): Promise<{ number: number; end: number; sealed: boolean }[]>;
  drop(segment: number): Promise<void>;
}

export interface JournalBatch {
  records: { entry: JournalEntry; end: number }[];
  /** Where the next batch begins. */
  next: JournalPosition;
  /** Records that were whole but did not open. */
  damaged: number;
  /** Segments that are read to their end and will not grow. */
  finished: number[];
  /** Nothing more to read now. */
  exhausted: boolean;
}

/** Bytes read at a time: more when one record is longer. */
const CHUNK = 1024 * 1024;
/** Entries of one transaction: on the embedded database it must end within 100 ms. */
const ENTRIES = 50;

export function ownSource(journal: Journal): JournalSource {
  return {
    id: journal.id,
    folder: journal.folder,
    segments: async () => journal.segments(),
    drop: (segment) => journal.drop(segment),
  };
}

/** All that a dead process left is final: a tail that is not whole was never acknowledged. */
export function orphanSource(root: string, id: string): JournalSource {
  const folder = join(root, id);
  return {
    id,
    folder,
    async segments() {
      const found = [];
      for (const file of await filesOf(folder)) {
        const number = Number(/^(\d{8})\.seg$/.exec(file)?.[1] ?? Number.NaN);
        if (Number.isNaN(number)) continue;
        found.push({ number, end: (await stat(join(folder, file))).size, sealed: true });
      }
      return found;
    },
    drop: (segment) => rm(segmentPath(folder, segment), { force: true }),
  };
}

/**
 * Journals in `root` that are not `own`, whoever holds them. A lock without a folder counts: its process died after the
 * last entry was stored, and before it could let go.
 */
export async function orphanIds(root: string, own: string): Promise<string[]> {
  const ids = new Set<string>();
  for (const name of await readdir(root)) {
    const id = /^(\d+-[0-9a-f-]{36})(\.lock)?$/.exec(name)?.[1];
    if (id !== undefined && id !== own) ids.add(id);
  }
  return [...ids];
}

/**
 * The next entries after `from`, in order.
 * @throws Error `journal segment cannot be read`: not a journal's file, or written with another secret key.
 */
export async function readBatch(source: JournalSource, from: JournalPosition, secrets: Secrets): Promise<JournalBatch> {
  const batch: JournalBatch = { records: [], next: from, damaged: 0, finished: [], exhausted: false };
  for (const segment of await source.segments()) {
    if (segment.number < from.segment) {
      batch.finished.push(segment.number);
      continue;
    }
    const start = segment.number === from.segment ? Math.max(from.position, HEADER_BYTES) : HEADER_BYTES;
    const read = await readSegment(source, segment.number, start, segment.end, secrets);
    batch.damaged += read.damaged;
    batch.records = read.records.slice(0, ENTRIES);
    const whole = batch.records.length === read.records.length;
    batch.next = { segment: segment.number, position: whole ? read.end : (batch.records.at(-1)?.end ?? read.end) };
    if (batch.records.length > 0 || read.damaged > 0) return batch;
    if (!segment.sealed) break;
    batch.finished.push(segment.number);
  }
  batch.exhausted = true;
  return batch;
}

/** In order; none when the folder is gone. */
async function filesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function readSegment(source: JournalSource, number: number, start: number, end: number, secrets: Secrets) {
  if (end <= HEADER_BYTES || start >= end) return { records: [], end: start, damaged: 0 };
  const handle = await open(segmentPath(source.folder, number), 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    await handle.read(header, 0, HEADER_BYTES, 0);
    const cipher = SegmentCipher.read(header, secrets, number);
    if (!cipher) throw new Error('journal segment cannot be read');
    for (const size of [CHUNK, MAX_ENTRY_BYTES + CHUNK]) {
      const bytes = Buffer.alloc(Math.min(size, end - start));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      const read = cipher.open(bytes.subarray(0, bytesRead), start);
      if (read.end > start) return read;
    }
    return { records: [], end: start, damaged: 0 };
  } finally {
    await handle.close();
  }
}
