import { Carry } from './carry.ts';
import { AFTER_BLOCK, ELEMENTS, headerSize, ID, MAX_BLOCK_BYTES, readId, readVint } from './ebml.ts';
import { isOpusPacket } from './opus-packet.ts';
import type { RestartState } from './restart-map.ts';
import type { PacketSink, Stage } from './stage.ts';
import { type Track, TrackList } from './webm-tracks.ts';

/** Id, size, and a byte to see what follows. */
const MAX_KEPT_BYTES = MAX_BLOCK_BYTES + 32;
const MAX_FOREIGN_BLOCK_BYTES = 1 << 20;
const MAX_HEADER_VALUE_BYTES = 65_536;
const LACING_OR_RESERVED = 0x76;
const MORE = -1;

/**
 * Streaming WebM demultiplexer for one Opus track. Elements are read flat (a master element is entered, its end is not
 * kept), so unknown sizes need no care. At anything that is not believed it looks for the next cluster or block that is
 * sound by itself, which is also how it joins a stream in the middle.
 */
export class WebmStage implements Stage {
  readonly #sink: PacketSink;
  readonly #tracks: TrackList;
  readonly #carry = new Carry((data, length) => this.#read(data, length), MAX_KEPT_BYTES);
  #inHeader = true;
  #scanning = false;
  #skip = 0;
  #needed = 1;
  #dead = false;

  /** `tracks`: of the header, where this stage begins behind it, in the middle of anything. */
  constructor(sink: PacketSink, tracks?: readonly Track[]) {
    this.#sink = sink;
    this.#tracks = new TrackList(tracks);
    this.#inHeader = tracks === undefined;
    this.#scanning = tracks !== undefined;
  }

  get buffered(): number {
    return this.#carry.length;
  }

  get restart(): RestartState {
    return { format: 'webm', tracks: this.#tracks.all };
  }

  rewind(): number {
    return this.#carry.rewind();
  }

  /** A block that was begun is lost with what is passed over: the next sound one is looked for. */
  skip(): void {
    this.#carry.rewind();
    this.#skip = 0;
    this.#scanning = true;
  }

  push(bytes: Uint8Array): void {
    if (!this.#dead) this.#carry.push(bytes);
  }

  end(): undefined {
    // What waits for bytes that will not come may be a damaged size, with sound blocks behind it.
    while (this.#carry.length > 0) {
      this.#scanning = true;
      this.#skip = 0;
      this.#carry.drop(1);
    }
    this.#carry.close();
  }

  close(): void {
    this.#dead = true;
    this.#carry.close();
  }

  #read(data: Uint8Array, length: number): { used: number; needed: number } {
    let at = 0;
    while (at < length && !this.#dead) {
      const next = this.#next(data, at, length);
      if (next === MORE) return { used: at, needed: this.#needed };
      at = next;
    }
    return { used: Math.min(at, length), needed: 1 };
  }

  #next(data: Uint8Array, at: number, length: number): number {
    if (this.#skip > 0) return this.#pass(data, at, length);
    return this.#scanning ? this.#scan(data, at, length) : this.#element(data, at, length);
  }

  /** Passes over an element; one of the header that reaches into a cluster has a damaged size, and ends there. */
  #pass(data: Uint8Array, from: number, length: number): number {
    const end = Math.min(from + this.#skip, length);
    for (let at = from; this.#inHeader && at < end; at += 1) {
      if (data[at] !== 0x1f) continue;
      const found = this.#clusterAt(data, at, length);
      if (found === 'no') continue;
      if (found !== 'yes' && at === from) return this.#wait(found);
      this.#skip -= at - from;
      if (found !== 'yes') return at;
      this.#skip = 0;
      this.#sink.resync();
      return at;
    }
    this.#skip -= end - from;
    return end;
  }

  #wait(bytes: number): number {
    this.#needed = bytes;
    return MORE;
  }

  /** Reads the element at `at`; the place after it, or MORE. */
  #element(data: Uint8Array, at: number, length: number): number {
    const id = readId(data, at, length);
    if (id === undefined) return this.#wait(length - at + 1);
    const rule = ELEMENTS.get(id);
    if (!rule || (rule.where === 'header' && !this.#inHeader)) return this.#lose(at);
    const sizeAt = at + headerSize(data[at] ?? 0);
    const size = readVint(data, sizeAt, length);
    if (size === undefined) return this.#wait(length - at + 1);
    const body = sizeAt + headerSize(data[sizeAt] ?? 0);
    if (rule.use === 'enter') return size > rule.max ? this.#lose(at) : this.#enter(id, body);
    if (rule.use === 'block') return this.#block(data, at, body, size, length);
    // What is read of the header may be longer for codecs that are not ours; it is passed over, their name comes first.
    const tooLong = rule.use === 'read' && size > rule.max && size <= MAX_HEADER_VALUE_BYTES;
    if (size < 0 || (size > rule.max && !tooLong)) return this.#lose(at);
    if (rule.use === 'skip' || tooLong) {
      this.#skip = size;
      return body;
    }
    if (body + size > length) return this.#wait(body + size - at);
    this.#tracks.read(id, data.subarray(body, body + size));
    if (id === ID.codecPrivate) this.#openingFound();
    return body + size;
  }

  #openingFound(): void {
    if (this.#tracks.preSkip !== undefined) this.#sink.preSkip(this.#tracks.preSkip);
  }

  #enter(id: number, body: number): number {
    if (id === ID.tracks) this.#tracks.reset();
    if (id === ID.trackEntry) this.#tracks.next();
    this.#inHeader = id !== ID.cluster && (this.#inHeader || id !== ID.blockGroup);
    if (id === ID.cluster) this.#checkCodec();
    return body;
  }

  #checkCodec(): void {
    const foreign = this.#tracks.unsupported();
    if (!foreign) return;
    this.#dead = true;
    this.#sink.unsupported(foreign);
  }

  #block(data: Uint8Array, at: number, body: number, size: number, length: number): number {
    if (body >= length) return this.#wait(body - at + 1);
    if (this.#tracks.isOther((data[body] ?? 0) & 0x7f) && size > 0 && size <= MAX_FOREIGN_BLOCK_BYTES) {
      this.#skip = size;
      return body;
    }
    if (size < 5 || size > MAX_BLOCK_BYTES) return this.#lose(at);
    const end = body + size;
    if (end > length) return this.#wait(end - at);
    if (!this.#soundBlock(data, body, end)) return this.#lose(at);
    this.#inHeader = false;
    this.#sink.block(this.#carry.done + at);
    this.#sink.packet(data.subarray(body + 4, end));
    // What follows is known already and is nothing: this block's size may be the damage, so look inside it.
    if (end < length && !AFTER_BLOCK.has(data[end] ?? 0)) return this.#lose(at);
    return end;
  }

  /** Track, lacing and packet of a block whose body is `[body, end)`. */
  #soundBlock(data: Uint8Array, body: number, end: number): boolean {
    const track = data[body] ?? 0;
    if (track < 0x81 || !this.#tracks.accepts(track & 0x7f)) return false;
    if (((data[body + 3] ?? 0) & LACING_OR_RESERVED) !== 0) return false;
    return isOpusPacket(data.subarray(body + 4, end));
  }

  #lose(at: number): number {
    this.#scanning = true;
    this.#sink.resync();
    return at + 1;
  }

  /** Looks from `at` on for a cluster or a sound block with something known behind it. */
  #scan(data: Uint8Array, from: number, length: number): number {
    for (let at = from; at < length; at += 1) {
      const first = data[at];
      if (first !== 0xa3 && first !== 0xa1 && first !== 0x1f) continue;
      const found = first === 0x1f ? this.#clusterAt(data, at, length) : this.#blockAt(data, at, length);
      if (found === 'no') continue;
      if (found === 'yes') {
        this.#scanning = false;
        return at;
      }
      if (at > from) return at;
      return this.#wait(found);
    }
    return length;
  }

  /** `yes`, `no`, or how many bytes from `at` on it takes to tell. */
  #clusterAt(data: Uint8Array, at: number, length: number): 'yes' | 'no' | number {
    const id = readId(data, at, length);
    if (id === undefined) return length - at + 1;
    if (id !== ID.cluster) return 'no';
    const size = readVint(data, at + 4, length);
    if (size === undefined) return length - at + 1;
    const body = at + 4 + headerSize(data[at + 4] ?? 0);
    if (body >= length) return body - at + 1;
    return AFTER_BLOCK.has(data[body] ?? 0) ? 'yes' : 'no';
  }

  #blockAt(data: Uint8Array, at: number, length: number): 'yes' | 'no' | number {
    const size = readVint(data, at + 1, length);
    if (size === undefined) return length - at + 1;
    if (size < 5 || size > MAX_BLOCK_BYTES) return 'no';
    const body = at + 1 + headerSize(data[at + 1] ?? 0);
    const end = body + size;
    if (body + 4 > length) return body + 4 - at;
    if ((data[body] ?? 0) < 0x81 || ((data[body + 3] ?? 0) & LACING_OR_RESERVED) !== 0) return 'no';
    if (end >= length) return end - at + 1;
    return this.#soundBlock(data, body, end) && AFTER_BLOCK.has(data[end] ?? 0) ? 'yes' : 'no';
  }
}
