import { Worker } from 'node:worker_threads';
import { BaltoError } from '../contracts/index.ts';
import { WorkerAnswers } from '../worker-answers.ts';
import type { FromSimulation, SimulationFigures, ToSimulation } from './simulation-types.ts';

/** Memory of the thread: its tallies are bounded, the rows go through. */
const MOST_MB = 256;

/** The thread of one simulation; each thing told is answered when it is done, so that no more than one page waits. */
export class SimulationThread {
  readonly #answers: WorkerAnswers<ToSimulation, FromSimulation>;

  constructor() {
    // Sources run as .ts, the built image as .js: the worker has this file's own extension.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./simulation-worker.${extension}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MOST_MB },
    });
    this.#answers = new WorkerAnswers(worker);
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
    await this.#answers.close();
  }

  async #ask(message: ToSimulation): Promise<FromSimulation> {
    try {
      return await this.#answers.ask(message);
    } catch (error) {
      throw failure(error);
    }
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
