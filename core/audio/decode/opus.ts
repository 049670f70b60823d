import { OpusDecoder } from 'opus-decoder';
import { OUTPUT_HZ, type PcmSink } from './pcm.ts';

type Decoder = OpusDecoder<16000>;

/** How many decoders stand ready when nobody said otherwise. */
const DEFAULT_WARM = 4;
/** What the library has room for in one packet; more makes it throw. */
const MAX_PACKET_BYTES = 3840;

/** Who waits for a decoder: gets one, or is told that none can be made. */
export interface OpusWish {
  ready(decoder: Decoder): void;
  failed(error: unknown): void;
}

const idle: Decoder[] = [];
const waiting: OpusWish[] = [];
let warmTarget = DEFAULT_WARM;
let refilling: Promise<void> | undefined;

/** A decoder that gives 16 kHz mono from any Opus packet: libopus resamples and mixes stereo down by itself. */
async function createDecoder(): Promise<Decoder> {
  const decoder = new OpusDecoder({
    channels: 1,
    streamCount: 1,
    coupledStreamCount: 0,
    channelMappingTable: [0],
    sampleRate: OUTPUT_HZ,
    preSkip: 0,
  });
  await decoder.ready;
  return decoder;
}

/** One at a time, 2 ms each, so that a hundred counters that connect at once do not stop the event loop. */
async function refill(): Promise<void> {
  while (waiting.length > 0 || idle.length < warmTarget) {
    const decoder = await createDecoder();
    const next = waiting.shift();
    if (next) next.ready(decoder);
    else idle.push(decoder);
  }
}

/** Rejects when a decoder cannot be made; whoever waits has been told. */
function keepWarm(): Promise<void> {
  refilling ??= refill()
    .catch((error: unknown) => {
      for (const wish of waiting.splice(0)) wish.failed(error);
      throw error;
    })
    .finally(() => {
      refilling = undefined;
    });
  return refilling;
}

function refillInBackground(): void {
  // A failure was told to those who wait; the next who needs one tries again.
  keepWarm().catch(() => undefined);
}

/** Makes `count` decoders ready, and keeps as many ready from now on (0.3 MB each). */
export function warmOpus(count = DEFAULT_WARM): Promise<void> {
  warmTarget = count;
  return keepWarm();
}

/** A decoder that is ready now, if one is; another is made in its place. */
export function acquireOpus(): Decoder | undefined {
  const decoder = idle.pop();
  if (decoder) refillInBackground();
  return decoder;
}

/** Gives the next decoder that is made to `wish`; the returned function takes it back. */
export function whenOpus(wish: OpusWish): () => void {
  waiting.push(wish);
  refillInBackground();
  return () => {
    const place = waiting.indexOf(wish);
    if (place >= 0) waiting.splice(place, 1);
  };
}

/**
 * Frees a decoder. A new one costs as much as resetting an old one, so none goes back to the pool with another's voice
 * in it.
 */
export function releaseOpus(decoder: Decoder): void {
  decoder.free();
}

/** One stream's packets to samples: pre-skip taken off, refused packets counted. */
export class OpusStream {
  readonly #decoder: Decoder;
  readonly #sink: PcmSink;
  #skip = 0;
  badPackets = 0;

  constructor(decoder: Decoder, sink: PcmSink) {
    this.#decoder = decoder;
    this.#sink = sink;
  }

  /** A stream begins whose first samples, counted at 48 kHz, are to be thrown away. */
  preSkip(samplesAt48kHz: number): void {
    this.#skip = Math.round((samplesAt48kHz * OUTPUT_HZ) / 48_000);
  }

  /** `packet` has passed `isOpusPacket`. An empty one would have the decoder invent sound: it is passed over. */
  packet(packet: Uint8Array): void {
    if (packet.length === 0) return;
    if (packet.length > MAX_PACKET_BYTES) {
      this.badPackets += 1;
      return;
    }
    const pcm = this.#decode(packet);
    if (!pcm || pcm.length === 0) return;
    const skipped = Math.min(this.#skip, pcm.length);
    this.#skip -= skipped;
    if (skipped < pcm.length) this.#sink(skipped === 0 ? pcm : pcm.subarray(skipped));
    // Fifty arrays a second and stream, outside of V8's heap: left to the collector they make it run all the time.
    (pcm.buffer as ArrayBuffer).transfer(0);
  }

  #decode(packet: Uint8Array): Float32Array | undefined {
    try {
      const { channelData, errors } = this.#decoder.decodeFrame(packet);
      if (errors.length > 0) this.badPackets += 1;
      return channelData[0];
    } catch {
      // A trap inside the decoder costs this packet, never the counter.
      this.badPackets += 1;
      return undefined;
    }
  }

  close(): void {
    releaseOpus(this.#decoder);
  }
}
