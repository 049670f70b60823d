import {
  asText,
  type Clock,
  type Connect,
  ProviderError,
  parseWire,
  type SttEvent,
  SttLink,
  type SttLinkTarget,
  type SttStream,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { streamError } from './errors.ts';
import { TurnOrder } from './turn-order.ts';
import { beginSchema, confidenceOf, readWords, type Turn, terminationSchema, turnSchema } from './wire.ts';

export interface StreamOptions {
  sampleRateHz: number;
  model: string;
  clock: Clock;
  /** Firing means the caller dropped the stream: its end is `aborted`, not the vendor's fault. */
  signals: readonly AbortSignal[];
}

/**
 * One session of Universal-Streaming v3. The vendor does not say that it has answered everything pushed, except by its
 * `Termination`: the stream carries one utterance, and `close()` is the question (`finalize: 'none'`). So a close that
 * ends without a `Termination` is an error of the iteration: what was said may not have been heard.
 */
export class AssemblyAiStream implements SttStream {
  readonly #options: StreamOptions;
  readonly #link: SttLink;
  readonly #turns = new TurnOrder((turn) => this.#final(turn));
  #begunMs: number | undefined;
  #isBilled = false;
  #isTerminating = false;
  #requestId: string | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#link = new SttLink({
      vendor: TITLE,
      ...options,
      billsAudio: false,
      onEnding: () => {
        if (!this.#isTerminating) this.#bill();
      },
    });
  }

  /** Resolves at the vendor's `Begin`: a key it refuses is found after the handshake, not by it. */
  async open(connect: Connect, target: Omit<SttLinkTarget, 'onMessage' | 'onClose'>): Promise<void> {
    await this.#link.open(connect, {
      ...target,
      onMessage: (message) => this.#read(message),
      onClose: (code, reason) => this.#onClose(code, reason),
    });
  }

  push(pcm: Int16Array): void {
    if (pcm.length === 0) return; // shorter than 50 ms ends the session with 3007
    this.#link.sendAudio(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), pcm.length);
  }

  /** Ends the turn at hand. No `done` follows: the vendor is silent where nobody speaks. See the class. */
  finalize(): void {
    if (!this.#link.isClosing) this.#link.sendMessage({ type: 'ForceEndpoint' });
  }

  close(): Promise<void> {
    return this.#link.close(
      () => {
        this.#isTerminating = true;
        this.#link.sendMessage({ type: 'ForceEndpoint' });
        this.#link.sendMessage({ type: 'Terminate' });
      },
      { onLate: () => this.#fail(unanswered('timeout')) },
    );
  }

  [Symbol.asyncIterator](): AsyncIterator<SttEvent> {
    return this.#link.events;
  }

  #read(message: Record<string, unknown>): void {
    const { type } = message;
    if (type === 'Begin') this.#onBegin(parseWire(TITLE, beginSchema, message).id ?? undefined);
    else if (type === 'Turn') this.#onTurn(parseWire(TITLE, turnSchema, message));
    else if (type === 'Termination') {
      this.#onTermination(parseWire(TITLE, terminationSchema, message).session_duration_seconds ?? undefined);
    } else if (type === 'Error') {
      const { error_code: code } = message;
      const reason = asText(message['error']) ?? '';
      this.#fail(streamError(typeof code === 'number' ? code : undefined, reason, this.#requestId));
    }
    // Any other type is news to this version of the plugin, and no reason to drop a customer's sentence.
  }

  #onBegin(id: string | undefined): void {
    this.#requestId ??= id;
    this.#begunMs = this.#options.clock.now();
    this.#link.accept();
  }

  #onTurn(turn: Turn): void {
    const isNews = this.#turns.add(turn, turn.end_of_turn === true);
    if (!isNews || turn.end_of_turn === true) return;
    // The transcript lags: it holds the words that will not change, `words` all of them.
    const text = (turn.words ?? []).map((word) => word.text).join(' ') || (turn.transcript ?? '');
    if (text !== '') this.#link.emit({ type: 'partial', text });
  }

  #final(turn: Turn): void {
    const words = readWords(turn.words);
    const [first, last] = [words[0], words.at(-1)];
    this.#link.emit({
      type: 'final',
      text: (turn.transcript || words.map((word) => word.text).join(' ')).trim(),
      words,
      ...confidenceOf(words),
      ...(first && last ? { startMs: first.startMs, endMs: last.endMs } : {}),
      model: this.#options.model,
      ...(this.#requestId === undefined ? {} : { requestId: this.#requestId }),
    });
  }

  /** Nothing follows it. A turn that was never ended is as final now as it will be. */
  #onTermination(sessionSeconds: number | undefined): void {
    this.#turns.flush();
    this.#bill(sessionSeconds);
    this.#link.end();
  }

  #onClose(code: number, reason: string): void {
    const isQuiet = this.#link.isClosing && this.#link.pushedMs === 0;
    this.#bill();
    this.#link.socketClosed(isQuiet, () =>
      code === 1000 && this.#link.isClosing ? unanswered('connection') : streamError(code, reason, this.#requestId),
    );
  }

  #fail(error: ProviderError): void {
    this.#bill();
    this.#link.fail(error);
  }

  /** The vendor bills the time a session was open, spoken or not: its own figure where it came to say it. */
  #bill(sessionSeconds?: number): void {
    if (this.#isBilled || this.#begunMs === undefined) return;
    this.#isBilled = true;
    const { clock, model } = this.#options;
    const quantity = sessionSeconds ?? (clock.now() - this.#begunMs) / 1000;
    this.#link.emit({ type: 'usage', usage: [{ unit: 'second', quantity, of: 'audio_in', model }] });
  }
}

function unanswered(code: 'timeout' | 'connection'): ProviderError {
  return new ProviderError({ code, blame: 'vendor', message: `${TITLE} não respondeu a tudo o que foi dito` });
}
