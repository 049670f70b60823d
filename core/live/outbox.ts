import { Readable } from 'node:stream';
import type { Written } from './ring.ts';

/** What waits for one browser, at most. */
const MOST = { events: 2000, bytes: 1024 * 1024 };
/** Bytes handed to the socket ahead of it. */
const AHEAD_BYTES = 64 * 1024;

interface Waiting {
  text: string;
}

/**
 * What is on its way to one browser. Of what replaces itself (what a counter does, what is being said) only the newest
 * waits. When more waits than the bounds allow all of it is dropped, and `onOverflow` is called once the browser reads
 * again: it has to be told, and shown how things stand.
 */
export class Outbox {
  readonly body: Readable;
  readonly #limits: typeof MOST;
  readonly #onOverflow: (dropped: number) => void;
  /** In order; the key of what can be replaced names it. */
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;
  #next = 0;
  #isReading = false;
  #dropped = 0;
  /** Held back until what goes before it is there. */
  #isHeld = true;

  constructor(onOverflow: (dropped: number) => void, limits: Partial<typeof MOST> = {}) {
    this.#limits = { ...MOST, ...limits };
    this.#onOverflow = onOverflow;
    this.body = new Readable({ highWaterMark: AHEAD_BYTES, read: () => this.#read() });
    // Whoever hangs up is no failure: the stream is over.
    this.body.on('error', () => {});
  }

  /** Whether the browser has not taken what waits for it. */
  get isStuck(): boolean {
    return !this.#isReading && (this.#waiting.size > 0 || this.#dropped > 0);
  }

  /** An event in its turn. */
  add({ event }: Written, text: string): void {
    if (this.#dropped > 0) {
      this.#dropped++;
      return;
    }
    const { kind, data } = event;
    const { sessionId } = data as { sessionId?: string };
    // What was said is known: nobody needs to see how it began.
    if (kind === 'utterance' || kind === 'closed') this.#remove(`partial ${sessionId}`);
    this.#put(kind === 'partial' || kind === 'state' ? `${kind} ${sessionId}` : `#${this.#next++}`, text);
  }

  /** Something that is no event, such as a sign of life. */
  say(text: string): void {
    if (this.#dropped === 0) this.#put(`#${this.#next++}`, text);
  }

  /** Lets out what waits, behind these. */
  release(first: readonly string[]): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const text of first) this.#waiting.set(`#${this.#next++}`, { text });
    for (const [key, each] of waiting) this.#waiting.set(key, each);
    this.#bytes += first.reduce((sum, text) => sum + text.length, 0);
    this.#isHeld = false;
    this.#flush();
  }

  /** Holds back what comes, until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Says a last word, after all that waits, and ends. */
  end(text: string): void {
    this.#isHeld = false;
    if (this.#dropped === 0) this.say(text);
    this.#flush();
    for (const each of this.#waiting.values()) this.body.push(each.text);
    this.#waiting.clear();
    if (!this.body.destroyed) this.body.push(null);
  }

  #put(key: string, text: string): void {
    this.#remove(key);
    this.#waiting.set(key, { text });
    this.#bytes += text.length;
    this.#flush();
    // What is held back is not the browser's slowness, and `release` follows within moments; its bound is the same.
    if (this.#waiting.size <= this.#limits.events && this.#bytes <= this.#limits.bytes) return;
    this.#dropped = this.#waiting.size;
    this.#waiting.clear();
    this.#bytes = 0;
  }

  #remove(key: string): void {
    const each = this.#waiting.get(key);
    if (!each) return;
    this.#bytes -= each.text.length;
    this.#waiting.delete(key);
  }

  #read(): void {
    this.#isReading = true;
    this.#flush();
  }

  #flush(): void {
    if (this.#isHeld || this.body.destroyed) return;
    while (this.#isReading && this.#waiting.size > 0) {
      const [key, each] = this.#waiting.entries().next().value as [string, Waiting];
      this.#waiting.delete(key);
      this.#bytes -= each.text.length;
      this.#isReading = this.body.push(each.text);
    }
    if (!this.#isReading || this.#dropped === 0) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#isHeld = true;
    this.#onOverflow(dropped);
  }
}
