import type { ProviderError } from './errors.ts';
import type { SttEvent } from './stt.ts';

/** Events nobody has read yet. Reached only when the reader is gone: an utterance makes a few dozen. */
const MAX_WAITING = 10_000;

/** Between a socket that speaks when it likes and one reader that asks. Ends once, with or without an error. */
export class EventQueue implements AsyncIterableIterator<SttEvent> {
  readonly #waiting: SttEvent[] = [];
  readonly #readers: PromiseWithResolvers<IteratorResult<SttEvent>>[] = [];
  #ended = false;
  #error: ProviderError | undefined;

  get isEnded(): boolean {
    return this.#ended;
  }

  /** False when the event was dropped, because the queue is full or over. */
  push(event: SttEvent): boolean {
    if (this.#ended) return false;
    const reader = this.#readers.shift();
    if (reader) {
      reader.resolve({ value: event, done: false });
      return true;
    }
    const last = this.#waiting.at(-1);
    // A partial replaces the one before it: a slow reader gets the newest.
    if (event.type === 'partial' && last?.type === 'partial') this.#waiting.pop();
    if (this.#waiting.length >= MAX_WAITING) return false;
    this.#waiting.push(event);
    return true;
  }

  /** What waits is still read; then the iteration ends, or throws `error` once. */
  end(error?: ProviderError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    for (const reader of this.#readers.splice(0)) this.#finish(reader);
  }

  next(): Promise<IteratorResult<SttEvent>> {
    const event = this.#waiting.shift();
    if (event) return Promise.resolve({ value: event, done: false });
    const reader = Promise.withResolvers<IteratorResult<SttEvent>>();
    if (this.#ended) this.#finish(reader);
    else this.#readers.push(reader);
    return reader.promise;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(reader: PromiseWithResolvers<IteratorResult<SttEvent>>): void {
    const error = this.#error;
    this.#error = undefined;
    if (error) reader.reject(error);
    else reader.resolve({ value: undefined, done: true });
  }
}
