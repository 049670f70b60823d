import { Worker } from 'node:worker_threads';
import { ProviderError } from '../../core/contracts/index.ts';
import { createTurn, type SharedTurn } from './turn.ts';

export type ToModel = { type: 'run'; rounds: number } | { type: 'release'; rounds: 0 };
export type FromModel = { type: 'ready' } | { type: 'done' };

/** Its heap holds next to nothing: the weights and all samples lie outside of it. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The model in a thread of its own: its 1.8 ms of CPU per second of audio are more than a quarter of what a counter
 * costs, and would otherwise be taken from everybody's audio and sockets. One turn at a time.
 */
export class ModelThread {
  readonly turn: SharedTurn;
  readonly #worker: Worker;
  readonly #over = Promise.withResolvers<void>();
  #waiting: Waiting | undefined;
  #failure: unknown;
  #released = false;

  private constructor(turn: SharedTurn) {
    this.turn = turn;
    // Sources run as .ts, the built image as .js: the worker has this file's own extension.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
      name: 'silero',
      workerData: turn,
      // The process's own flags (an `--input-type`, a loader) are for its main file.
      execArgv: [],
      resourceLimits: RESOURCE_LIMITS,
    });
    this.#worker.on('message', () => this.#answered());
    this.#worker.once('error', (error) => this.#fail(error));
    this.#worker.once('exit', (code) => {
      this.#fail(new Error(`the model's thread ended with ${code}`));
      this.#over.resolve();
    });
  }

  /**
   * Starts the thread and loads the model, with room for `maxBatch` frames a round. Throws ProviderError `unsupported` where
   * onnxruntime has no binary (musl).
   */
  static async start(maxBatch: number): Promise<ModelThread> {
    // A first session would write a device id and a log into the temporary folder and report to its maker. A counter's
    // machine reports to nobody; who wants it otherwise sets the variable. Set here: a thread's own are only a copy.
    process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
    const thread = new ModelThread(createTurn(maxBatch));
    try {
      await thread.#answer();
      return thread;
    } catch (cause) {
      throw new ProviderError({
        code: 'unsupported',
        message: 'O Silero não carrega neste sistema: onnxruntime-node ou seus pesos não estão disponíveis.',
        cause,
      });
    }
  }

  /** Runs the first `rounds` rounds of the turn. Rejects once the thread is gone. */
  run(rounds: number): Promise<void> {
    const answer = this.#answer();
    this.#worker.postMessage({ type: 'run', rounds } satisfies ToModel);
    return answer;
  }

  /** Lets the model go, after the turn that is under way. */
  async release(): Promise<void> {
    this.#released = true;
    this.#worker.ref();
    this.#worker.postMessage({ type: 'release', rounds: 0 } satisfies ToModel);
    await this.#over.promise;
  }

  /** Nobody but a turn keeps the process alive. */
  #answer(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #answered(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!this.#released) this.#worker.unref();
    waiting?.resolve();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}
