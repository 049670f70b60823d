import Type from 'typebox';
import {
  type Clock,
  parseWire,
  type SttEvent,
  SttLink,
  type SttLinkOptions,
  type SttStream,
} from '../../../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { closeError, inBandError } from './errors.ts';
import { readWords, wordsSchema } from './wire.ts';

const KEEP_ALIVE_MS = 5000;

const finalSchema = Type.Object({
  number: Type.Integer(),
  text: Type.String(),
  words: wordsSchema,
  from_ms: Type.Number(),
  to_ms: Type.Number(),
  /** The flush it answers, and whether it is the last final that does. */
  flush: Type.Optional(Type.Integer()),
});

/** One live connection. The vendor numbers its finals, so that those sent again or out of order are put right. */
export class AcmeStream implements SttStream {
  readonly link: SttLink;
  readonly #model: string;
  readonly #clock: Clock;
  readonly #early = new Map<number, Record<string, unknown>>();
  #next = 1;
  #stopPing: () => void = () => undefined;

  constructor(options: Omit<SttLinkOptions, 'vendor' | 'onEnding'>) {
    this.#model = options.model;
    this.#clock = options.clock;
    this.link = new SttLink({ ...options, vendor: TITLE, onEnding: () => this.#stopPing() });
    this.#ping();
  }

  push(pcm: Int16Array): void {
    if (pcm.length === 0) return;
    this.link.sendAudio(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), pcm.length);
  }

  finalize(marker: number): void {
    if (!this.link.isClosing) this.link.sendMessage({ type: 'flush', flush: marker });
  }

  close(): Promise<void> {
    return this.link.close(() => this.link.sendMessage({ type: 'bye' }));
  }

  [Symbol.asyncIterator](): AsyncIterator<SttEvent> {
    return this.link.events;
  }

  onMessage(message: Record<string, unknown>): void {
    if (message['type'] === 'ready') this.link.accept();
    else if (message['type'] === 'error') this.link.fail(inBandError(message));
    else if (message['type'] === 'partial') this.link.emit({ type: 'partial', text: String(message['text']) });
    else if (message['type'] === 'final') this.#onFinal(message);
  }

  onClose(code: number): void {
    this.link.socketClosed(this.link.isClosing && code === 1000, () => closeError(code));
  }

  #onFinal(message: Record<string, unknown>): void {
    const { number } = parseWire(TITLE, finalSchema, message);
    if (number < this.#next) return;
    this.#early.set(number, message);
    for (let due = this.#early.get(this.#next); due; due = this.#early.get(this.#next)) {
      this.#early.delete(this.#next++);
      this.#tell(due);
    }
  }

  #tell(message: Record<string, unknown>): void {
    const final = parseWire(TITLE, finalSchema, message);
    const { text, from_ms: startMs, to_ms: endMs } = final;
    this.link.emit({ type: 'final', text, startMs, endMs, words: readWords(final.words), model: this.#model });
    if (final.flush !== undefined) this.link.done(final.flush, endMs);
  }

  #ping(): void {
    this.#stopPing = this.#clock.after(KEEP_ALIVE_MS, () => {
      this.link.sendMessage({ type: 'ping' });
      this.#ping();
    });
  }
}
