import { setImmediate as loopTurn } from 'node:timers/promises';
import type { ProviderContext, Vad, VadResultHandler, VadStream } from '../../core/contracts/index.ts';
import { FEW_STREAMS, type SileroSettings } from './config.ts';
import { SileroStream } from './stream.ts';
import type { ModelThread } from './thread.ts';
import { FRAME } from './turn.ts';

/** Answers handed over before the event loop goes on: some 3 ms. */
const ANSWERS_AT_ONCE = 64;

/** The frames of one turn: whose they are, the numbers they were pushed with, and what the model made of them. */
interface Turn {
  readonly streams: SileroStream[];
  readonly seqs: number[];
  readonly probabilities: number[];
  rounds: number;
  count: number;
}

function emptyTurn(): Turn {
  return { streams: [], seqs: [], probabilities: [], rounds: 0, count: 0 };
}

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
  /** What the model works on, and what it answered before. */
  readonly #turns: readonly [Turn, Turn] = [emptyTurn(), emptyTurn()];
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
      let turn = this.#turns[0];
      let before = this.#turns[1];
      while (left > 0 && this.#ready.length > 0 && !this.#failed) {
        left -= this.#fill(turn, left);
        // The model works on one turn while the answers of the one before are handed over.
        await Promise.all([this.#model.run(turn.rounds), this.#handOver(before)]);
        this.#read(turn);
        [turn, before] = [before, turn];
      }
      await this.#handOver(before);
    } catch (error) {
      this.#fail(error);
    }
    this.#busy = false;
    if (this.#ready.length > 0) this.#schedule();
  }

  /** As many rounds as there is room for and frames are wanted. Returns how many frames. */
  #fill(turn: Turn, wanted: number): number {
    const { rounds, slots } = this.#model.turn;
    turn.rounds = turn.count = 0;
    while (turn.count < wanted && this.#ready.length > 0 && turn.count < slots.length) {
      const size = Math.min(this.#ready.length, this.#settings.maxBatch, slots.length - turn.count);
      this.#gather(turn, size);
      rounds[turn.rounds++] = size;
    }
    return turn.count;
  }

  #read(turn: Turn): void {
    const { probabilities } = this.#model.turn;
    for (let i = 0; i < turn.count; i++) turn.probabilities[i] = probabilities[i] as number;
  }

  /** In pieces: each answer may decide a frame and cut an utterance, and others wait for this thread too. */
  async #handOver(turn: Turn): Promise<void> {
    const { count } = turn;
    turn.count = 0;
    for (let i = 0; i < count; i++) {
      if (i > 0 && i % ANSWERS_AT_ONCE === 0) await loopTurn();
      this.#answer(turn.streams[i] as SileroStream, turn.seqs[i] as number, turn.probabilities[i] as number);
    }
  }

  /** One frame of each of the first `size` streams whose turn it is. */
  #gather(turn: Turn, size: number): void {
    const ready = this.#ready;
    const at = turn.count;
    const { slots, frames } = this.#model.turn;
    for (let i = 0; i < size; i++) {
      const stream = ready[i] as SileroStream;
      turn.streams[at + i] = stream;
      turn.seqs[at + i] = stream.nextSeq;
      slots[at + i] = stream.take(frames, (at + i) * FRAME);
    }
    ready.copyWithin(0, size);
    ready.length -= size;
    for (let i = 0; i < size; i++) {
      const stream = turn.streams[at + i] as SileroStream;
      if (stream.queued > 0) ready.push(stream);
    }
    turn.count += size;
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
