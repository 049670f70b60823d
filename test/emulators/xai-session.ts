import type { RawData, WebSocket } from 'ws';
import { type Fault, finalDelivery } from './faults.ts';
import type { HeardStream, HeardWord, Listening } from './listening/index.ts';
import type { SeenRequest } from './server.ts';

export interface XaiSessionOptions {
  listening: Listening;
  rate: number;
  latencyMs: number;
  repeats: boolean;
  locksEnd: boolean;
  fault: Fault | null;
}

/** An interim result after so much new audio; text is locked after so much. */
const INTERIM_MS = 500;
const LOCK_MS = 3000;

/** One live stream: audio in, `transcript.partial` out, `transcript.done` as the answer to `audio.done`. */
export class XaiSession {
  readonly #socket: WebSocket;
  readonly #request: SeenRequest;
  readonly #options: XaiSessionOptions;
  readonly #stream: HeardStream;
  readonly #words: HeardWord[] = [];
  readonly #final: (message: Record<string, unknown>) => void;
  #samples = 0;
  #lockedAt = 0;
  #interimAt = 0;
  #silent = false;
  #corrupted = false;

  constructor(socket: WebSocket, request: SeenRequest, options: XaiSessionOptions) {
    this.#socket = socket;
    this.#request = request;
    this.#options = options;
    this.#stream = options.listening.openStream(options.rate);
    this.#final = finalDelivery(options.fault, (message: Record<string, unknown>) => this.#send(message));
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) this.#onAudio(data as Buffer);
      else this.#onText((data as Buffer).toString('utf8'));
    });
    this.#write(JSON.stringify({ type: 'transcript.created' }));
  }

  #onText(text: string): void {
    this.#request.messages.push(text);
    const { type } = JSON.parse(text) as { type?: string };
    if (type !== 'audio.done') return void this.#fail('Invalid argument', 1008);
    if (this.#options.locksEnd) this.#lock(true);
    else this.#words.push(...this.#stream.take().words);
    const all = this.#words.map((word) => word.text).join(' ');
    const duration = this.#samples / this.#options.rate;
    this.#send({ type: 'transcript.done', text: this.#options.repeats ? all : '', duration });
    if (!this.#silent) this.#later(() => this.#socket.close(1000));
  }

  #onAudio(bytes: Buffer): void {
    if (bytes.length === 0) this.#request.emptyFrames++;
    const pcm = new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
    this.#request.audioBytes += bytes.length;
    this.#stream.push(pcm);
    this.#samples += pcm.length;
    if (this.#misbehave()) return;
    if (this.#ms(this.#samples - this.#lockedAt) >= LOCK_MS) return void this.#lock(false);
    const isDue = this.#ms(this.#samples - this.#interimAt) >= INTERIM_MS;
    if (!isDue || this.#request.query.get('interim_results') !== 'true') return;
    this.#interimAt = this.#samples;
    this.#send(this.#partial(this.#stream.partial(), [], this.#lockedAt, { is_final: false, speech_final: false }));
  }

  /** Locks what was heard since the last time; at the end of the utterance, with all of it again where the vendor repeats. */
  #lock(ends: boolean): void {
    const { words, text } = this.#stream.take();
    this.#words.push(...words);
    const from = this.#lockedAt;
    this.#lockedAt = this.#samples;
    this.#interimAt = this.#samples;
    if (ends && this.#options.repeats) {
      const whole = this.#words.map((word) => word.text).join(' ');
      this.#final(this.#partial(whole, this.#words, 0, { is_final: true, speech_final: true }));
    } else if (this.#samples > from) {
      this.#final(this.#partial(text, words, from, { is_final: true, speech_final: ends }));
    }
  }

  #partial(text: string, words: HeardWord[], fromSample: number, flags: object): Record<string, unknown> {
    const { rate } = this.#options;
    const start = fromSample / rate;
    const duration = (this.#samples - fromSample) / rate;
    return { type: 'transcript.partial', text, words: wireWords(words), start, duration, ...flags };
  }

  /** Whether the fault has taken the stream over. */
  #misbehave(): boolean {
    const { fault } = this.#options;
    const heardMs = this.#ms(this.#samples);
    if (fault?.kind === 'stall') this.#silent ||= heardMs >= fault.afterAudioMs;
    if (fault?.kind === 'die' && heardMs >= fault.afterAudioMs) {
      if (fault.code === undefined) this.#socket.terminate();
      else this.#socket.close(fault.code, fault.reason ?? '');
      return true;
    }
    if (fault?.kind === 'error_frame' && !this.#silent && heardMs >= (fault.afterAudioMs ?? 0)) {
      this.#fail('Internal error', 1011);
      return true;
    }
    return this.#silent;
  }

  #fail(message: string, code: number): void {
    this.#send({ type: 'error', message });
    this.#later(() => this.#socket.close(code));
    this.#silent = true;
  }

  #send(message: Record<string, unknown>): void {
    if (this.#silent) return;
    const { fault } = this.#options;
    if (fault?.kind === 'unknown_messages') this.#write(JSON.stringify({ type: 'something.new', channel: 0 }));
    const corrupt = fault?.kind === 'malformed_frame' && !this.#corrupted;
    this.#corrupted ||= corrupt;
    this.#write(corrupt ? '{"type":"transcript.partial",' : JSON.stringify(message));
  }

  #write(text: string): void {
    this.#later(() => this.#socket.send(text));
  }

  #later(run: () => void): void {
    const { latencyMs } = this.#options;
    if (latencyMs === 0) return void run();
    setTimeout(run, latencyMs).unref();
  }

  #ms(samples: number): number {
    return (samples / this.#options.rate) * 1000;
  }
}

/** Words as the vendor writes them: times in seconds. */
export function wireWords(words: HeardWord[]): { text: string; start: number; end: number }[] {
  return words.map(({ text, startMs, endMs }) => ({ text, start: startMs / 1000, end: endMs / 1000 }));
}
