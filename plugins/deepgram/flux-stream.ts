import {
  asText,
  type Connect,
  ProviderError,
  parseWire,
  type SttEvent,
  SttLink,
  type SttLinkTarget,
  type SttStream,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { closeError, inBandError } from './errors.ts';
import type { StreamOptions } from './stream.ts';
import { readTurn, type TurnInfo, turnSchema } from './wire.ts';

/** From the good-bye to the vendor's close, besides half of what it has not decoded yet. */
const CLOSE_BOUND_MS = 2000;
/** Turns open at once: the vendor has one, two while it ends one. */
const MAX_TURNS = 100;
/** The vendor's ends of a stream that was asked to close: it sends no code at all, which the socket tells as 1005. */
const GOOD_ENDS = new Set([1000, 1005]);

/**
 * One live connection of Flux, which finds the ends of turns by itself. It has no message that asks for an answer, so
 * `CloseStream` is the way to get one: the vendor decodes what it has, sends updates, and closes without ending the turn; the
 * last update is then the final. Turns are told in their order.
 */
export class FluxStream implements SttStream {
  readonly #options: StreamOptions;
  readonly #link: SttLink;
  /** Turns begun and not told, by index. */
  readonly #turns = new Map<number, { turn: TurnInfo; isEnded: boolean }>();
  readonly #markers: { marker: number; atMs: number }[] = [];
  #lastTold = -1;
  #decodedMs = 0;
  #requestId: string | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#link = new SttLink({ vendor: TITLE, ...options });
  }

  /** Resolves when the vendor says `Connected`. */
  open(connect: Connect, target: Omit<SttLinkTarget, 'onMessage' | 'onClose'>): Promise<void> {
    return this.#link.open(connect, {
      ...target,
      onMessage: (message) => this.#read(message),
      onClose: (code, reason) => this.#onClose(code, reason),
    });
  }

  push(pcm: Int16Array): void {
    if (pcm.length === 0) return;
    this.#link.sendAudio(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), pcm.length);
  }

  /** Answered when the stream is closed, and not before: `capabilities.finalize` says `none`. */
  finalize(marker: number): void {
    if (!this.#link.isClosing && !this.#link.isOver) this.#markers.push({ marker, atMs: this.#link.pushedMs });
  }

  close(): Promise<void> {
    const undecodedMs = Math.max(0, this.#link.pushedMs - this.#decodedMs);
    return this.#link.close(() => this.#link.sendMessage({ type: 'CloseStream' }), {
      boundMs: CLOSE_BOUND_MS + undecodedMs / 2,
      // To end well would be to say that nothing more was said.
      onLate: () => this.#link.fail(lateError(this.#requestId)),
    });
  }

  [Symbol.asyncIterator](): AsyncIterator<SttEvent> {
    return this.#link.events;
  }

  #onClose(code: number, reason: string): void {
    const expected = this.#link.isClosing && GOOD_ENDS.has(code);
    if (expected) this.#tellRest();
    this.#link.socketClosed(expected, () => closeError(code, reason, this.#requestId));
  }

  #read(message: Record<string, unknown>): void {
    this.#requestId ??= asText(message['request_id']);
    if (message['type'] === 'TurnInfo') this.#onTurn(parseWire(TITLE, turnSchema, message));
    else if (message['type'] === 'Connected') this.#link.accept();
    else if (message['type'] === 'Error') this.#link.fail(inBandError(message, this.#requestId));
    // Any other type is news to this version of the plugin, and no reason to drop a customer's sentence.
  }

  #onTurn(turn: TurnInfo): void {
    this.#decodedMs = Math.max(this.#decodedMs, (turn.audio_window_end ?? 0) * 1000);
    // One that was told is sent again.
    if (turn.turn_index <= this.#lastTold || this.#turns.get(turn.turn_index)?.isEnded) return;
    const isEnded = turn.event === 'EndOfTurn';
    this.#turns.set(turn.turn_index, { turn, isEnded });
    if (this.#turns.size > MAX_TURNS)
      throw new ProviderError({ code: 'protocol', message: `${TITLE} não fecha turnos` });
    if (!isEnded) this.#link.emit({ type: 'partial', text: turn.transcript.trim() });
    for (const [index, oldest] of this.#inOrder()) {
      if (!oldest.isEnded || index > this.#lastTold + 1) break;
      this.#tell(index, oldest.turn);
    }
  }

  /** Nothing more comes: turns that were not ended are final as they stand. */
  #tellRest(): void {
    for (const [index, { turn }] of this.#inOrder()) this.#tell(index, turn);
    for (const { marker, atMs } of this.#markers.splice(0)) this.#link.done(marker, atMs);
  }

  #tell(index: number, turn: TurnInfo): void {
    this.#turns.delete(index);
    this.#lastTold = index;
    const heard = readTurn(turn);
    if (heard.text === '') return;
    const requestId = this.#requestId === undefined ? {} : { requestId: this.#requestId };
    this.#link.emit({ type: 'final', ...heard, model: this.#options.model, ...requestId });
  }

  #inOrder() {
    return [...this.#turns].sort(([a], [b]) => a - b);
  }
}

function lateError(requestId: string | undefined): ProviderError {
  return new ProviderError({
    code: 'timeout',
    message: `${TITLE} não encerrou a conexão a tempo`,
    ...(requestId === undefined ? {} : { requestId }),
  });
}
