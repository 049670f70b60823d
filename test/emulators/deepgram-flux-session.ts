import type { RawData, WebSocket } from 'ws';
import type { SessionOptions } from './deepgram-session.ts';
import { finalDelivery } from './faults.ts';
import type { Heard, HeardStream } from './listening/index.ts';
import type { SeenRequest } from './server.ts';

type TurnEvent = 'Update' | 'StartOfTurn' | 'EndOfTurn';

/** An update after so much new audio. */
const UPDATE_MS = 240;
/** A turn ends after so much audio without another word: Flux listens to what is said, not to how loud it is. */
const WORDLESS_MS = 700;

/** One live stream of Flux (`/v2/listen`): audio in, turns out, as the vendor's documentation describes them. */
export class FluxSession {
  readonly #socket: WebSocket;
  readonly #request: SeenRequest;
  readonly #options: SessionOptions;
  readonly #rate: number;
  readonly #stream: HeardStream;
  readonly #outbox: Set<NodeJS.Timeout> = new Set();
  readonly #deliverEnd: (message: Record<string, unknown>) => void;
  #sequence = 0;
  #turn = 0;
  #turnStart = 0;
  #samples = 0;
  #lastUpdate = 0;
  #text = '';
  #lastWord = 0;
  #hasStarted = false;
  #silent = false;
  #corrupted = false;

  constructor(socket: WebSocket, request: SeenRequest, options: SessionOptions) {
    this.#socket = socket;
    this.#request = request;
    this.#options = options;
    this.#rate = Number(request.query.get('sample_rate'));
    this.#stream = options.listening.openStream(this.#rate);
    this.#deliverEnd = finalDelivery(options.fault, (message) => this.#send(message));
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) this.#onAudio(data as Buffer);
      else this.#onText((data as Buffer).toString('utf8'));
    });
    socket.once('close', () => {
      for (const timer of this.#outbox) clearTimeout(timer);
    });
    this.#write(JSON.stringify({ type: 'Connected', request_id: options.requestId, sequence_id: this.#sequence++ }));
  }

  #onText(text: string): void {
    this.#request.messages.push(text);
    const { type } = JSON.parse(text) as { type?: string };
    if (type === 'CloseStream') this.#closeStream();
    else this.#fail('UNPARSABLE_CLIENT_MESSAGE', 1008);
  }

  #onAudio(bytes: Buffer): void {
    if (bytes.length === 0) this.#request.emptyFrames++;
    const pcm = new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
    this.#request.audioBytes += bytes.length;
    this.#stream.push(pcm);
    this.#samples += pcm.length;
    if (this.#misbehave()) return;
    const text = this.#stream.partial();
    if (text !== this.#text) this.#lastWord = this.#samples;
    this.#text = text;
    if (text !== '' && this.#ms(this.#samples - this.#lastWord) >= WORDLESS_MS) this.#endTurn();
    else if (this.#ms(this.#samples - this.#lastUpdate) >= UPDATE_MS) this.#update(text);
  }

  #update(text: string): void {
    this.#lastUpdate = this.#samples;
    const starts = text !== '' && !this.#hasStarted;
    this.#hasStarted ||= starts;
    const words = text.split(' ').filter((word) => word !== '');
    const heard = { text, words: words.map((word) => ({ word, confidence: 0.9 })) };
    this.#send(this.#turnInfo(starts ? 'StartOfTurn' : 'Update', heard));
  }

  #endTurn(): void {
    this.#deliverEnd(this.#turnInfo('EndOfTurn', fluxHeard(this.#stream.take())));
    this.#turn++;
    this.#hasStarted = false;
    this.#text = '';
    this.#turnStart = this.#samples;
    this.#lastUpdate = this.#samples;
  }

  /** What is left is decoded and told as an update; the turn is not ended, and the close has no code. */
  #closeStream(): void {
    if (this.#samples > this.#turnStart) {
      const last = this.#turnInfo('Update', fluxHeard(this.#stream.take()));
      this.#send(last);
      if (this.#options.fault?.kind === 'duplicate_finals') this.#send(last);
    }
    if (!this.#silent) this.#later(() => this.#socket.close());
  }

  #turnInfo(event: TurnEvent, heard: { text: string; words: object[] }): Record<string, unknown> {
    const hinted = this.#request.query.getAll('language_hint');
    return {
      type: 'TurnInfo',
      request_id: this.#options.requestId,
      sequence_id: this.#sequence++,
      event,
      turn_index: this.#turn,
      audio_window_start: this.#turnStart / this.#rate,
      audio_window_end: this.#samples / this.#rate,
      transcript: heard.text,
      words: heard.words,
      end_of_turn_confidence: event === 'EndOfTurn' ? 0.9 : 0.1,
      ...(heard.text !== '' && hinted.length > 0 ? { languages: hinted.slice(0, 1) } : {}),
      ...(hinted.length > 0 ? { languages_hinted: hinted } : {}),
    };
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
    if (fault?.kind === 'error_frame' && heardMs >= (fault.afterAudioMs ?? 0) && !this.#silent) {
      this.#fail('INTERNAL_SERVER_ERROR', 1011);
    }
    return this.#silent;
  }

  #fail(code: string, closeCode: number): void {
    this.#send({ type: 'Error', sequence_id: this.#sequence++, code, description: 'Emulated error.' });
    this.#silent = true;
    this.#later(() => this.#socket.close(closeCode));
  }

  #send(message: Record<string, unknown>): void {
    if (this.#silent) return;
    const { fault } = this.#options;
    if (fault?.kind === 'unknown_messages') this.#write('{"type":"SomethingNew"}');
    const corrupt = fault?.kind === 'malformed_frame' && !this.#corrupted;
    this.#corrupted ||= corrupt;
    this.#write(corrupt ? '{"type":"TurnInfo",' : JSON.stringify(message));
  }

  #write(text: string): void {
    this.#later(() => this.#socket.send(text));
  }

  #later(run: () => void): void {
    if (this.#options.latencyMs === 0) return void run();
    const timer = setTimeout(() => {
      this.#outbox.delete(timer);
      run();
    }, this.#options.latencyMs);
    this.#outbox.add(timer);
  }

  #ms(samples: number): number {
    return (samples / this.#rate) * 1000;
  }
}

function fluxHeard(heard: Heard): { text: string; words: object[] } {
  const words = heard.words.map((word) => ({
    word: word.text,
    confidence: word.confidence,
    start: word.startMs / 1000,
    end: word.endMs / 1000,
  }));
  return { text: heard.text, words };
}
