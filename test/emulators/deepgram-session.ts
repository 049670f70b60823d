import type { RawData, WebSocket } from 'ws';
import { type Fault, finalDelivery } from './faults.ts';
import type { Heard, HeardStream, Listening } from './listening/index.ts';
import type { SeenRequest } from './server.ts';

export interface SessionOptions {
  listening: Listening;
  idleMs: number;
  latencyMs: number;
  fault: Fault | null;
  requestId: string;
}

/** An interim result after so much new audio. */
const INTERIM_MS = 400;
/** A segment is closed after so much audio, also while somebody speaks. */
const SEGMENT_MS = { endpointing: 5000, off: 12_000 };
/** Below this mean square (about -46 dBFS) the emulated end-pointer hears a pause. */
const PAUSE_MEAN_SQUARE = 160 ** 2;

/** One live stream: audio in, results out, as the vendor's documentation describes them. */
export class DeepgramSession {
  readonly #socket: WebSocket;
  readonly #request: SeenRequest;
  readonly #options: SessionOptions;
  readonly #rate: number;
  readonly #stream: HeardStream;
  readonly #endpointingMs: number | undefined;
  readonly #interim: boolean;
  readonly #outbox: Set<NodeJS.Timeout> = new Set();
  readonly #deliverFinal: (message: Record<string, unknown>) => void;
  #idle: NodeJS.Timeout | undefined;
  #samples = 0;
  #segmentStart = 0;
  #lastInterim = 0;
  #pause = 0;
  #silent = false;
  #corrupted = false;

  constructor(socket: WebSocket, request: SeenRequest, options: SessionOptions) {
    this.#socket = socket;
    this.#request = request;
    this.#options = options;
    this.#rate = Number(request.query.get('sample_rate'));
    this.#stream = options.listening.openStream(this.#rate);
    this.#interim = request.query.get('interim_results') === 'true';
    this.#deliverFinal = finalDelivery(options.fault, (message) => this.#send(message));
    this.#endpointingMs = endpointingOf(request.query.get('endpointing'));
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#touch();
      if (isBinary) this.#onAudio(data as Buffer);
      else this.#onText((data as Buffer).toString('utf8'));
    });
    socket.once('close', () => {
      clearTimeout(this.#idle);
      for (const timer of this.#outbox) clearTimeout(timer);
    });
    this.#touch();
  }

  #touch(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#socket.close(1011, 'NET-0001: did not receive audio data or a text message within the timeout window');
    }, this.#options.idleMs);
  }

  #onText(text: string): void {
    this.#request.messages.push(text);
    const { type } = JSON.parse(text) as { type?: string };
    if (type === 'Finalize') this.#final({ fromFinalize: true });
    else if (type === 'CloseStream') this.#closeStream();
    else if (type !== 'KeepAlive') this.#socket.close(1008, 'DATA-0000: unknown message');
  }

  #onAudio(bytes: Buffer): void {
    if (bytes.length === 0) {
      this.#request.emptyFrames++;
      return void this.#closeStream();
    }
    const pcm = new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
    this.#request.audioBytes += bytes.length;
    this.#stream.push(pcm);
    this.#samples += pcm.length;
    if (this.#misbehave()) return;
    this.#followSpeech(pcm);
  }

  #followSpeech(pcm: Int16Array): void {
    const segmentMs = this.#ms(this.#samples - this.#segmentStart);
    this.#pause = meanSquare(pcm) < PAUSE_MEAN_SQUARE ? this.#pause + pcm.length : 0;
    const limit = this.#endpointingMs === undefined ? SEGMENT_MS.off : SEGMENT_MS.endpointing;
    const paused = this.#endpointingMs !== undefined && this.#ms(this.#pause) >= this.#endpointingMs;
    if (paused && this.#stream.partial() !== '') return void this.#final({ speechFinal: true });
    if (segmentMs >= limit) return void this.#final({});
    if (this.#interim && this.#ms(this.#samples - this.#lastInterim) >= INTERIM_MS) {
      this.#lastInterim = this.#samples;
      this.#send(this.#results({ text: this.#stream.partial(), words: [] }, { final: false }));
    }
  }

  /** A final over everything since the one before. Without audio since then the vendor does not answer. */
  #final(reason: { fromFinalize?: boolean; speechFinal?: boolean }): void {
    if (this.#samples === this.#segmentStart) return;
    const message = this.#results(this.#stream.take(), { final: true, ...reason });
    this.#segmentStart = this.#samples;
    this.#lastInterim = this.#samples;
    const { fault } = this.#options;
    if (fault?.kind === 'no_finalize_ack' && reason.fromFinalize) delete message['from_finalize'];
    this.#deliverFinal(message);
  }

  #closeStream(): void {
    this.#final({});
    this.#send({
      type: 'Metadata',
      transaction_key: 'deprecated',
      request_id: this.#options.requestId,
      sha256: '0'.repeat(64),
      created: '2026-11-21T12:00:00.000Z',
      duration: this.#samples / this.#rate,
      channels: 1,
    });
    if (!this.#silent) this.#later(() => this.#socket.close(1000));
  }

  #results(
    heard: Heard,
    kind: { final: boolean; fromFinalize?: boolean; speechFinal?: boolean },
  ): Record<string, unknown> {
    const words = wireWords(heard, this.#request.query);
    return {
      type: 'Results',
      channel_index: [0, 1],
      duration: (this.#samples - this.#segmentStart) / this.#rate,
      start: this.#segmentStart / this.#rate,
      is_final: kind.final,
      speech_final: kind.speechFinal ?? false,
      from_finalize: kind.fromFinalize ?? false,
      channel: { alternatives: [{ transcript: heard.text, confidence: heard.text ? 0.97 : 0, words }] },
      metadata: {
        request_id: this.#options.requestId,
        model_info: { name: 'general-nova-3', version: '2026-11-21.0', arch: 'nova-3' },
        model_uuid: '00000000-0000-0000-0000-000000000000',
      },
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
    if (fault?.kind === 'error_frame' && heardMs >= (fault.afterAudioMs ?? 0)) {
      this.#send({ type: 'Error', variant: 'INTERNAL', description: 'Internal server error', message: 'NET-0000' });
      this.#later(() => this.#socket.close(1011, 'NET-0000'));
      this.#silent = true;
      return true;
    }
    return this.#silent;
  }

  #send(message: Record<string, unknown>): void {
    if (this.#silent) return;
    const { fault } = this.#options;
    if (fault?.kind === 'unknown_messages') this.#write(JSON.stringify({ type: 'SomethingNew', channel: [0] }));
    const corrupt = fault?.kind === 'malformed_frame' && !this.#corrupted;
    this.#corrupted ||= corrupt;
    this.#write(corrupt ? '{"type":"Results",' : JSON.stringify(message));
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

/** Milliseconds of pause that end a segment; undefined when off. The vendor's own default is 10 ms. */
function endpointingOf(value: string | null): number | undefined {
  if (value === 'false') return undefined;
  const milliseconds = Number(value ?? 10);
  return Number.isFinite(milliseconds) ? milliseconds : 10;
}

function meanSquare(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return sum / Math.max(1, pcm.length);
}

/** Words as the vendor writes them: `word` in lower case without punctuation, times in seconds, a speaker where asked for. */
export function wireWords(heard: Heard, query: URLSearchParams): Record<string, unknown>[] {
  const speaker = query.get('diarize') === 'true' ? { speaker: 0 } : {};
  return heard.words.map((word) => ({
    word: word.text.toLowerCase().replace(/[^\p{L}\p{N}-]/gu, ''),
    start: word.startMs / 1000,
    end: word.endMs / 1000,
    confidence: word.confidence,
    punctuated_word: word.text,
    ...speaker,
  }));
}
