import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { BaltoError } from '../contracts/index.ts';
import type { FromSimulation, SimulationFigures, ToSimulation } from './simulation-types.ts';

/** Memory of the thread: its tallies are bounded, the rows go through. */
const MOST_MB = 256;

/** The thread of one simulation; each thing told is answered when it is done, so that no more than one page waits. */
export class SimulationThread {
  readonly #worker: Worker;
  readonly #failed: Promise<never>;

  constructor() {
    // Sources run as .ts, the built image as .js: the worker has this file's own extension.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./simulation-worker.${extension}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MOST_MB },
    });
    this.#failed = new Promise((_, reject) => this.#worker.once('error', (error) => reject(failure(error))));
    this.#failed.catch(() => {});
  }

  async tell(message: Exclude<ToSimulation, { type: 'finish' }>): Promise<void> {
    await this.#ask(message);
  }

  async finish(): Promise<SimulationFigures> {
    const answer = await this.#ask({ type: 'finish' });
    if (answer.type !== 'figures') throw failure();
    return answer.figures;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #ask(message: ToSimulation): Promise<FromSimulation> {
    const answer = once(this.#worker, 'message') as Promise<[FromSimulation]>;
    // Told of by `#failed`.
    answer.catch(() => {});
    this.#worker.postMessage(message);
    return (await Promise.race([answer, this.#failed]))[0];
  }
}

function failure(cause?: unknown): BaltoError {
  return new BaltoError({
    code: 'BALTO_SIMULATION_FAILED',
    message: 'A simulação parou por um erro interno.',
    statusCode: 500,
    ...(cause === undefined ? {} : { cause }),
  });
}
