import {
  asRecord,
  asText,
  type Clock,
  type Connection,
  isProviderError,
  ProviderError,
  parseWire,
  type SttEvent,
  type SttStream,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { closeError, inBandError } from './errors.ts';
import { EventQueue } from './event-queue.ts';
import { Markers, WATERMARK_TOLERANCE_MS } from './markers.ts';
import { type Results, readChannel, resultsSchema } from './wire.ts';

/** The vendor closes after 10 s without audio or text; its documentation asks for one every 3 to 5 s. */
const KEEP_ALIVE_MS = 4000;
/** From CloseStream to the vendor's own close; then the socket is dropped. */
const CLOSE_BOUND_MS = 2000;
/** More than a whole replay (300 s at 16 kHz): the peer does not read. */
const MAX_BUFFERED_BYTES = 12 * 1024 * 1024;
/** Finals remembered, to know one that is sent again. */
const REMEMBERED_FINALS = 16;

export interface StreamOptions {
  sampleRateHz: number;
  model: string;
  clock: Clock;
  /** Firing means the caller dropped the stream: its end is `aborted`, not the vendor's fault. */
  signals: readonly AbortSignal[];
}

/** One live connection. Times are the vendor's, which counts the samples of this connection from zero, as the contract does. */
export class DeepgramStream implements SttStream {
  readonly #options: StreamOptions;
  readonly #events = new EventQueue();
  readonly #markers: Markers;
  readonly #recent: string[] = [];
  readonly #closed = Promise.withResolvers<void>();
  #connection: Connection | undefined;
  #pushed = 0;
  #billed = 0;
  #answeredMs = 0;
  #lastSentAt = 0;
  #stopKeepAlive: () => void = () => undefined;
  #closing = false;
  #requestId: string | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#markers = new Markers((marker, throughMs) => this.#done(marker, throughMs));
  }

  /** Called once, at the handshake's success; messages may have come already. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#lastSentAt = this.#options.clock.now();
    if (this.#events.isEnded) connection.terminate();
    else this.#keepAliveIn(KEEP_ALIVE_MS);
  }

  push(pcm: Int16Array): void {
    // An empty binary message means "end of stream" to this vendor.
    if (pcm.length === 0 || this.#closing || this.#events.isEnded || !this.#connection) return;
    this.#connection.send(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength));
    this.#pushed += pcm.length;
    this.#lastSentAt = this.#options.clock.now();
    if (this.#connection.bufferedBytes > MAX_BUFFERED_BYTES) {
      this.#fail(new ProviderError({ code: 'connection', message: `${TITLE} parou de receber o áudio` }));
    }
  }

  finalize(marker: number): void {
    if (this.#closing || this.#events.isEnded) return;
    const atMs = this.#pushedMs();
    // The vendor does not answer a Finalize without audio since its last final.
    const isAnswered = atMs <= this.#answeredMs + WATERMARK_TOLERANCE_MS && !this.#markers.hasUnanswered;
    if (isAnswered) {
      this.#done(marker, atMs);
      return;
    }
    this.#markers.add(marker, atMs);
    this.#say({ type: 'Finalize' });
  }

  close(): Promise<void> {
    if (!this.#closing && !this.#events.isEnded) {
      this.#closing = true;
      this.#stopKeepAlive();
      this.#say({ type: 'CloseStream' });
      const cancel = this.#options.clock.after(CLOSE_BOUND_MS, () => this.#end());
      this.#closed.promise.then(cancel);
    }
    return this.#closed.promise;
  }

  [Symbol.asyncIterator](): AsyncIterator<SttEvent> {
    return this.#events;
  }

  onMessage(data: string | Uint8Array): void {
    if (typeof data !== 'string' || this.#events.isEnded) return;
    try {
      this.#read(parseText(data));
    } catch (error) {
      if (!isProviderError(error)) throw error;
      this.#fail(error);
    }
  }

  onClose(code: number, reason: string): void {
    if (this.#events.isEnded) return;
    const isOver =
      code === 1000 && !this.#markers.hasUnanswered && this.#pushedMs() <= this.#answeredMs + WATERMARK_TOLERANCE_MS;
    const isDropped = this.#options.signals.some((signal) => signal.aborted);
    if (isDropped) this.#fail(new ProviderError({ code: 'aborted', message: `conexão com ${TITLE} cancelada` }));
    else if (this.#closing || isOver) this.#end();
    else this.#fail(closeError(code, reason, this.#requestId));
  }

  #read(message: Record<string, unknown>): void {
    if (message['type'] === 'Results') this.#onResults(parseWire(TITLE, resultsSchema, message));
    else if (message['type'] === 'Error') this.#fail(inBandError(message, this.#requestId));
    else if (message['type'] === 'Metadata') this.#requestId ??= asText(message['request_id']);
    // Any other type is news to this version of the plugin, and no reason to drop a customer's sentence.
  }

  #onResults(results: Results): void {
    this.#requestId ??= results.metadata?.request_id;
    const heard = readChannel(results.channel);
    if (results.is_final !== true) {
      this.#emit({ type: 'partial', text: heard.text });
      return;
    }
    const startMs = Math.round(results.start * 1000);
    const endMs = Math.round((results.start + results.duration) * 1000);
    const key = `${startMs}-${endMs}-${heard.text}`;
    // The same final may come again: its text must not be said twice, nor its acknowledgement be taken for the next one's.
    const isAcknowledgement = results.from_finalize === true && this.#isNew(`${key}-acknowledged`);
    if (this.#isNew(key)) {
      const requestId = this.#requestId === undefined ? {} : { requestId: this.#requestId };
      this.#emit({ type: 'final', ...heard, startMs, endMs, model: this.#options.model, ...requestId });
    }
    this.#answeredMs = Math.max(this.#answeredMs, endMs);
    this.#markers.onFinal(endMs, isAcknowledgement);
  }

  #isNew(key: string): boolean {
    if (this.#recent.includes(key)) return false;
    this.#recent.push(key);
    if (this.#recent.length > REMEMBERED_FINALS) this.#recent.shift();
    return true;
  }

  #done(marker: number, throughMs: number): void {
    this.#bill();
    this.#emit({ type: 'done', marker, throughMs });
  }

  /** The vendor bills the audio it was given, answered or not. */
  #bill(): void {
    const samples = this.#pushed - this.#billed;
    if (samples === 0) return;
    this.#billed = this.#pushed;
    const quantity = samples / this.#options.sampleRateHz;
    this.#emit({ type: 'usage', usage: [{ unit: 'second', quantity, of: 'audio_in', model: this.#options.model }] });
  }

  #emit(event: SttEvent): void {
    if (this.#events.push(event) || this.#events.isEnded) return;
    this.#fail(new ProviderError({ code: 'protocol', message: `${TITLE} respondeu mais do que se lê` }));
  }

  #fail(error: ProviderError): void {
    if (this.#events.isEnded) return;
    this.#bill();
    this.#release(error);
  }

  #end(): void {
    if (this.#events.isEnded) return;
    this.#bill();
    this.#release();
  }

  #release(error?: ProviderError): void {
    this.#stopKeepAlive();
    this.#events.end(error);
    this.#connection?.terminate();
    this.#closed.resolve();
  }

  #say(message: { type: 'Finalize' | 'CloseStream' | 'KeepAlive' }): void {
    this.#connection?.send(JSON.stringify(message));
    this.#lastSentAt = this.#options.clock.now();
  }

  #keepAliveIn(ms: number): void {
    const { clock } = this.#options;
    this.#stopKeepAlive = clock.after(ms, () => {
      const idleMs = clock.now() - this.#lastSentAt;
      if (idleMs >= KEEP_ALIVE_MS) this.#say({ type: 'KeepAlive' });
      this.#keepAliveIn(idleMs >= KEEP_ALIVE_MS ? KEEP_ALIVE_MS : KEEP_ALIVE_MS - idleMs);
    });
  }

  #pushedMs(): number {
    return (this.#pushed / this.#options.sampleRateHz) * 1000;
  }
}

function parseText(text: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    throw new ProviderError({ code: 'protocol', message: `${TITLE} enviou uma mensagem que não é JSON` });
  }
}
