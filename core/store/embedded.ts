import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import type { Log } from '../contracts/index.ts';
import { valueParsers } from './value-parsers.ts';

export type ToWorker =
  | { type: 'protocol'; connection: number; bytes: Uint8Array }
  | { type: 'reset' }
  | { type: 'close' };

export type FromWorker = { type: 'open' } | { type: 'protocol'; connection: number; bytes: Uint8Array };

/** AuthenticationOk, then ReadyForQuery (idle): the embedded database has no passwords to ask for. */
const GREETING = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
const TERMINATE = 0x58;

/**
 * The embedded database of one folder: a worker thread, and a pool of one `pg` connection whose socket is the worker's
 * message port. When the worker dies its connection breaks, pending queries reject, and the next query starts a new one.
 */
export class EmbeddedPostgres {
  readonly pool: pg.Pool;
  readonly #folder: string;
  readonly #log: Log;
  #worker: Promise<Worker> | null = null;
  #connections = 0;
  #closed = false;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
    this.pool = new pg.Pool({
      max: 1,
      idleTimeoutMillis: 0,
      // A transaction opened inside another would wait for itself: say so instead of hanging.
      connectionTimeoutMillis: 60_000,
      user: 'postgres',
      host: 'embedded',
      password: '',
      ssl: false,
      types: valueParsers,
      stream: () => new EngineSocket(this, ++this.#connections) as never,
    });
    this.pool.on('error', (error) => log.warn({ error: error.message }, 'embedded database connection lost'));
  }

  /** The running worker, started when there is none. */
  worker(): Promise<Worker> {
    if (this.#closed) return Promise.reject(new Error('embedded database is closed'));
    this.#worker ??= this.#start();
    return this.#worker;
  }

  /** Finishes what was asked, writes everything to disk and stops the worker. */
  async close(): Promise<void> {
    await this.pool.end();
    this.#closed = true;
    const worker = await this.#worker?.catch(() => null);
    if (!worker) return;
    const gone = EventEmitter.once(worker, 'exit');
    worker.postMessage({ type: 'close' } satisfies ToWorker);
    await gone;
  }

  #start(): Promise<Worker> {
    // Sources run as .ts, the built image as .js: the worker has this file's own extension.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./embedded-worker.${extension}`, import.meta.url), {
      workerData: { folder: this.#folder },
    });
    worker.setMaxListeners(0);
    worker.on('error', (error) => this.#log.error({ error: error.message }, 'embedded database worker failed'));
    return new Promise((resolve, reject) => {
      worker.once('message', () => resolve(worker));
      worker.once('exit', (code) => {
        this.#worker = null;
        if (!this.#closed) this.#log.error({ code }, 'embedded database worker exited');
        reject(new Error('embedded database worker exited'));
      });
    });
  }
}

/** What `pg` takes for a TCP socket: whole protocol messages go to the worker, its answers come back. */
class EngineSocket extends Duplex {
  readonly #engine: EmbeddedPostgres;
  readonly #id: number;
  #worker: Worker | null = null;
  #greeted = false;
  readonly #onMessage = (message: FromWorker): void => {
    if (message.type === 'protocol' && message.connection === this.#id) this.push(message.bytes);
  };
  readonly #onExit = (): void => {
    this.destroy(Object.assign(new Error('embedded database worker exited'), { code: 'ECONNRESET' }));
  };

  constructor(engine: EmbeddedPostgres, id: number) {
    super();
    this.#engine = engine;
    this.#id = id;
  }

  connect(): this {
    this.#engine.worker().then(
      (worker) => {
        this.#worker = worker;
        worker.on('message', this.#onMessage);
        worker.once('exit', this.#onExit);
        worker.ref();
        this.emit('connect');
      },
      (error: Error) => this.destroy(Object.assign(error, { code: 'ECONNREFUSED' })),
    );
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#deliver(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#deliver(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#worker?.off('message', this.#onMessage);
    this.#worker?.off('exit', this.#onExit);
    // Posting to a worker that is gone does nothing.
    this.#worker?.postMessage({ type: 'reset' } satisfies ToWorker);
    done(error);
  }

  #deliver(bytes: Buffer): void {
    if (!this.#greeted) {
      this.#greeted = true;
      this.push(GREETING);
    } else if (bytes[0] === TERMINATE) {
      this.push(null);
      this.destroy();
    } else {
      const message: ToWorker = { type: 'protocol', connection: this.#id, bytes: new Uint8Array(bytes) };
      this.#worker?.postMessage(message);
    }
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    this.#worker?.ref();
    return this;
  }

  unref(): this {
    this.#worker?.unref();
    return this;
  }
}
