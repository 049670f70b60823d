import { headerSize, readVint } from './ebml.ts';

/** A container header that is whole and valid where it stands. */
export type HeaderKind = 'wav' | 'webm' | 'ogg';

export interface ScanListener {
  /** Bytes of the stream, in order, each once; borrowed until return. */
  bytes(bytes: Uint8Array): void;
  /** The next byte given is the first of a whole, valid header. */
  header(kind: HeaderKind): void;
}

/** An EBML header of a recorder has 31 to 43 bytes; longer ones are not believed. */
const MAX_HEADER_BYTES = 160;
const MAGICS = [
  { kind: 'wav', bytes: Buffer.from('RIFF', 'latin1'), match: matchWav },
  { kind: 'ogg', bytes: Buffer.from('OggS', 'latin1'), match: matchOgg },
  { kind: 'webm', bytes: Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), match: matchWebm },
] as const;

/** `true` whole and valid, `false` not one, `undefined` cannot be told before more bytes come. */
type Match = boolean | undefined;

function matchText(bytes: Buffer, at: number, text: string): Match {
  for (let index = 0; index < text.length; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    if (byte !== text.charCodeAt(index)) return false;
  }
  return true;
}

function matchWav(bytes: Buffer, at: number): Match {
  return matchText(bytes, at + 8, 'WAVEfmt ');
}

/** A first page (RFC 3533 §6) that holds exactly an OpusHead. */
function matchOgg(bytes: Buffer, at: number): Match {
  if (at + 36 > bytes.length) return undefined;
  const firstPage = ((bytes[at + 5] ?? 0) & 2) !== 0;
  return bytes[at + 4] === 0 && firstPage && bytes[at + 26] === 1 && matchText(bytes, at + 28, 'OpusHead');
}

/** An EBML header whose elements fill it exactly and name DocType webm or matroska. */
function matchWebm(bytes: Buffer, at: number): Match {
  const size = readVint(bytes, at + 4, bytes.length);
  if (size === undefined) return undefined;
  const start = at + 4 + headerSize(bytes[at + 4] ?? 0);
  const end = start + size;
  if (size < 0 || end - at > MAX_HEADER_BYTES) return false;
  if (end > bytes.length) return undefined;
  let docType = false;
  let offset = start;
  while (offset < end) {
    const isDocType = bytes[offset] === 0x42 && bytes[offset + 1] === 0x82;
    offset += headerSize(bytes[offset] ?? 0);
    const length = readVint(bytes, offset, end);
    if (length === undefined || length < 0) return false;
    offset += headerSize(bytes[offset] ?? 0);
    if (isDocType) {
      const name = bytes.toString('latin1', offset, Math.min(end, offset + length)).replace(/\0+$/, '');
      docType = name === 'webm' || name === 'matroska';
    }
    offset += length;
  }
  return docType && offset === end;
}

/**
 * Finds a new container header anywhere in a stream, however it is cut: a recorder that restarts, a file sent in a
 * loop. Bytes that could be the start of one are held back (at most 160) until the next ones tell.
 */
export class HeaderScanner {
  readonly #listener: ScanListener;
  #held: Buffer | undefined;

  constructor(listener: ScanListener) {
    this.#listener = listener;
  }

  get held(): number {
    return this.#held?.length ?? 0;
  }

  /** `bytes` is borrowed until return. */
  push(bytes: Uint8Array): void {
    let data = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#held) {
      data = Buffer.concat([this.#held, data]);
      this.#held = undefined;
    }
    let given = 0;
    let from = 0;
    while (from < data.length) {
      const candidate = nextCandidate(data, from);
      if (!candidate) break;
      if (candidate.match === undefined) {
        this.#give(data, given, candidate.at);
        this.#held = Buffer.from(data.subarray(candidate.at));
        return;
      }
      if (candidate.match) {
        this.#give(data, given, candidate.at);
        given = candidate.at;
        this.#listener.header(candidate.kind);
      }
      from = candidate.at + 1;
    }
    this.#give(data, given, data.length);
  }

  /** Forgets what is held, which will come again. Returns how many bytes. */
  rewind(): number {
    const { held } = this;
    this.#held = undefined;
    return held;
  }

  /** The stream is over: what was held back is no header. */
  end(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#listener.bytes(held);
  }

  #give(data: Buffer, from: number, to: number): void {
    if (to > from) this.#listener.bytes(data.subarray(from, to));
  }
}

interface Candidate {
  at: number;
  kind: HeaderKind;
  match: Match;
}

/** The first place from `from` on where a header stands, may stand, or stands in part at the end of `data`. */
function nextCandidate(data: Buffer, from: number): Candidate | undefined {
  let best: Candidate | undefined;
  for (const magic of MAGICS) {
    const limit = best?.at ?? data.length;
    let at = data.indexOf(magic.bytes, from);
    while (at >= 0 && at < limit) {
      const match = magic.match(data, at);
      if (match !== false) {
        best = { at, kind: magic.kind, match };
        break;
      }
      at = data.indexOf(magic.bytes, at + 1);
    }
  }
  return best ?? partialMagic(data, from);
}

/** The last one to three bytes, where they begin a magic number. */
function partialMagic(data: Buffer, from: number): Candidate | undefined {
  for (let at = Math.max(from, data.length - 3); at < data.length; at += 1) {
    for (const magic of MAGICS) {
      const length = data.length - at;
      if (magic.bytes.compare(data, at, data.length, 0, length) === 0)
        return { at, kind: magic.kind, match: undefined };
    }
  }
  return undefined;
}
