import { acquireOpus, OpusStream, whenOpus } from './opus.ts';
import { OUTPUT_HZ, type PcmSink } from './pcm.ts';
import { loadResampler, resamplerReady } from './resample.ts';
import type { SniffedFormat } from './sniff.ts';

export interface SupplyWish {
  /** Called once, later, when all that the format needs is there. */
  ready(): void;
  failed(error: unknown): void;
}

/** What one stream decodes with: its Opus decoder, kept over restarts, and the process's resampler. */
export class DecoderSupply {
  readonly #pcm: PcmSink;
  #opus: OpusStream | undefined;

  constructor(pcm: PcmSink) {
    this.#pcm = pcm;
  }

  /** Set once a format that needs it was asked for and is ready. */
  get opus(): OpusStream | undefined {
    return this.#opus;
  }

  /**
   * `undefined` when all that `format` needs is there now; else `wish` is told, and the answer takes it back.
   * `sampleRateHz` is that of raw PCM.
   */
  ask(format: SniffedFormat, sampleRateHz: number | undefined, wish: SupplyWish): (() => void) | undefined {
    if (format === 'webm' || format === 'ogg') return this.#askOpus(wish);
    const rate = format === 'pcm_s16le' ? (sampleRateHz ?? OUTPUT_HZ) : OUTPUT_HZ;
    if (resamplerReady() || (format !== 'wav' && rate === OUTPUT_HZ)) return undefined;
    let wanted = true;
    loadResampler().then(
      () => wanted && wish.ready(),
      (error: unknown) => wanted && wish.failed(error),
    );
    return () => {
      wanted = false;
    };
  }

  close(): void {
    this.#opus?.close();
  }

  #askOpus(wish: SupplyWish): (() => void) | undefined {
    if (this.#opus) return undefined;
    const decoder = acquireOpus();
    if (decoder) {
      this.#opus = new OpusStream(decoder, this.#pcm);
      return undefined;
    }
    return whenOpus({
      ready: (made) => {
        this.#opus = new OpusStream(made, this.#pcm);
        wish.ready();
      },
      failed: (error) => wish.failed(error),
    });
  }
}
