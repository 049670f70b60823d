import { type Clock, type Connect, ConnectError, type Connection } from './context.ts';
import { isProviderError, ProviderError } from './errors.ts';
import { EventQueue } from './event-queue.ts';
import { asRecord, transportError } from './http.ts';
import type { SttEvent } from './stt.ts';

/** From the good-bye to the vendor's own close; then the socket is dropped. */
const CLOSE_BOUND_MS = 2000;
/** More than a whole replay (300 s at 16 kHz, in base64): the peer does not read. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
/** Messages said before the socket is known: an answer to the vendor's greeting or two. */
const MAX_EARLY = 16;

export interface SttLinkOptions {
  /** The vendor's title, for messages. */
  vendor: string;
  /** The model that is billed. */
  model: string;
  sampleRateHz: number;
  clock: Clock;
  /** Firing means the caller dropped the stream: its end is `aborted`, not the vendor's fault. */
  signals: readonly AbortSignal[];
  /** False where the vendor does not bill the audio it was given: then {@link SttLink.bill} says nothing. Default true. */
  billsAudio?: boolean;
  /** Called once, at the good-bye or at the end, whichever comes first: a keep-alive stops here. */
  onEnding?(): void;
}

export interface SttLinkTarget {
  url: string;
  headers: Record<string, string>;
  signal: AbortSignal;
  /** A handshake the vendor answered with HTTP, as its plugin reads it; `body` is JSON or undefined. */
  refuse(status: number, headers: Headers, body: unknown): ProviderError;
  onMessage(message: Record<string, unknown>): void;
  onClose(code: number, reason: string): void;
}

/**
 * What every live transcription over one WebSocket does alike, whatever its vendor says on the wire: events for one
 * reader, one end (with or without an error), the bill, the abort, a close that is bounded. A plugin's `SttStream` holds
 * one and adds the vendor's messages:
 *
 * ```ts
 * const link = new SttLink({ vendor: 'Acme', model, sampleRateHz, clock: ctx.clock, signals: [signal, ctx.signal] });
 * await link.open(ctx.connect, { url, headers, signal, refuse, onMessage: read, onClose: closed }); // `read` calls link.accept()
 * ```
 */
export class SttLink {
  readonly #options: SttLinkOptions;
  readonly #events = new EventQueue();
  readonly #accepted = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #connection: Connection | undefined;
  #early: string[] = [];
  #pushed = 0;
  #billed = 0;
  #closing = false;

  constructor(options: SttLinkOptions) {
    this.#options = options;
    // Nobody waits for it once the stream is open, or before it is.
    this.#accepted.promise.catch(() => undefined);
  }

  /** For the stream's `[Symbol.asyncIterator]`. */
  get events(): AsyncIterator<SttEvent> {
    return this.#events;
  }

  /** Ended, with or without an error: nothing is sent or told any more. */
  get isOver(): boolean {
    return this.#events.isEnded;
  }

  /** The good-bye was said. */
  get isClosing(): boolean {
    return this.#closing;
  }

  /** Milliseconds of audio given to the vendor. */
  get pushedMs(): number {
    return (this.#pushed / this.#options.sampleRateHz) * 1000;
  }

  /**
   * Connects, and resolves once {@link accept} was called. Rejects with a ProviderError: the refused handshake, `aborted`, or
   * whatever ended the stream before that.
   */
  async open(connect: Connect, target: SttLinkTarget): Promise<void> {
    const { url, headers, signal } = target;
    try {
      const connection = await connect(url, {
        headers,
        signal,
        onMessage: (data) => this.#receive(data, target.onMessage),
        onClose: (code, reason) => {
          if (!this.isOver) target.onClose(code, reason);
        },
      });
      this.#connection = connection;
      if (this.isOver) connection.terminate();
      else for (const text of this.#early) connection.send(text);
      this.#early = [];
    } catch (error) {
      throw this.#handshakeError(error, target);
    }
    await this.#accepted.promise;
  }

  /** The vendor takes audio now. */
  accept(): void {
    this.#accepted.resolve();
  }

  /** Gives audio in the vendor's own frame; `samples` of it are billed and counted. */
  sendAudio(frame: string | Uint8Array, samples: number): void {
    if (this.#closing || this.isOver || !this.#connection) return;
    this.#connection.send(frame);
    this.#pushed += samples;
    if (this.#connection.bufferedBytes <= MAX_BUFFERED_BYTES) return;
    this.fail(new ProviderError({ code: 'connection', message: `${this.#options.vendor} parou de receber o áudio` }));
  }

  /** Said at once; before the socket is known (the vendor's greeting may come earlier), as soon as it is, in order. */
  sendMessage(message: Record<string, unknown>): void {
    if (this.isOver) return;
    const text = JSON.stringify(message);
    if (this.#connection) this.#connection.send(text);
    else if (this.#early.push(text) > MAX_EARLY)
      this.fail(
        new ProviderError({ code: 'protocol', message: `${this.#options.vendor} pediu demais antes de abrir` }),
      );
  }

  emit(event: SttEvent): void {
    if (this.#events.push(event) || this.isOver) return;
    this.fail(new ProviderError({ code: 'protocol', message: `${this.#options.vendor} respondeu mais do que se lê` }));
  }

  /** The bill, then the `done`: an answered utterance is paid for by itself. */
  done(marker: number, throughMs: number): void {
    this.bill();
    this.emit({ type: 'done', marker, throughMs });
  }

  /** The vendor bills the audio it was given, answered or not. */
  bill(): void {
    const { model, sampleRateHz, billsAudio = true } = this.#options;
    const quantity = (this.#pushed - this.#billed) / sampleRateHz;
    if (!billsAudio || quantity === 0) return;
    this.#billed = this.#pushed;
    this.emit({ type: 'usage', usage: [{ unit: 'second', quantity, of: 'audio_in', model }] });
  }

  /** The iteration throws `error` once, after what waits was read; the socket is dropped. */
  fail(error: ProviderError): void {
    this.#release(error);
  }

  /** The iteration ends; the socket is closed in good order. */
  end(): void {
    if (this.isOver) return;
    this.#connection?.close();
    this.#release();
  }

  /**
   * For the stream's `close()`: says good-bye once, and resolves when the stream is over. After `boundMs` (2 s unless stated)
   * the socket is dropped and the iteration ends, or throws what `onLate` fails with.
   */
  close(sayGoodbye: () => void, late: { boundMs?: number; onLate?(): void } = {}): Promise<void> {
    if (!this.#closing && !this.isOver) {
      sayGoodbye();
      this.#options.onEnding?.();
      this.#closing = true;
      const cancel = this.#options.clock.after(late.boundMs ?? CLOSE_BOUND_MS, () => {
        late.onLate?.();
        this.#connection?.terminate();
        this.end();
      });
      this.#closed.promise.then(cancel);
    }
    return this.#closed.promise;
  }

  /** The socket is gone: `aborted` where the caller dropped it, the end where that was `expected`, else what `error` says. */
  socketClosed(expected: boolean, error: () => ProviderError): void {
    if (this.#isDropped()) this.fail(this.#abortedError());
    else if (expected) this.end();
    else this.fail(error());
  }

  #receive(data: string | Uint8Array, read: (message: Record<string, unknown>) => void): void {
    if (typeof data !== 'string' || this.isOver) return;
    try {
      read(this.#parsed(data));
    } catch (error) {
      if (!isProviderError(error)) throw error;
      this.fail(error);
    }
  }

  #parsed(text: string): Record<string, unknown> {
    try {
      return asRecord(JSON.parse(text));
    } catch {
      const message = `${this.#options.vendor} enviou uma mensagem que não é JSON`;
      throw new ProviderError({ code: 'protocol', message });
    }
  }

  #release(error?: ProviderError): void {
    if (this.isOver) return;
    this.bill();
    if (!this.#closing) this.#options.onEnding?.();
    this.#events.end(error);
    if (error) this.#connection?.terminate();
    this.#accepted.reject(error ?? this.#abortedError());
    this.#closed.resolve();
  }

  #handshakeError(error: unknown, { signal, refuse }: SttLinkTarget): ProviderError {
    const { vendor } = this.#options;
    if (signal.aborted || this.#isDropped()) return this.#abortedError();
    if (!(error instanceof ConnectError)) return transportError(vendor, error, signal);
    if (error.status === undefined) return transportError(vendor, { code: error.message }, signal);
    return refuse(error.status, new Headers(error.headers), jsonOf(error.body));
  }

  #isDropped(): boolean {
    return this.#options.signals.some((signal) => signal.aborted);
  }

  #abortedError(): ProviderError {
    return new ProviderError({ code: 'aborted', message: `conexão com ${this.#options.vendor} cancelada` });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an HTML page of some proxy: the status says enough
  }
}
