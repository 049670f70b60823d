import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { JournalEntry } from './interaction.ts';
import type { Secrets } from './secrets.ts';

/**
 * A segment file: a header (magic, key id, salt), then records of `length (u32 BE), iv (12), ciphertext, tag (16)`;
 * `length` counts what follows it. Every segment has a key of its own. A record authenticates its segment's number and
 * its place in the file: none can be moved, repeated or left out in the middle without it showing.
 */
const MAGIC = Buffer.from('BALTOJ01', 'latin1');
const KEY_ID_BYTES = 8;
const SALT_BYTES = 16;
export const HEADER_BYTES = MAGIC.length + KEY_ID_BYTES + SALT_BYTES;
const LENGTH_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD = LENGTH_BYTES + IV_BYTES + TAG_BYTES;

/** Longest entry, as JSON. */
export const MAX_ENTRY_BYTES = 4 * 1024 * 1024;

/** Bytes an entry of `jsonBytes` takes in the file. */
export function recordBytes(jsonBytes: number): number {
  return jsonBytes + OVERHEAD;
}

export class SegmentCipher {
  readonly header: Buffer;
  readonly #key: Buffer;
  readonly #segment: number;

  private constructor(header: Buffer, key: Buffer, segment: number) {
    this.header = header;
    this.#key = key;
    this.#segment = segment;
  }

  static create(secrets: Secrets, segment: number): SegmentCipher {
    const salt = randomBytes(SALT_BYTES);
    const header = Buffer.concat([MAGIC, Buffer.from(secrets.keyId, 'latin1'), salt]);
    return new SegmentCipher(header, secrets.derive('journal', salt) as Buffer, segment);
  }

  /** Null: no journal's header, or its key is not at hand. */
  static read(header: Buffer, secrets: Secrets, segment: number): SegmentCipher | null {
    if (header.length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) return null;
    const keyId = header.toString('latin1', MAGIC.length, MAGIC.length + KEY_ID_BYTES);
    const key = secrets.derive('journal', header.subarray(MAGIC.length + KEY_ID_BYTES, HEADER_BYTES), keyId);
    return key ? new SegmentCipher(header, key, segment) : null;
  }

  /** The record of `json` as it stands at byte `position`. */
  seal(json: Buffer, position: number): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    cipher.setAAD(this.#place(position));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(json.length + IV_BYTES + TAG_BYTES);
    const text = cipher.update(json);
    cipher.final();
    return Buffer.concat([length, iv, text, cipher.getAuthTag()]);
  }

  /**
   * Reads the records of `bytes`, which begin at `position` of the file. A record that is not whole ends it (a torn
   * tail, or the next read's); one that is whole but damaged is passed over and counted.
   */
  open(
    bytes: Buffer,
    position: number,
  ): { records: { entry: JournalEntry; end: number }[]; end: number; damaged: number } {
    const records: { entry: JournalEntry; end: number }[] = [];
    let at = 0;
    let damaged = 0;
    while (at + LENGTH_BYTES <= bytes.length) {
      const length = bytes.readUInt32BE(at);
      if (length < IV_BYTES + TAG_BYTES || length > MAX_ENTRY_BYTES + OVERHEAD) break;
      const end = at + LENGTH_BYTES + length;
      if (end > bytes.length) break;
      const entry = this.#openRecord(bytes.subarray(at + LENGTH_BYTES, end), position + at);
      if (entry) records.push({ entry, end: position + end });
      else damaged += 1;
      at = end;
    }
    return { records, end: position + at, damaged };
  }

  #openRecord(sealed: Buffer, position: number): JournalEntry | null {
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, IV_BYTES));
      decipher.setAAD(this.#place(position));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const json = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      return decodeEntry(json.toString());
    } catch {
      return null;
    }
  }

  #place(position: number): Buffer {
    const place = Buffer.alloc(12);
    place.writeUInt32BE(this.#segment, 0);
    place.writeBigUInt64BE(BigInt(position), 4);
    return place;
  }
}

/** Dates are written as ISO 8601; these are the fields that become dates again. */
const DATES = new Set([
  'at',
  'timestamp',
  'tsAudioReceived',
  'tsTranscriptionSent',
  'tsTranscriptionReady',
  'tsAiRequest',
  'tsAiResponse',
  'tsClientSent',
  'tsSpeechEnd',
]);

export function encodeEntry(entry: JournalEntry): Buffer {
  return Buffer.from(JSON.stringify(entry));
}

function decodeEntry(json: string): JournalEntry {
  const entry = JSON.parse(json) as Record<string, unknown>;
  reviveDates(entry);
  for (const part of [entry['interaction'], entry['fields'], entry['shadow']]) {
    if (part) reviveDates(part as Record<string, unknown>);
  }
  for (const usage of (entry['usage'] as Record<string, unknown>[] | undefined) ?? []) reviveDates(usage);
  return entry as unknown as JournalEntry;
}

function reviveDates(record: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(record)) {
    if (DATES.has(name) && typeof value === 'string') record[name] = new Date(value);
  }
}
