import { ProviderError, type SttStream } from '../contracts/index.ts';
import { type AttemptDeps, type AttemptInput, noPlace, takePlace } from './attempt.ts';
import { timeoutError, toProviderError, withDeadline } from './deadline.ts';
import type { LaneFeed } from './lane-feed.ts';
import { onBehalfOf, streamOnBehalfOf } from './on-behalf.ts';
import { closeQuietly } from './stream-close.ts';
import { optionsFor, rateFor } from './stt-request.ts';

/** What one stream stands on: a place at the credential, an instance, the way to the vendor's rate. Given back once. */
export class LaneConnection {
  readonly #deps: AttemptDeps;
  readonly #input: AttemptInput;
  readonly #feed: LaneFeed;
  readonly #signal: AbortSignal;
  readonly #disposers: (() => void)[] = [];
  #isReleased = false;
  #queueMs = 0;

  /** `signal` fires when nobody wants the stream any more. */
  constructor(deps: AttemptDeps, input: AttemptInput, feed: LaneFeed, signal: AbortSignal) {
    this.#deps = deps;
    this.#input = input;
    this.#feed = feed;
    this.#signal = signal;
  }

  /** Milliseconds it waited for a place at the credential. */
  get queueMs(): number {
    return this.#queueMs;
  }

  /** Throws ProviderError; a stream that opens after `connectMs` is closed. */
  async open(connectMs: number): Promise<SttStream> {
    await this.#takePlace();
    try {
      return await withDeadline({
        clock: this.#deps.clock,
        ms: connectMs,
        signal: this.#signal,
        what: 'a conexão',
        start: () => this.#connect(),
        late: (late) => void closeQuietly(late),
      });
    } catch (thrown) {
      const error = toProviderError(thrown);
      throw error.code === 'timeout' ? timeoutError('a conexão', 'network') : error;
    }
  }

  release(): void {
    this.#isReleased = true;
    for (const give of this.#disposers.splice(0)) give();
  }

  async #takePlace(): Promise<void> {
    const { clock } = this.#deps;
    const begunMs = clock.now();
    const leave = await takePlace(this.#deps, this.#input, this.#signal);
    this.#queueMs = clock.now() - begunMs;
    if (!leave) throw noPlace();
    this.#onRelease(leave);
  }

  async #connect(): Promise<SttStream> {
    const { candidate, described } = this.#input;
    const lease = await this.#deps.instances.lease<'stt'>(candidate);
    this.#onRelease(lease.release);
    const { open } = lease.instance;
    if (!open) throw noStreaming();
    await this.#feed.prepare(rateFor(described.capabilities));
    this.#onRelease(() => this.#feed.close());
    const options = optionsFor(described.capabilities, this.#deps.options);
    const stream = await onBehalfOf(candidate.address, () => open.call(lease.instance, options, this.#signal));
    return streamOnBehalfOf(candidate.address, stream);
  }

  /** What is held is given back once, also when it comes after the end. */
  #onRelease(give: () => void): void {
    if (this.#isReleased) give();
    else this.#disposers.push(give);
  }
}

function noStreaming(): ProviderError {
  return new ProviderError({ code: 'unsupported', blame: 'config', message: 'o provedor não abre conexão contínua' });
}
