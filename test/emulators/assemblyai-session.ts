import type { RawData, WebSocket } from 'ws';
import { type Fault, finalDelivery } from './faults.ts';
import type { Heard, HeardStream, Listening } from './listening/index.ts';
import type { SeenRequest } from './server.ts';

export interface SessionOptions {
  listening: Listening;
  latencyMs: number;
  fault: Fault | null;
  id: string;
}

/** How the vendor ends a session: an `Error` message, then a close frame with the same code. */
export interface StreamEnd {
  code: number;
  reason: string;
}

const MODELS = new Set([
  'universal-3-6-pro',
  'universal-3-5-pro',
  'u3-rt-pro',
  'universal-streaming-multilingual',
  'universal-streaming-english',
]);
/** A partial after so much new audio. */
const PARTIAL_MS = 400;
/** The vendor ends a turn after so much silence; it cannot be told not to. */
const TURN_SILENCE_MS = 400;
/** Below this mean square (about -55 dBFS) the emulated end-pointer hears a pause. */
const PAUSE_MEAN_SQUARE = 60 ** 2;

/** One session of Universal-Streaming v3: audio in, turns out, as the vendor's documentation describes them. */
export class AssemblyAiSession {
  readonly #socket: WebSocket;
  readonly #request: SeenRequest;
  readonly #options: SessionOptions;
  readonly #rate: number;
  readonly #stream: HeardStream;
  readonly #startedAt = performance.now();
  readonly #outbox = new Set<NodeJS.Timeout>();
  readonly #deliver: (message: Record<string, unknown>) => void;
  #samples = 0;
  #lastPartial = 0;
  #pause = 0;
  #turn = 0;
  #silent = false;
  #corrupted = false;

  constructor(socket: WebSocket, request: SeenRequest, options: SessionOptions) {
    this.#socket = socket;
    this.#request = request;
    this.#options = options;
    this.#rate = Number(request.query.get('sample_rate') ?? 16_000);
    this.#stream = options.listening.openStream(this.#rate);
    this.#deliver = finalDelivery(options.fault, (message) => this.#send(message));
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) this.#onAudio(data as Buffer);
      else this.#onText((data as Buffer).toString('utf8'));
    });
    socket.once('close', () => {
      for (const timer of this.#outbox) clearTimeout(timer);
    });
  }

  begin(): void {
    const { query } = this.#request;
    const { fault, id } = this.#options;
    const model = query.get('speech_model') ?? '';
    if (fault?.kind === 'die' && fault.afterAudioMs === 0) return void this.#misbehave();
    if (!MODELS.has(model)) return void this.#end({ code: 3006, reason: `Invalid Message: unknown model ${model}` });
    const terms = JSON.parse(query.get('keyterms_prompt') ?? '[]') as string[];
    if (terms.length > 100 || terms.some((term) => term.length > 50)) {
      return void this.#end({ code: 3006, reason: 'Invalid Message: keyterms_prompt' });
    }
    this.#write(JSON.stringify({ type: 'Begin', id, expires_at: 1_772_570_132, configuration: { model } }));
  }

  #onText(text: string): void {
    this.#request.messages.push(text);
    const { type } = JSON.parse(text) as { type?: string };
    if (type === 'ForceEndpoint') this.#endTurn();
    else if (type === 'Terminate') this.#terminate();
    else if (type !== 'KeepAlive') this.#end({ code: 3006, reason: `Invalid Message Type: ${type}` });
  }

  #onAudio(bytes: Buffer): void {
    if (bytes.length === 0) this.#request.emptyFrames++;
    const pcm = new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
    const ms = this.#ms(pcm.length);
    if (ms < 50 || ms > 1000) {
      const reason = `Input duration violation: ${ms} ms. Expected between 50 and 1000 ms`;
      return void this.#end({ code: 3007, reason });
    }
    this.#request.audioBytes += bytes.length;
    this.#stream.push(pcm);
    this.#samples += pcm.length;
    if (!this.#misbehave()) this.#followSpeech(pcm);
  }

  #followSpeech(pcm: Int16Array): void {
    this.#pause = meanSquare(pcm) < PAUSE_MEAN_SQUARE ? this.#pause + pcm.length : 0;
    const text = this.#stream.partial();
    if (text === '') return;
    if (this.#ms(this.#pause) >= TURN_SILENCE_MS) return void this.#endTurn();
    if (this.#ms(this.#samples - this.#lastPartial) < PARTIAL_MS) return;
    this.#lastPartial = this.#samples;
    const said = text.split(' ');
    // The last word may still change: it is in `words`, and not in the transcript yet.
    const words = said.map((word) => ({ text: word, start: 0, end: 0, confidence: 0.5, word_is_final: false }));
    this.#send(this.#turnMessage(false, said.slice(0, -1).join(' '), words));
  }

  /** Where nobody has spoken there is no turn to end, and the vendor says nothing. */
  #endTurn(): void {
    const heard = this.#stream.take();
    if (heard.text === '') return;
    this.#deliver(this.#turnMessage(true, heard.text, wireWords(heard, this.#request.query)));
    this.#turn++;
  }

  #terminate(): void {
    this.#endTurn();
    this.#send({
      type: 'Termination',
      audio_duration_seconds: Math.round(this.#samples / this.#rate),
      session_duration_seconds: Math.ceil((performance.now() - this.#startedAt) / 1000),
    });
    if (!this.#silent) this.#later(() => this.#socket.close(1000));
  }

  #turnMessage(isEnd: boolean, transcript: string, words: unknown[]): Record<string, unknown> {
    return {
      type: 'Turn',
      turn_order: this.#turn,
      turn_is_formatted: isEnd,
      end_of_turn: isEnd,
      end_of_turn_confidence: isEnd ? 1 : 0.1,
      transcript,
      utterance: isEnd ? transcript : '',
      words,
    };
  }

  /** Whether the fault has taken the session over. */
  #misbehave(): boolean {
    const { fault } = this.#options;
    const heardMs = this.#ms(this.#samples);
    if (fault?.kind === 'stall') this.#silent ||= heardMs >= fault.afterAudioMs;
    if (fault?.kind === 'die' && heardMs >= fault.afterAudioMs) {
      if (fault.code === undefined) this.#socket.terminate();
      else this.#socket.close(fault.code, fault.reason ?? '');
      return true;
    }
    if (fault?.kind === 'error_frame' && heardMs >= (fault.afterAudioMs ?? 0)) {
      this.#end({ code: 3005, reason: 'Session Cancelled: An error occurred' });
      return true;
    }
    return this.#silent;
  }

  #end({ code, reason }: StreamEnd): void {
    this.#send({ type: 'Error', error_code: code, error: reason });
    this.#later(() => this.#socket.close(code, reason.slice(0, 120)));
    this.#silent = true;
  }

  #send(message: Record<string, unknown>): void {
    if (this.#silent) return;
    const { fault } = this.#options;
    if (fault?.kind === 'unknown_messages') this.#write(JSON.stringify({ type: 'SomethingNew', turn_order: 'x' }));
    const corrupt = fault?.kind === 'malformed_frame' && !this.#corrupted;
    this.#corrupted ||= corrupt;
    this.#write(corrupt ? '{"type":"Turn",' : JSON.stringify(message));
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

function wireWords(heard: Heard, query: URLSearchParams): unknown[] {
  const speaker = query.get('speaker_labels') === 'true' ? { speaker: 'A' } : {};
  return heard.words.map(({ text, startMs, endMs, confidence }) => ({
    text,
    start: Math.round(startMs),
    end: Math.round(endMs),
    confidence,
    word_is_final: true,
    ...speaker,
  }));
}

function meanSquare(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return sum / Math.max(1, pcm.length);
}
