import { Worker } from 'node:worker_threads';
import { BaltoError } from '../contracts/index.ts';
import { WorkerAnswers } from '../worker-answers.ts';
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
  readonly #answers: WorkerAnswers<'next', ReaderMessage>;

  constructor(order: ReadOrder) {
    // Sources run as .ts, the built image as .js: the worker has this file's own extension.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./reader-worker.${extension}`, import.meta.url), {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MB },
    });
    this.#answers = new WorkerAnswers(worker);
  }

  /** @throws BaltoError what is wrong with the file, or `BALTO_IMPORT_READER`. */
  async next(): Promise<Exclude<ReaderMessage, { type: 'failed' }>> {
    const message = await this.#answers.ask('next').catch((error: unknown) => {
      throw failure(error);
    });
    if (message.type !== 'failed') return message;
    throw new BaltoError({ code: message.code, message: message.message, statusCode: 422 });
  }

  async close(): Promise<void> {
    await this.#answers.close();
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
