import {
  asText,
  type Clock,
  type Connect,
  parseWire,
  type SttEvent,
  SttLink,
  type SttLinkTarget,
  type SttStream,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { closeError, inBandError } from './errors.ts';
import { Markers, WATERMARK_TOLERANCE_MS } from './markers.ts';
import { type Results, readChannel, resultsSchema } from './wire.ts';

/** The vendor closes after 10 s without audio or text; its documentation asks for one every 3 to 5 s. */
const KEEP_ALIVE_MS = 4000;
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
  readonly #link: SttLink;
  readonly #markers: Markers;
  readonly #recent: string[] = [];
  /** Finals that came before an answer owed for earlier audio. */
  readonly #overtaking: Results[] = [];
  #answeredMs = 0;
  #lastSentAt = 0;
  #stopKeepAlive: () => void = () => undefined;
  #requestId: string | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#link = new SttLink({ vendor: TITLE, ...options, onEnding: () => this.#stopKeepAlive() });
    this.#markers = new Markers((marker, throughMs) => this.#link.done(marker, throughMs));
  }

  /** Called once; the vendor takes audio from the handshake on. */
  async open(connect: Connect, target: Omit<SttLinkTarget, 'onMessage' | 'onClose'>) {
    this.#link.accept();
    await this.#link.open(connect, {
      ...target,
      onMessage: (message) => this.#read(message),
      onClose: (code, reason) => this.#onClose(code, reason),
    });
    this.#lastSentAt = this.#options.clock.now();
    if (!this.#link.isOver) this.#keepAliveIn(KEEP_ALIVE_MS);
  }

  push(pcm: Int16Array): void {
    // An empty binary message means "end of stream" to this vendor.
    if (pcm.length === 0) return;
    this.#link.sendAudio(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), pcm.length);
    this.#lastSentAt = this.#options.clock.now();
  }

  finalize(marker: number): void {
    if (this.#link.isClosing || this.#link.isOver) return;
    const atMs = this.#link.pushedMs;
    // The vendor does not answer a Finalize without audio since its last final.
    if (this.#isAnswered() && !this.#markers.hasUnanswered) {
      this.#link.done(marker, atMs);
      return;
    }
    this.#markers.add(marker, atMs);
    this.#say({ type: 'Finalize' });
  }

  close(): Promise<void> {
    return this.#link.close(() => this.#say({ type: 'CloseStream' }));
  }

  [Symbol.asyncIterator](): AsyncIterator<SttEvent> {
    return this.#link.events;
  }

  #onClose(code: number, reason: string): void {
    const isComplete = code === 1000 && !this.#markers.hasUnanswered && this.#isAnswered();
    const expected = this.#link.isClosing || isComplete;
    this.#link.socketClosed(expected, () => closeError(code, reason, this.#requestId));
  }

  #read(message: Record<string, unknown>): void {
    if (message['type'] === 'Results') this.#onResults(parseWire(TITLE, resultsSchema, message));
    else if (message['type'] === 'Error') this.#link.fail(inBandError(message, this.#requestId));
    else if (message['type'] === 'Metadata') this.#requestId ??= asText(message['request_id']);
    // Any other type is news to this version of the plugin, and no reason to drop a customer's sentence.
  }

  #onResults(results: Results): void {
    this.#requestId ??= results.metadata?.request_id;
    const heard = readChannel(results.channel);
    if (results.is_final !== true) {
      this.#link.emit({ type: 'partial', text: heard.text });
      return;
    }
    const startMs = Math.round(results.start * 1000);
    if (this.#markers.owesBefore(startMs) && this.#overtaking.length < REMEMBERED_FINALS) {
      this.#overtaking.push(results);
      return;
    }
    this.#onFinal(results, heard, startMs);
    for (const waiting of this.#overtaking.splice(0)) this.#onResults(waiting);
  }

  #onFinal(results: Results, heard: ReturnType<typeof readChannel>, startMs: number): void {
    const endMs = Math.round((results.start + results.duration) * 1000);
    const key = `${startMs}-${endMs}-${heard.text}`;
    // The same final may come again: its text must not be said twice, nor its acknowledgement be taken for the next one's.
    const isAcknowledgement = results.from_finalize === true && this.#isNew(`${key}-acknowledged`);
    if (this.#isNew(key)) {
      const requestId = this.#requestId === undefined ? {} : { requestId: this.#requestId };
      this.#link.emit({ type: 'final', ...heard, startMs, endMs, model: this.#options.model, ...requestId });
    }
    this.#answeredMs = Math.max(this.#answeredMs, endMs);
    this.#markers.onFinal(endMs, isAcknowledgement);
  }

  #isAnswered(): boolean {
    return this.#link.pushedMs <= this.#answeredMs + WATERMARK_TOLERANCE_MS;
  }

  #isNew(key: string): boolean {
    if (this.#recent.includes(key)) return false;
    this.#recent.push(key);
    if (this.#recent.length > REMEMBERED_FINALS) this.#recent.shift();
    return true;
  }

  #say(message: { type: 'Finalize' | 'CloseStream' | 'KeepAlive' }): void {
    this.#link.sendMessage(message);
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
}
