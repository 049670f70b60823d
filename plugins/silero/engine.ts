import type { ProviderContext, Vad, VadResultHandler, VadStream } from '../../core/contracts/index.ts';
import { FEW_STREAMS, type SileroSettings } from './config.ts';
import type { SileroModel } from './model.ts';
import { CONTEXT, FRAME, SileroStream } from './stream.ts';

/**
 * All streams on one model. Frames are gathered for a short tick, then run side by side, one frame of each stream per
 * round, until what had been queued at the tick is answered: a backlog takes more rounds, nothing is dropped. Between
 * rounds the event loop goes on (`run` yields by `setImmediate`); each round holds it 1.2 ms at most.
 */
export class SileroEngine implements Vad {
  readonly sampleRateHz = 16_000;
  readonly frameSamples = FRAME;
  readonly #model: SileroModel;
  readonly #settings: SileroSettings;
  readonly #ctx: Pick<ProviderContext, 'clock' | 'log'>;
  readonly #open = new Set<SileroStream>();
  /** Streams with queued frames, each once, in the order of their turn. */
  readonly #ready: SileroStream[] = [];
  readonly #batch: SileroStream[] = [];
  #busy = false;
  #failed = false;

  constructor(model: SileroModel, settings: SileroSettings, ctx: Pick<ProviderContext, 'clock' | 'log'>) {
    this.#model = model;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  get failed(): boolean {
    return this.#failed;
  }

  open(onResult: VadResultHandler): VadStream {
    const stream = new SileroStream(this, onResult);
    this.#open.add(stream);
    return stream;
  }

  async close(): Promise<void> {
    this.#failed = true;
    for (const stream of this.#open) stream.close();
    await this.#model.release();
  }

  /** A stream queued its first frame. */
  ready(stream: SileroStream): void {
    this.#ready.push(stream);
    this.#schedule();
  }

  forget(stream: SileroStream): void {
    this.#open.delete(stream);
    const index = this.#ready.indexOf(stream);
    if (index >= 0) this.#ready.splice(index, 1);
  }

  #schedule(): void {
    if (this.#busy) return;
    this.#busy = true;
    const { tickMs, tickFewMs } = this.#settings;
    this.#ctx.clock.after(this.#open.size < FEW_STREAMS ? tickFewMs : tickMs, () => void this.#runQueued());
  }

  /** Stops at what was there when the tick ended: chasing frames as they trickle in would run them one by one. */
  async #runQueued(): Promise<void> {
    let left = 0;
    for (const stream of this.#ready) left += stream.queued;
    try {
      while (left > 0 && this.#ready.length > 0 && !this.#failed) left -= await this.#round();
    } catch (error) {
      this.#fail(error);
    }
    this.#busy = false;
    if (this.#ready.length > 0) this.#schedule();
  }

  /** One frame of each of up to `maxBatch` streams. Returns how many. */
  async #round(): Promise<number> {
    const size = Math.min(this.#ready.length, this.#settings.maxBatch);
    this.#gather(size);
    await this.#model.run(size);
    for (let i = 0; i < size; i++) {
      const stream = this.#batch[i] as SileroStream;
      this.#model.getState(stream.state, i, size);
      this.#answer(stream, this.#model.output[i] as number);
    }
    return size;
  }

  #gather(size: number): void {
    const ready = this.#ready;
    for (let i = 0; i < size; i++) this.#batch[i] = ready[i] as SileroStream;
    ready.copyWithin(0, size);
    ready.length -= size;
    for (let i = 0; i < size; i++) {
      const stream = this.#batch[i] as SileroStream;
      stream.take(this.#model.input, i * (CONTEXT + FRAME));
      this.#model.putState(stream.state, i, size);
      if (stream.queued > 0) ready.push(stream);
    }
  }

  /** A fault in one counter's handler is that counter's: the others get their results. */
  #answer(stream: SileroStream, probability: number): void {
    try {
      stream.answer(probability);
    } catch (error) {
      this.#ctx.log.error({ err: error }, 'silero: o ouvinte de um fluxo falhou');
    }
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#ctx.log.error({ err: error }, 'silero: a sessão falhou');
    this.#ready.length = 0;
    for (const stream of [...this.#open]) stream.fail();
  }
}
