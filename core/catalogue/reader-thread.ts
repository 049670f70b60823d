import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { BaltoError } from '../contracts/index.ts';
import type { ReaderMessage } from './staging.ts';

/** What is to be read. */
export interface ReadOrder {
  file: string;
  fileName: string;
  priceColumn?: string | undefined;
  /** Day whose list decides about the original's files, `AAAA-MM-DD`. */
  today: string;
}

/** Enough for the shared strings of the largest workbook that is let in; past it the thread ends, not the process. */
const MOST_MB = 512;

/** The thread that reads one file; it reads on only when it is asked, so that no more than one batch waits. */
export class ReaderThread {
  readonly #worker: Worker;
  readonly #failed: Promise<never>;

  constructor(order: ReadOrder) {
    // Sources run as .ts, the built image as .js: the worker has this file's own extension.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./reader-worker.${extension}`, import.meta.url), {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MB },
    });
    this.#failed = new Promise((_, reject) => this.#worker.once('error', (error) => reject(failure(error))));
    this.#failed.catch(() => {});
  }

  /** @throws BaltoError what is wrong with the file, or `BALTO_IMPORT_READER`. */
  async next(): Promise<Exclude<ReaderMessage, { type: 'failed' }>> {
    const answer = once(this.#worker, 'message') as Promise<[ReaderMessage]>;
    // Told of by `#failed`.
    answer.catch(() => {});
    this.#worker.postMessage('next');
    const [message] = await Promise.race([answer, this.#failed]);
    if (message.type !== 'failed') return message;
    throw new BaltoError({ code: message.code, message: message.message, statusCode: 422 });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

function failure(cause: unknown): BaltoError {
  const isTooLarge = (cause as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new BaltoError({
    code: isTooLarge ? 'BALTO_IMPORT_BOMB' : 'BALTO_IMPORT_READER',
    message: isTooLarge
      ? 'O arquivo precisa de mais memória do que um catálogo pode usar.'
      : 'A leitura do arquivo parou por um erro interno.',
    statusCode: isTooLarge ? 422 : 500,
    cause,
  });
}
