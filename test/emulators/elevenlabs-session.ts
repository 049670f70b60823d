import type { RawData, WebSocket } from 'ws';
import { type Fault, finalDelivery } from './faults.ts';
import type { Heard, HeardStream, Listening } from './listening/index.ts';
import type { SeenRequest } from './server.ts';

export interface ScribeSessionOptions {
  listening: Listening;
  idleMs: number;
  latencyMs: number;
  fault: Fault | null;
  sessionId: string;
}

interface Chunk {
  message_type?: string;
  audio_base_64?: string;
  commit?: boolean;
  sample_rate?: number;
  previous_text?: string;
}

type Message = { message_type: string } & Record<string, unknown>;

/** A partial transcript after so much new audio. */
const PARTIAL_MS = 400;
const SHORTEST_COMMIT_MS = 300;
/** As measured by others; the documentation says 90 s. */
const AUTO_COMMIT_MS = 36_500;
const FORMATS = new Set([8000, 16_000, 22_050, 24_000, 44_100, 48_000].map((rate) => `pcm_${rate}`));

/** One live session of Scribe: audio in, transcripts out, as the vendor's specification describes them. */
export class ScribeSession {
  readonly #socket: WebSocket;
  readonly #request: SeenRequest;
  readonly #options: ScribeSessionOptions;
  readonly #rate: number;
  readonly #stream: HeardStream;
  readonly #timed: boolean;
  readonly #outbox: Set<NodeJS.Timeout> = new Set();
  readonly #deliver: (answer: Message[]) => void;
  #idle: NodeJS.Timeout | undefined;
  #chunks = 0;
  #samples = 0;
  #committed = 0;
  #lastPartial = 0;
  #silent = false;
  #corrupted = false;

  constructor(socket: WebSocket, request: SeenRequest, options: ScribeSessionOptions) {
    this.#socket = socket;
    this.#request = request;
    this.#options = options;
    const format = request.query.get('audio_format') ?? 'pcm_16000';
    this.#rate = Number(format.slice('pcm_'.length));
    this.#timed = request.query.get('include_timestamps') === 'true';
    this.#stream = options.listening.openStream(FORMATS.has(format) ? this.#rate : 16_000);
    this.#deliver = finalDelivery<Message[]>(options.fault, (answer) => {
      for (const message of answer) this.#send(message);
    });
    socket.once('close', () => {
      clearTimeout(this.#idle);
      for (const timer of this.#outbox) clearTimeout(timer);
    });
    if (request.query.get('model_id') !== 'scribe_v2_realtime' || !FORMATS.has(format)) {
      this.#refuse('invalid_request');
      return;
    }
    this.#write(JSON.stringify(this.#started(format)));
    socket.on('message', (data: RawData) => this.#onText((data as Buffer).toString('utf8')));
    this.#touch();
  }

  #touch(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#refuse('insufficient_audio_activity'), this.#options.idleMs);
  }

  #onText(text: string): void {
    const message = JSON.parse(text) as Chunk;
    if (this.#chunks === 0 || message.commit || message.message_type !== 'input_audio_chunk') {
      this.#request.messages.push(text);
    }
    this.#touch();
    if (message.message_type === 'commit') this.#commit();
    else if (message.message_type !== 'input_audio_chunk') this.#refuse('input_error');
    else if (message.sample_rate !== this.#rate) this.#refuse('input_error');
    else if (message.previous_text !== undefined && this.#chunks > 0) this.#refuse('input_error');
    else this.#onChunk(message);
  }

  #onChunk({ audio_base_64 = '', commit = false }: Chunk): void {
    this.#chunks++;
    const bytes = new Uint8Array(Buffer.from(audio_base_64, 'base64'));
    const pcm = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
    this.#request.audioBytes += bytes.length;
    this.#stream.push(pcm);
    this.#samples += pcm.length;
    if (this.#misbehave()) return;
    if (commit) this.#commit();
    else if (this.#ms(this.#samples - this.#committed) >= AUTO_COMMIT_MS) this.#answer();
    else if (this.#ms(this.#samples - this.#lastPartial) >= PARTIAL_MS) {
      this.#lastPartial = this.#samples;
      this.#send({ message_type: 'partial_transcript', text: this.#stream.partial() });
    }
  }

  #commit(): void {
    if (this.#ms(this.#samples - this.#committed) < SHORTEST_COMMIT_MS) this.#refuse('commit_throttled');
    else this.#answer();
  }

  #answer(): void {
    this.#committed = this.#samples;
    this.#lastPartial = this.#samples;
    const heard = this.#stream.take();
    const plain = { message_type: 'committed_transcript', text: heard.text };
    const timed = {
      message_type: 'committed_transcript_with_timestamps',
      text: heard.text,
      language_code: 'por',
      words: scribeWords(heard),
    };
    this.#deliver(this.#timed ? [plain, timed] : [plain]);
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
    if (fault?.kind === 'error_frame' && heardMs >= (fault.afterAudioMs ?? 0) && !this.#silent) {
      this.#refuse('transcriber_error');
      this.#silent = true;
    }
    return this.#silent;
  }

  #refuse(type: string): void {
    if (!this.#silent) refuseScribe(this.#socket, type);
  }

  #started(format: string): Message {
    const { query } = this.#request;
    return {
      message_type: 'session_started',
      session_id: this.#options.sessionId,
      config: {
        sample_rate: this.#rate,
        audio_format: format,
        language_code: query.get('language_code') ?? 'pt',
        timestamps_granularity: this.#timed ? 'word' : 'none',
        vad_commit_strategy: query.get('commit_strategy') ?? 'manual',
        model_id: 'scribe_v2_realtime',
        enable_logging: query.get('enable_logging') !== 'false',
        keyterms: query.getAll('keyterms'),
      },
    };
  }

  #send(message: Message): void {
    if (this.#silent) return;
    const { fault } = this.#options;
    if (fault?.kind === 'unknown_messages') this.#write('{"message_type":"something_new","text":"?"}');
    const corrupt = fault?.kind === 'malformed_frame' && !this.#corrupted;
    this.#corrupted ||= corrupt;
    this.#write(corrupt ? '{"message_type":"partial_' : JSON.stringify(message));
  }

  #write(text: string): void {
    if (this.#options.latencyMs === 0) return void this.#socket.send(text);
    const timer = setTimeout(() => {
      this.#outbox.delete(timer);
      this.#socket.send(text);
    }, this.#options.latencyMs);
    this.#outbox.add(timer);
  }

  #ms(samples: number): number {
    return (samples / this.#rate) * 1000;
  }
}

/** An error message, then the end of the session: the vendor names the error in the close reason. */
export function refuseScribe(socket: WebSocket, type: string): void {
  socket.send(JSON.stringify({ message_type: type, error: `Emulated ${type}.` }));
  socket.close(1000, type);
}

/** Words as the vendor writes them: spaces are entries of their own, times in seconds, probabilities as logarithms, a speaker where asked for. */
export function scribeWords(heard: Heard, diarize = false): Record<string, unknown>[] {
  const speaker = diarize ? { speaker_id: 'speaker_0' } : {};
  return heard.words.flatMap((word, index) => {
    const logprob = Math.log(Math.max(word.confidence, 0.001));
    const spoken = {
      text: word.text,
      start: word.startMs / 1000,
      end: word.endMs / 1000,
      type: 'word',
      logprob,
      ...speaker,
    };
    const space = { text: ' ', start: spoken.start, end: spoken.start, type: 'spacing', logprob: 0 };
    return index === 0 ? [spoken] : [space, spoken];
  });
}
