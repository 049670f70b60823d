import type { ProviderContext, Vad, VadResultHandler, VadStream } from '../../core/contracts/index.ts';
import { FEW_STREAMS, type SileroSettings } from './config.ts';
import { SileroStream } from './stream.ts';
import type { ModelThread } from './thread.ts';
import { FRAME } from './turn.ts';

/**
 * All streams on one model, which runs in a thread of its own. Frames are gathered for a short tick, then run side by
 * side, one frame of each stream per round, until what had been queued at the tick is answered: a backlog takes more
 * rounds, nothing is dropped. The event loop goes on while the model works.
 */
export class SileroEngine implements Vad {
  readonly sampleRateHz = 16_000;
  readonly frameSamples = FRAME;
  readonly #model: ModelThread;
  readonly #settings: SileroSettings;
  readonly #ctx: Pick<ProviderContext, 'clock' | 'log'>;
  readonly #open = new Set<SileroStream>();
  /** Streams with queued frames, each once, in the order of their turn. */
  readonly #ready: SileroStream[] = [];
  /** Of the frames the model has: whose they are, and the numbers they were pushed with. */
  readonly #batch: SileroStream[] = [];
  readonly #seqs: number[] = [];
  /** Places in the model's memory that a closed stream left. */
  readonly #freeSlots: number[] = [];
  #busy = false;
  #failed = false;

  constructor(model: ModelThread, settings: SileroSettings, ctx: Pick<ProviderContext, 'clock' | 'log'>) {
    this.#model = model;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  get failed(): boolean {
    return this.#failed;
  }

  open(onResult: VadResultHandler): VadStream {
    const stream = new SileroStream(this, this.#freeSlots.pop() ?? this.#open.size, onResult);
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
    if (this.#open.delete(stream)) this.#freeSlots.push(stream.slot);
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
      while (left > 0 && this.#ready.length > 0 && !this.#failed) left -= await this.#turn(left);
    } catch (error) {
      this.#fail(error);
    }
    this.#busy = false;
    if (this.#ready.length > 0) this.#schedule();
  }

  /** As many rounds as there is room for and frames are wanted. Returns how many frames. */
  async #turn(wanted: number): Promise<number> {
    const { rounds, slots } = this.#model.turn;
    let count = 0;
    let filled = 0;
    while (filled < wanted && this.#ready.length > 0 && filled < slots.length) {
      const size = Math.min(this.#ready.length, this.#settings.maxBatch, slots.length - filled);
      this.#gather(filled, size);
      rounds[count++] = size;
      filled += size;
    }
    await this.#model.run(count);
    for (let i = 0; i < filled; i++) {
      this.#answer(
        this.#batch[i] as SileroStream,
        this.#seqs[i] as number,
        this.#model.turn.probabilities[i] as number,
      );
    }
    return filled;
  }

  /** One frame of each of the first `size` streams whose turn it is, as the turn's frames from `at` on. */
  #gather(at: number, size: number): void {
    const ready = this.#ready;
    const { slots, frames } = this.#model.turn;
    for (let i = 0; i < size; i++) {
      const stream = ready[i] as SileroStream;
      this.#batch[at + i] = stream;
      this.#seqs[at + i] = stream.nextSeq;
      slots[at + i] = stream.take(frames, (at + i) * FRAME);
    }
    ready.copyWithin(0, size);
    ready.length -= size;
    for (let i = 0; i < size; i++) {
      const stream = this.#batch[at + i] as SileroStream;
      if (stream.queued > 0) ready.push(stream);
    }
  }

  /** A fault in one counter's handler is that counter's: the others get their results. */
  #answer(stream: SileroStream, seq: number, probability: number): void {
    try {
      stream.answer(seq, probability);
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
