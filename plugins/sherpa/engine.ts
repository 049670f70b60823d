import { type ProviderContext, ProviderError } from '../../core/contracts/index.ts';
import { EngineProcess } from './engine-process.ts';
import type { Task, Tasks } from './protocol.ts';

export interface EngineOptions<T extends Task> {
  task: T;
  model: Tasks[T]['model'];
  /** Names the model for people. */
  label: string;
  /** Jobs accepted at once, the running one included; one more is refused with `rate_limited`. */
  maxJobs: number;
  ctx: Pick<ProviderContext, 'clock' | 'log' | 'signal'>;
  /** How long a job that nobody waits for any more may go on before its process is ended. Default 30 s. */
  abandonedMs?: number;
  /** The program of the process. Default: `child.ts` beside this file. */
  entry?: URL;
}

interface Job<T extends Task> {
  job: Tasks[T]['job'];
  isOver: boolean;
  settle(answer: Tasks[T]['answer'] | Error): void;
}

/** A local decoder does not listen while it works. One that works this long for nobody is taken for stuck. */
const ABANDONED_MS = 30_000;

/**
 * A model in a process of its own, and the queue in front of it. Jobs run one after the other. A process that dies takes
 * its job with it (`server`); the next job starts a new one.
 */
export class Engine<T extends Task> {
  readonly #options: EngineOptions<T>;
  readonly #queue: Job<T>[] = [];
  readonly #onAbort = () => void this.close();
  #process: EngineProcess<T>;
  #accepted = 0;
  #running: Job<T> | null = null;
  #isClosed = false;
  /** What loading told. */
  readonly info: Tasks[T]['info'];

  /** Starts the process and loads the model. Throws ProviderError naming what is missing or broken. */
  static async start<T extends Task>(options: EngineOptions<T>): Promise<Engine<T>> {
    const { task, model, label, entry, ctx } = options;
    const process = new EngineProcess(task, model, label, entry);
    const onAbort = () => void process.kill();
    ctx.signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (ctx.signal.aborted) throw abortedError();
      return new Engine(options, process, await process.ready);
    } catch (error) {
      await process.kill();
      throw ctx.signal.aborted ? abortedError() : error;
    } finally {
      ctx.signal.removeEventListener('abort', onAbort);
    }
  }

  private constructor(options: EngineOptions<T>, process: EngineProcess<T>, info: Tasks[T]['info']) {
    this.#options = options;
    this.#process = process;
    this.info = info;
    process.hold(false);
    options.ctx.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Of the process in use; undefined when none could be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Rejects with `aborted` at once when `signal` fires; a job that had not begun is never begun then. */
  run(job: Tasks[T]['job'], signal: AbortSignal): Promise<Tasks[T]['answer']> {
    if (signal.aborted || this.#isClosed) return Promise.reject(abortedError());
    if (this.#accepted >= this.#options.maxJobs) return Promise.reject(busyError());
    const { promise, resolve, reject } = Promise.withResolvers<Tasks[T]['answer']>();
    this.#accepted += 1;
    const onAbort = () => this.#abandon(entry);
    const entry: Job<T> = {
      job,
      isOver: false,
      settle: (answer) => {
        if (entry.isOver) return;
        entry.isOver = true;
        signal.removeEventListener('abort', onAbort);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      },
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#queue.push(entry);
    if (!this.#running) void this.#work();
    return promise;
  }

  /** Ends the process and every job. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.ctx.signal.removeEventListener('abort', this.#onAbort);
    this.#running?.settle(abortedError());
    for (const entry of this.#queue.splice(0)) entry.settle(abortedError());
    await this.#process.kill();
  }

  #abandon(entry: Job<T>): void {
    entry.settle(abortedError());
    const place = this.#queue.indexOf(entry);
    if (place >= 0) {
      this.#queue.splice(place, 1);
      this.#accepted -= 1;
    }
    if (this.#running !== entry) return;
    const process = this.#process;
    this.#options.ctx.clock.after(this.#options.abandonedMs ?? ABANDONED_MS, () => {
      if (this.#running === entry) void process.kill();
    });
  }

  async #work(): Promise<void> {
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) {
      this.#running = entry;
      try {
        entry.settle(await (await this.#ready()).ask(entry.job));
      } catch (error) {
        entry.settle(error as ProviderError);
      }
      this.#accepted -= 1;
      this.#running = null;
    }
    this.#process.hold(false);
  }

  async #ready(): Promise<EngineProcess<T>> {
    if (this.#process.isGone && !this.#isClosed) {
      const { task, model, label, entry, ctx } = this.#options;
      ctx.log.warn({ model: label }, 'a local engine had stopped; it is started again');
      this.#process = new EngineProcess(task, model, label, entry);
    }
    this.#process.hold(true);
    await this.#process.ready;
    return this.#process;
  }
}

function abortedError(): ProviderError {
  return new ProviderError({ code: 'aborted', message: 'trabalho do motor local cancelado' });
}

function busyError(): ProviderError {
  return new ProviderError({
    code: 'rate_limited',
    scope: 'concurrency',
    message: 'o motor local já tem trabalho demais à espera',
  });
}
