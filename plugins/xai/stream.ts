import {
  type Clock,
  type Connect,
  ProviderError,
  parseWire,
  type SttEvent,
  SttLink,
  type SttStream,
} from '../../core/contracts/index.ts';
import { STT_MODEL, TITLE } from './config.ts';
import { closeError, inBandError, refusal } from './errors.ts';
import { SaidOnce } from './said-once.ts';
import { doneSchema, type Partial, partialSchema, readWords } from './wire.ts';

/** From `audio.done` to its answer, for audio given as it was spoken. */
const ANSWER_BOUND_MS = 2000;

export interface StreamOptions {
  url: string;
  apiKey: string;
  sampleRateHz: number;
  clock: Clock;
  /** Firing means the caller dropped the stream: its end is `aborted`, not the vendor's fault. */
  signal: AbortSignal;
  life: AbortSignal;
}

/**
 * One live connection, for one utterance: the vendor has no message that asks for an answer and goes on. `audio.done`
 * asks for all of it, `transcript.done` is the answer and the end.
 */
export class XaiStream implements SttStream {
  readonly #options: StreamOptions;
  readonly #link: SttLink;
  readonly #said = new SaidOnce();
  readonly #openedMs: number;
  #interim = '';
  #asked = false;
  #marker: number | undefined;
  #saidMs = 0;

  static async open(connect: Connect, options: StreamOptions): Promise<XaiStream> {
    const stream = new XaiStream(options);
    await stream.#open(connect);
    return stream;
  }

  private constructor(options: StreamOptions) {
    const { sampleRateHz, clock, signal, life } = options;
    this.#options = options;
    this.#openedMs = clock.now();
    this.#link = new SttLink({ vendor: TITLE, model: STT_MODEL, sampleRateHz, clock, signals: [signal, life] });
  }

  push(pcm: Int16Array): void {
    if (pcm.length === 0 || this.#asked) return;
    this.#link.sendAudio(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), pcm.length);
  }

  /** The answer ends the stream: a second marker is answered by the end. */
  finalize(marker: number): void {
    this.#marker = marker;
    this.#ask();
  }

  /** Waits for the answer to what was pushed; without it in time the stream fails rather than end as if nothing was said. */
  close(): Promise<void> {
    const onLate = () =>
      this.#link.fail(new ProviderError({ code: 'timeout', message: `${TITLE} não respondeu ao fim do áudio` }));
    return this.#link.close(() => this.#ask(), { onLate, boundMs: this.#boundMs() });
  }

  /** Audio given faster than it was spoken (a replay) takes the vendor longer: half of what is beyond the usual is added. */
  #boundMs(): number {
    const aheadMs = this.#link.pushedMs - (this.#options.clock.now() - this.#openedMs);
    return ANSWER_BOUND_MS + Math.max(0, aheadMs - ANSWER_BOUND_MS) / 2;
  }

  [Symbol.asyncIterator](): AsyncIterator<SttEvent> {
    return this.#link.events;
  }

  #open(connect: Connect): Promise<void> {
    const { url, apiKey, signal } = this.#options;
    return this.#link.open(connect, {
      url,
      headers: { authorization: `Bearer ${apiKey}` },
      signal,
      refuse: (status, headers, body) => refusal(status, headers, body, apiKey),
      onMessage: (message) => this.#read(message),
      onClose: (code) => this.#link.socketClosed(false, () => closeError(code)),
    });
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#link.sendMessage({ type: 'audio.done' });
  }

  #read(message: Record<string, unknown>): void {
    const { type } = message;
    if (type === 'transcript.created') this.#link.accept();
    else if (type === 'transcript.partial') this.#onPartial(parseWire(TITLE, partialSchema, message));
    else if (type === 'transcript.done') this.#onDone(parseWire(TITLE, doneSchema, message).text ?? '');
    else if (type === 'error') this.#link.fail(inBandError(message));
    // Any other type is news to this version of the plugin, and no reason to drop a customer's sentence.
  }

  #onPartial(message: Partial): void {
    const text = message.text.trim();
    if (message.is_final === true) {
      this.#interim = '';
      if (text !== '') this.#onFinal(text, message);
    } else {
      this.#interim = this.#said.rest(text) ?? text;
      this.#link.emit({ type: 'partial', text: this.#interim });
    }
  }

  #onFinal(text: string, message: Partial): void {
    const words = readWords(message.words);
    const startMs = message.start == null ? (words[0]?.startMs ?? this.#saidMs) : Math.round(message.start * 1000);
    const lengthMs = message.duration == null ? undefined : Math.round(message.duration * 1000);
    const endMs = lengthMs === undefined ? (words.at(-1)?.endMs ?? this.#link.pushedMs) : startMs + lengthMs;
    const piece = this.#said.take({ text, words, startMs, endMs }, message.speech_final === true);
    this.#saidMs = Math.max(this.#saidMs, endMs);
    if (piece) this.#link.emit({ type: 'final', ...piece, model: STT_MODEL });
  }

  /** What no final has said: the end of the whole transcript, else the interim text that was never locked. */
  #onDone(transcript: string): void {
    const rest = (transcript === '' ? undefined : this.#said.rest(transcript)) ?? this.#interim;
    const throughMs = Math.round(this.#link.pushedMs);
    if (rest.trim() !== '') {
      const range = { startMs: Math.min(this.#saidMs, throughMs), endMs: throughMs };
      this.#link.emit({ type: 'final', text: rest.trim(), ...range, model: STT_MODEL });
    }
    if (this.#marker !== undefined) this.#link.done(this.#marker, throughMs);
    this.#link.end();
  }
}
