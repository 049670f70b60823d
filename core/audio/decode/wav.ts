import { type PcmSink, PcmStage, pcmSupported } from './pcm.ts';
import type { RestartState } from './restart-map.ts';
import type { Stage } from './stage.ts';

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** `fmt ` of WAVE_FORMAT_EXTENSIBLE; what a longer one adds is not looked at. */
const FORMAT_BYTES = 40;
const MAX_FORMAT_BYTES = 4096;
const MAX_SKIPPED_CHUNK_BYTES = 16 << 20;
const UNTIL_END = 0xffffffff;
const PCM_TAG = 1;
const EXTENSIBLE_TAG = 0xfffe;
/** Chunks that may follow the samples; anything else there is more sound from a recorder that did not know its length. */
const TRAILERS = new Set([
  'LIST',
  'id3 ',
  'ID3 ',
  'bext',
  'cue ',
  'fact',
  'JUNK',
  'PEAK',
  'smpl',
  'inst',
  'iXML',
  '_PMX',
]);

export interface WavListener {
  pcm: PcmSink;
  unsupported(name: string): void;
}

type Samples = Extract<RestartState, { format: 'pcm_s16le' | 'wav' }>;

/** RIFF/WAVE with 16-bit PCM. Nothing a header declares takes memory; sizes 0 and 0xFFFFFFFF mean "until the end". */
export class WavStage implements Stage {
  restart: RestartState | undefined;
  readonly #listener: WavListener;
  readonly #held = new Uint8Array(FORMAT_BYTES);
  #heldLength = 0;
  #state: 'riff' | 'chunk' | 'format' | 'data' | 'dead' = 'riff';
  #wanted = RIFF_HEADER_BYTES;
  #skip = 0;
  #left = 0;
  #heardData = false;
  #pcm: PcmStage | undefined;

  /** `from`: goes on in the middle of another stage's data. */
  constructor(listener: WavListener, from?: Samples) {
    this.#listener = listener;
    if (!from) return;
    this.#samplesOf(from.sampleRateHz, from.channels);
    this.#openData(from.leftBytes ?? UNTIL_END);
  }

  get buffered(): number {
    return this.#heldLength + (this.#pcm?.buffered ?? 0);
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.#state !== 'dead') {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, bytes.length - at);
        this.#skip -= passed;
        at += passed;
      } else if (this.#state === 'data') at += this.#data(bytes, at);
      else at += this.#collect(bytes, at);
    }
  }

  skip(byteCount: number): void {
    if (this.#state !== 'data') return;
    this.#pcm?.skip(byteCount);
    this.#left = Math.max(0, this.#left - byteCount);
    if (this.#left === 0) this.#expect('chunk', CHUNK_HEADER_BYTES);
  }

  /** Of a header that is not whole: its own beginning; of the data: a frame that is not whole. */
  rewind(): number {
    const length = this.#heldLength;
    this.#heldLength = 0;
    return length + (this.#pcm?.rewind() ?? 0);
  }

  aligned(): { back: number; sample: number } | undefined {
    return this.#state === 'data' ? this.#pcm?.aligned() : undefined;
  }

  /** Bytes until the data ends; undefined: it goes on. */
  get leftBytes(): number | undefined {
    return Number.isFinite(this.#left) ? this.#left : undefined;
  }

  end(): undefined {
    this.#pcm?.end();
  }

  close(): void {
    this.#state = 'dead';
    this.#pcm?.close();
  }

  #data(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#left, bytes.length - at);
    this.#pcm?.push(at === 0 && count === bytes.length ? bytes : bytes.subarray(at, at + count));
    this.#left -= count;
    if (this.#left === 0) this.#expect('chunk', CHUNK_HEADER_BYTES);
    return count;
  }

  #expect(state: 'chunk' | 'format', bytes: number): void {
    this.#state = state;
    this.#wanted = bytes;
    this.#heldLength = 0;
  }

  #collect(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#wanted - this.#heldLength, bytes.length - at);
    this.#held.set(bytes.subarray(at, at + count), this.#heldLength);
    this.#heldLength += count;
    if (this.#heldLength === this.#wanted) this.#headerRead();
    return count;
  }

  #headerRead(): void {
    const view = Buffer.from(this.#held.buffer, 0, this.#wanted);
    if (this.#state === 'format') this.#format(view);
    else if (this.#state === 'chunk') this.#chunk(view, view.toString('latin1', 0, 4), view.readUInt32LE(4));
    else if (view.toString('latin1', 8, 12) === 'WAVE') this.#expect('chunk', CHUNK_HEADER_BYTES);
    else this.#refuse('riff');
  }

  #chunk(header: Buffer, id: string, size: number): void {
    if (id === 'data' && this.#pcm) this.#openData(size);
    else if (id === 'data') this.#refuse('wav sem formato');
    else if (this.#heardData && !TRAILERS.has(id)) this.#moreSound(header);
    else if (id !== 'fmt ' || this.#pcm) this.#pass(size);
    else this.#openFormat(size);
  }

  #openFormat(size: number): void {
    if (size < 16 || size > MAX_FORMAT_BYTES) {
      this.#refuse('wav');
      return;
    }
    this.#expect('format', Math.min(size, FORMAT_BYTES));
    this.#left = size + (size % 2) - this.#wanted;
  }

  #pass(size: number): void {
    if (size > MAX_SKIPPED_CHUNK_BYTES) {
      this.#refuse('wav');
      return;
    }
    this.#expect('chunk', CHUNK_HEADER_BYTES);
    this.#skip = size + (size % 2);
  }

  #moreSound(header: Buffer): void {
    this.#heldLength = 0;
    this.#openData(UNTIL_END);
    this.#pcm?.push(header);
  }

  #openData(size: number): void {
    this.#heardData = true;
    this.#state = 'data';
    this.#heldLength = 0;
    this.#left = size === 0 || size === UNTIL_END ? Number.POSITIVE_INFINITY : size;
  }

  #format(view: Buffer): void {
    const format = readFormat(view);
    const refusal = whyNot(format);
    if (refusal) {
      this.#refuse(refusal);
      return;
    }
    this.#samplesOf(format.sampleRateHz, format.channels);
    this.#skip = this.#left;
    this.#expect('chunk', CHUNK_HEADER_BYTES);
  }

  #samplesOf(sampleRateHz: number, channels: number): void {
    this.#pcm = new PcmStage(sampleRateHz, channels, this.#listener.pcm);
    this.restart = { format: 'wav', sampleRateHz, channels };
  }

  #refuse(name: string): void {
    this.#state = 'dead';
    this.#listener.unsupported(name);
  }
}

interface WavFormat {
  codec: number;
  channels: number;
  sampleRateHz: number;
  bits: number;
}

/** The `fmt ` chunk; of an extensible one the codec is the first two bytes of its sub-format. */
function readFormat(view: Buffer): WavFormat {
  const tag = view.readUInt16LE(0);
  return {
    codec: tag === EXTENSIBLE_TAG && view.length >= 26 ? view.readUInt16LE(24) : tag,
    channels: view.readUInt16LE(2),
    sampleRateHz: view.readUInt32LE(4),
    bits: view.readUInt16LE(14),
  };
}

/** What of a format is not decoded here, as the device is told it. */
function whyNot({ codec, channels, sampleRateHz, bits }: WavFormat): string | undefined {
  if (codec !== PCM_TAG) return `wav codec ${codec}`;
  if (bits !== 16) return `wav ${bits} bits`;
  if (channels !== 1 && channels !== 2) return `wav ${channels} canais`;
  return pcmSupported(sampleRateHz, channels) ? undefined : `wav ${sampleRateHz} Hz`;
}
