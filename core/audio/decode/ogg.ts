import { Carry } from './carry.ts';
import { MAX_PAGE_BYTES, mayBePage, PAGE_HEADER_BYTES, pageIsWhole, readUint32 } from './ogg-page.ts';
import { readOpusHead } from './opus-head.ts';
import { isOpusPacket } from './opus-packet.ts';
import type { RestartState } from './restart-map.ts';
import type { PacketSink, Stage } from './stage.ts';

const MAX_PACKET_BYTES = 8192;
const CONTINUED = 1;
const FIRST_PAGE = 2;
const MORE = -1;
const PAGE_MAGIC = Buffer.from('OggS\0', 'latin1');
const LOOK_EVERY_BYTES = 2048;

/**
 * Streaming Ogg/Opus demultiplexer (RFC 3533, RFC 7845). A page whose checksum is wrong is still heard, packet by
 * packet, when another page stands where it ends: in a page of a second, damage is mostly sound. Without a header the
 * first stream whose packets can be Opus is taken.
 */
export class OggStage implements Stage {
  readonly #sink: PacketSink;
  readonly #carry = new Carry((data, length) => this.#read(data, length), MAX_PAGE_BYTES + 8);
  readonly #partial = new Uint8Array(MAX_PACKET_BYTES);
  #partialLength = 0;
  #sequence = -1;
  #serial: number | undefined;
  #foreign: string | undefined;
  #scanning = false;
  #needed = 1;
  #dead = false;

  /** `serial`: of the stream that is heard, where this stage begins behind its header. */
  constructor(sink: PacketSink, serial?: number) {
    this.#sink = sink;
    this.#serial = serial;
  }

  get buffered(): number {
    return this.#carry.length;
  }

  get restart(): RestartState | undefined {
    return this.#serial === undefined ? undefined : { format: 'ogg', serial: this.#serial };
  }

  rewind(): number {
    return this.#carry.rewind();
  }

  /** A page that was begun is lost with what is passed over: the next one is looked for. */
  skip(): void {
    this.#carry.rewind();
    this.#scanning = true;
    this.#partialLength = 0;
  }

  push(bytes: Uint8Array): void {
    if (!this.#dead) this.#carry.push(bytes);
  }

  end(): undefined {
    this.#carry.close();
  }

  close(): void {
    this.#dead = true;
    this.#carry.close();
  }

  #read(data: Uint8Array, length: number): { used: number; needed: number } {
    let at = 0;
    while (at < length && !this.#dead) {
      const next = mayBePage(data, at, length) ? this.#page(data, at, length) : this.#lose(at);
      if (next === MORE) return { used: at, needed: this.#needed };
      at = next;
    }
    return { used: Math.min(at, length), needed: 1 };
  }

  #wait(bytes: number): number {
    this.#needed = bytes;
    return MORE;
  }

  #lose(at: number): number {
    if (!this.#scanning) this.#sink.resync();
    this.#scanning = true;
    this.#partialLength = 0;
    return at + 1;
  }

  #page(data: Uint8Array, at: number, length: number): number {
    if (at + PAGE_HEADER_BYTES > length) return this.#wait(PAGE_HEADER_BYTES);
    const segments = data[at + 26] ?? 0;
    const body = at + PAGE_HEADER_BYTES + segments;
    if (body > length) return this.#wait(body - at);
    let end = body;
    for (let index = 0; index < segments; index += 1) end += data[at + PAGE_HEADER_BYTES + index] ?? 0;
    if (end > length) return this.#pageToCome(data, at, end, length);
    if (!pageIsWhole(data, at, end)) {
      if (end + 4 > length) return this.#wait(end + 4 - at);
      if (!mayBePage(data, end, end + 4)) return this.#lose(at);
      this.#sink.resync();
    }
    this.#scanning = false;
    this.#wholePage(data, at, body, end);
    return end;
  }

  /** A page that another one begins in has a damaged table: found out on the way, not after 64 KiB of waiting. */
  #pageToCome(data: Uint8Array, at: number, end: number, length: number): number {
    const seen = Buffer.from(data.buffer, data.byteOffset + at + 4, length - at - 4);
    if (seen.includes(PAGE_MAGIC)) return this.#lose(at);
    return this.#wait(Math.min(end - at, length - at + LOOK_EVERY_BYTES));
  }

  #wholePage(data: Uint8Array, at: number, body: number, end: number): void {
    const flags = data[at + 5] ?? 0;
    const serial = readUint32(data, at + 14);
    if (flags & FIRST_PAGE) {
      this.#firstPage(serial, data.subarray(body, end));
      return;
    }
    if (this.#serial === undefined) this.#adopt(serial, data, at, body);
    if (serial !== this.#serial) return;
    const sequence = readUint32(data, at + 18);
    if (sequence !== this.#sequence + 1 || !(flags & CONTINUED)) this.#partialLength = 0;
    const lostStart = (flags & CONTINUED) !== 0 && this.#partialLength === 0;
    this.#sequence = sequence;
    // A page that goes on with a packet of the one before it cannot be begun with.
    if (!(flags & CONTINUED)) this.#sink.block(this.#carry.done + at);
    this.#packets(data, at, body, lostStart);
  }

  /** A stream's first page names its codec. */
  #firstPage(serial: number, body: Uint8Array): void {
    const head = readOpusHead(body);
    if (!head) {
      this.#foreign ??= codecName(body);
    } else if (head.manyStreams) {
      this.#refuse('opus multicanal');
    } else {
      this.#serial = serial;
      this.#sequence = 0;
      this.#partialLength = 0;
      this.#sink.preSkip(head.preSkip);
    }
  }

  /** Without a header seen: takes the stream of a page whose first packet can be Opus. */
  #adopt(serial: number, data: Uint8Array, at: number, body: number): void {
    if (this.#foreign !== undefined) {
      this.#refuse(this.#foreign);
      return;
    }
    let size = 0;
    let index = 0;
    for (let part = 255; part === 255 && index < (data[at + 26] ?? 0); index += 1) {
      part = data[at + PAGE_HEADER_BYTES + index] ?? 0;
      size += part;
    }
    if (isOpusPacket(data.subarray(body, body + size))) this.#serial = serial;
  }

  #refuse(name: string): void {
    this.#dead = true;
    this.#sink.unsupported(name);
  }

  /** Joins a page's segments to packets; the last one goes on in the next page when its last segment is full. */
  #packets(data: Uint8Array, at: number, body: number, lostStart: boolean): void {
    const segments = data[at + 26] ?? 0;
    let start = body;
    let end = body;
    let skipping = lostStart;
    for (let index = 0; index < segments; index += 1) {
      const size = data[at + PAGE_HEADER_BYTES + index] ?? 0;
      end += size;
      if (size === 255) continue;
      if (!skipping) this.#packet(data.subarray(start, end));
      skipping = false;
      start = end;
    }
    if (end > start && !skipping) this.#keep(data.subarray(start, end));
  }

  #keep(bytes: Uint8Array): void {
    if (this.#partialLength + bytes.length > MAX_PACKET_BYTES) {
      this.#partialLength = 0;
      this.#sink.badPacket();
      return;
    }
    this.#partial.set(bytes, this.#partialLength);
    this.#partialLength += bytes.length;
  }

  #packet(bytes: Uint8Array): void {
    if (this.#partialLength === 0) {
      this.#give(bytes);
      return;
    }
    this.#keep(bytes);
    const whole = this.#partial.subarray(0, this.#partialLength);
    this.#partialLength = 0;
    if (whole.length > 0) this.#give(whole);
  }

  #give(packet: Uint8Array): void {
    if (packet.length === 0 || isTags(packet)) return;
    if (isOpusPacket(packet)) this.#sink.packet(packet);
    else this.#sink.badPacket();
  }
}

const TAGS = Buffer.from('OpusTags', 'latin1');

function isTags(packet: Uint8Array): boolean {
  return packet.length >= 8 && TAGS.compare(packet, 0, 8) === 0;
}

/** The codec a first page names, for the refusal. */
function codecName(body: Uint8Array): string | undefined {
  const start = Buffer.from(body.subarray(0, 8)).toString('latin1');
  if (start.startsWith('\x01vorbis')) return 'ogg vorbis';
  if (start.startsWith('\x7fFLAC')) return 'ogg flac';
  if (start.startsWith('Speex')) return 'ogg speex';
  return undefined;
}
