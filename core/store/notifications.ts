import pg from 'pg';
import type { Clock, Log } from '../contracts/index.ts';

const BACKOFF_MS = { first: 100, most: 5000 };

/**
 * What a real Postgres announces (NOTIFY) on one channel, over a connection of its own that is opened again whenever it
 * breaks. Announcements made meanwhile are lost: whoever must not miss one asks as well.
 */
export class Notifications {
  readonly #url: string;
  readonly #channel: string;
  readonly #onMessage: (payload: string) => void;
  readonly #clock: Clock;
  readonly #log: Log;
  #client: pg.Client | null = null;
  #cancelRetry: () => void = () => {};
  #waitMs = BACKOFF_MS.first;
  #closed = false;
  #isListening = false;

  constructor(options: {
    url: string;
    channel: string;
    /** Also called, with '', each time the connection stands again: something may have been missed. */
    onMessage(payload: string): void;
    clock: Clock;
    log: Log;
  }) {
    this.#url = options.url;
    this.#channel = options.channel;
    this.#onMessage = options.onMessage;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** Opens the connection, now or as soon as the server answers. Never throws. */
  start(): void {
    if (this.#closed) return;
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: 3000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      application_name: `balto ${this.#channel}`,
    });
    this.#client = client;
    const lost = (error: unknown) => this.#lost(client, error);
    client.on('error', lost);
    client.on('end', () => lost(new Error('ended')));
    client.on('notification', ({ payload }) => this.#onMessage(payload ?? ''));
    client
      .connect()
      .then(() => client.query(`listen ${pg.escapeIdentifier(this.#channel)}`))
      .then(() => this.#opened(client))
      .catch(lost);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry();
    const client = this.#client;
    this.#client = null;
    this.#isListening = false;
    // A server that is gone does not answer the farewell: the socket is closed all the same.
    await client?.end().catch((error: Error) => this.#log.debug({ error: error.message }, 'listening ended hard'));
  }

  #opened(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#isListening = true;
    this.#waitMs = BACKOFF_MS.first;
    this.#onMessage('');
  }

  #lost(client: pg.Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    if (this.#isListening) {
      const code = String((error as { code?: unknown }).code ?? 'CONNECTION_LOST').slice(0, 40);
      this.#log.warn({ channel: this.#channel, code }, 'announcements of the database are not heard; asking instead');
    }
    this.#isListening = false;
    client.end().catch(() => {}); // it is broken already
    this.#cancelRetry();
    this.#cancelRetry = this.#clock.after(this.#waitMs, () => this.start());
    this.#waitMs = Math.min(this.#waitMs * 2, BACKOFF_MS.most);
  }
}
