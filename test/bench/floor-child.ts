/**
 * The floor: what the same libraries cost bare. Demultiplexer, Opus decoder, cleaner and batched VAD in one process; no
 * socket, no ear, no segmenter, no features, no rows. Every sample goes through all of them.
 */
import { setTimeout } from 'node:timers/promises';
import { prepareDecoders } from '../../core/audio/decode/index.ts';
import { acquireOpus, OpusStream, warmOpus } from '../../core/audio/decode/opus.ts';
import { WebmStage } from '../../core/audio/decode/webm.ts';
import type { Cleaner, CleanerStream, Vad, VadStream } from '../../core/contracts/index.ts';
import { answer } from './child.ts';
import { openDetectors } from './detectors.ts';
import { type Measured, Meter } from './meter.ts';
import { startProfile } from './profiler.ts';
import { type Pace, paced } from './recording.ts';

export type FloorQuestions = {
  /** Loads everything and makes room for `n` streams. */
  prepare(n: number): Promise<void>;
  /** Measures from `warmUpMs` on until the last frame is answered. */
  run(order: { n: number; pace: Pace; warmUpMs: number; profile: string | null }): Promise<Measured>;
};

/** One stream of the floor. */
class BareStream {
  readonly #webm: WebmStage;
  readonly #cleaning: CleanerStream;
  readonly #listening: VadStream;
  readonly #frame: Float32Array;
  readonly #cleaned: Float32Array;
  #filled = 0;
  frames = 0;
  answered = 0;
  failed = false;

  constructor(cleaner: Cleaner, vad: Vad) {
    if (cleaner.frameSamples !== vad.frameSamples) throw new Error('the floor wants one frame size for both');
    this.#frame = new Float32Array(vad.frameSamples);
    this.#cleaned = new Float32Array(vad.frameSamples);
    this.#cleaning = cleaner.open();
    this.#listening = vad.open((_seq, probability) => {
      this.answered += 1;
      this.failed ||= Number.isNaN(probability);
    });
    const decoder = acquireOpus();
    if (!decoder) throw new Error('too few decoders were prepared');
    const opus = new OpusStream(decoder, (pcm) => this.#hear(pcm));
    this.#webm = new WebmStage({
      block: () => undefined,
      preSkip: (samples) => opus.preSkip(samples),
      packet: (bytes) => opus.packet(bytes),
      badPacket: () => {},
      resync: () => {},
      unsupported: (name) => {
        throw new Error(name);
      },
    });
  }

  push(bytes: Uint8Array): void {
    this.#webm.push(bytes);
  }

  #hear(pcm: Float32Array): void {
    let from = 0;
    while (from < pcm.length) {
      const count = Math.min(pcm.length - from, this.#frame.length - this.#filled);
      this.#frame.set(pcm.subarray(from, from + count), this.#filled);
      from += count;
      this.#filled += count;
      if (this.#filled < this.#frame.length) continue;
      this.#filled = 0;
      this.#cleaning.process(this.#frame, this.#cleaned);
      this.#listening.push(this.#frame, this.frames++);
    }
  }
}

async function loaded() {
  await prepareDecoders();
  return openDetectors();
}

let detectors: Awaited<ReturnType<typeof loaded>> | undefined;

answer<FloorQuestions>({
  async prepare(n) {
    detectors ??= await loaded();
    await warmOpus(n);
  },
  async run({ n, pace, warmUpMs, profile }) {
    if (!detectors) throw new Error('prepare first');
    const { cleaner, vad } = detectors;
    const streams = Array.from({ length: n }, () => new BareStream(cleaner, vad));
    // No decoder is made any more while it is measured.
    await warmOpus(0);
    const meter = new Meter();
    const streaming = paced(n, pace, (stream, bytes) => streams[stream]?.push(bytes));
    await setTimeout(warmUpMs);
    const endProfile = profile === null ? undefined : await startProfile(profile);
    meter.start();
    await streaming;
    while (streams.some((each) => each.answered < each.frames)) {
      if (streams.some((each) => each.failed))
        throw new Error('the VAD gave up: this machine stood still for too long');
      await setTimeout(5);
    }
    const measured = meter.stop();
    await endProfile?.();
    return measured;
  },
});
