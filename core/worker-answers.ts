import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';

/**
 * Asks a worker thread that answers each message once; one question at a time.
 *
 * An answer is held by whoever asked, and by nothing here: a race against one promise of the thread's failure would keep
 * every answer for as long as the thread lives.
 */
export class WorkerAnswers<Question, Answer> {
  readonly #worker: Worker;
  #failure: Error | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('error', (error: Error) => {
      this.#failure = error;
    });
  }

  /** @throws Error what the thread ended with, now or before. */
  async ask(question: Question): Promise<Answer> {
    if (this.#failure) throw this.#failure;
    const answered = once(this.#worker, 'message') as Promise<[Answer]>;
    this.#worker.postMessage(question);
    return (await answered)[0];
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
