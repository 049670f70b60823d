import { readFileSync } from 'node:fs';
import { StreamDecoder, type StreamDecoderOptions } from '../../core/audio/decode/index.ts';
import { WebmStage } from '../../core/audio/decode/webm.ts';

/** A file of `test/fixtures/decode`. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/decode/${name}`, import.meta.url));
}

const nothing = () => undefined;
export const quietLog = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** What a decoder told, all of it. */
export interface Decoded {
  pcm: Float32Array;
  formats: string[];
  restarts: number;
  unsupported: string[];
  longest: number;
  decoder: StreamDecoder;
}

/** Decodes bytes given in pieces of these sizes, repeated to the end; one piece when none is given. */
export async function decodeAll(
  bytes: Uint8Array,
  sizes: readonly number[] = [],
  options: Partial<StreamDecoderOptions> = {},
): Promise<Decoded> {
  const parts: Float32Array[] = [];
  const formats: string[] = [];
  const unsupported: string[] = [];
  let restarts = 0;
  const decoder = new StreamDecoder({
    onPcm: (pcm) => parts.push(Float32Array.from(pcm)),
    onFormat: (name) => formats.push(name),
    onRestart: () => {
      restarts += 1;
    },
    onUnsupported: (name) => unsupported.push(name),
    log: quietLog,
    ffmpegPath: null,
    ...options,
  });
  for (const piece of pieces(bytes, sizes)) decoder.push(piece);
  await decoder.end();
  decoder.close();
  const longest = parts.reduce((most, part) => Math.max(most, part.length), 0);
  return { pcm: joined(parts), formats, restarts, unsupported, longest, decoder };
}

/** Each piece is a copy that is overwritten after use: what is borrowed may not be kept. */
export function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = Math.max(1, sizes.length === 0 ? bytes.length : (sizes[index % sizes.length] ?? 1));
    const piece = Uint8Array.from(bytes.subarray(at, at + size));
    yield piece;
    piece.fill(0xa5);
    at += size;
  }
}

/** Whether two signals are the same to the last bit. */
export function identical(one: Float32Array, other: Float32Array): boolean {
  const bytes = (pcm: Float32Array) => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return bytes(one).equals(bytes(other));
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Interleaved int16 of one sine per channel. */
export function tone(sampleRateHz: number, seconds: number, hzOfChannel: readonly number[], amplitude = 0.5): Buffer {
  const frames = Math.round(sampleRateHz * seconds);
  const bytes = Buffer.alloc(frames * hzOfChannel.length * 2);
  for (let frame = 0; frame < frames; frame += 1) {
    hzOfChannel.forEach((hz, channel) => {
      const value = Math.round(Math.sin((2 * Math.PI * hz * frame) / sampleRateHz) * amplitude * 32_767);
      bytes.writeInt16LE(value, (frame * hzOfChannel.length + channel) * 2);
    });
  }
  return bytes;
}

export interface WavHeader {
  sampleRateHz: number;
  channels: number;
  bits?: number;
  tag?: number;
  dataBytes?: number;
  extensible?: boolean;
  /** Chunks between `fmt ` and `data`. */
  before?: Buffer[];
}

/** One RIFF chunk, padded to an even length. */
export function chunk(id: string, body: Buffer, size = body.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(size >>> 0, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

/** A WAV file; what the header says may be anything. */
export function wav(data: Buffer, header: WavHeader): Buffer {
  const { sampleRateHz, channels, bits = 16, tag = 1, extensible = false, before = [] } = header;
  const format = Buffer.alloc(extensible ? 40 : 16);
  format.writeUInt16LE(extensible ? 0xfffe : tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRateHz, 4);
  format.writeUInt32LE((sampleRateHz * channels * 2) >>> 0, 8);
  format.writeUInt16LE((channels * 2) & 0xffff, 12);
  format.writeUInt16LE(bits, 14);
  if (extensible) format.writeUInt16LE(tag, 24);
  const body = [Buffer.from('WAVE'), chunk('fmt ', format), ...before, chunk('data', data, header.dataBytes)];
  return chunk('RIFF', Buffer.concat(body));
}

/** Amplitude of one frequency in 16 kHz samples, over the middle half. */
export function amplitudeAt(pcm: Float32Array, hz: number): number {
  const from = Math.floor(pcm.length / 4);
  const count = Math.floor(pcm.length / 2);
  let real = 0;
  let imaginary = 0;
  for (let index = from; index < from + count; index += 1) {
    const angle = (2 * Math.PI * hz * index) / 16_000;
    real += (pcm[index] ?? 0) * Math.cos(angle);
    imaginary += (pcm[index] ?? 0) * Math.sin(angle);
  }
  return (2 * Math.hypot(real, imaginary)) / count;
}

/** The Opus packets of a WebM file. */
export function packetsOf(webm: Uint8Array): Buffer[] {
  const packets: Buffer[] = [];
  const stage = new WebmStage({
    block: () => undefined,
    preSkip: nothing,
    packet: (bytes) => packets.push(Buffer.from(bytes)),
    badPacket: nothing,
    resync: nothing,
    unsupported: nothing,
  });
  stage.push(webm);
  return packets;
}

const UNKNOWN_SIZE = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

/** An EBML element; `unknown` leaves its size open. */
export function element(id: string, body: Buffer, unknown = false): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length | 0x10000000);
  return Buffer.concat([Buffer.from(id, 'hex'), unknown ? UNKNOWN_SIZE : size, body]);
}

export interface WebmShape {
  unknownSizes?: boolean;
  /** Each block in a BlockGroup instead of a SimpleBlock. */
  groups?: boolean;
  /** Flags of every block; default a key frame without lacing. */
  flags?: number;
  packetsPerCluster?: number;
  packetMs?: number;
  header?: boolean;
  opusHead?: Buffer;
}

/** `OpusHead` with this many channels; a mapping family other than 0 is followed by its table. */
export function opusHead(channels: number, family = 0, preSkip = 312): Buffer {
  const table = family === 0 ? Buffer.alloc(0) : Buffer.alloc(2 + channels, 2);
  const head = Buffer.alloc(19);
  head.write('OpusHead', 'latin1');
  head.writeUInt8(1, 8);
  head.writeUInt8(channels, 9);
  head.writeUInt16LE(preSkip, 10);
  head.writeUInt32LE(48_000, 12);
  head.writeUInt8(family, 18);
  return Buffer.concat([head, table]);
}

export function webmHeader(head: Buffer = opusHead(1)): Buffer {
  const ebml = element('1a45dfa3', element('4282', Buffer.from('webm')));
  const entry = [element('d7', Buffer.from([1])), element('86', Buffer.from('A_OPUS')), element('63a2', head)];
  const tracks = element('1654ae6b', element('ae', Buffer.concat(entry)));
  return Buffer.concat([ebml, Buffer.from('18538067', 'hex'), UNKNOWN_SIZE, tracks]);
}

/** A WebM stream of these packets, in the shape asked for. */
export function webmOf(packets: readonly Buffer[], shape: WebmShape = {}): Buffer {
  const { packetsPerCluster = 50, packetMs = 20, flags = 0x80 } = shape;
  const parts = shape.header === false ? [] : [webmHeader(shape.opusHead)];
  for (let first = 0; first < packets.length; first += packetsPerCluster) {
    const blocks = packets.slice(first, first + packetsPerCluster).map((packet, index) => {
      const head = Buffer.from([0x81, 0, 0, shape.groups ? flags & 0x7f : flags]);
      head.writeInt16BE((index * packetMs) & 0x7fff, 1);
      const block = Buffer.concat([head, packet]);
      return shape.groups ? element('a0', element('a1', block)) : element('a3', block);
    });
    const time = Buffer.alloc(4);
    time.writeUInt32BE(first * packetMs);
    parts.push(element('1f43b675', Buffer.concat([element('e7', time), ...blocks]), shape.unknownSizes));
  }
  return Buffer.concat(parts);
}
