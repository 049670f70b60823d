import type { RawData, WebSocket } from 'ws';
import { type Fault, finalDelivery } from './faults.ts';
import type { HeardStream, Listening } from './listening/index.ts';
import type { SeenRequest } from './server.ts';

export interface RealtimeSessionOptions {
  listening: Listening;
  latencyMs: number;
  fault: Fault | null;
  id: string;
}

const RATE = 24_000;
/** A commit of less is refused. */
const SHORTEST_MS = 100;

interface ClientEvent {
  type?: string;
  audio?: string;
  session?: { type?: string; audio?: { input?: Record<string, unknown> } };
}

/** One transcription session: commits become items, items are transcribed, errors leave the session open. */
export class RealtimeSession {
  readonly #socket: WebSocket;
  readonly #request: SeenRequest;
  readonly #options: RealtimeSessionOptions;
  readonly #final: (message: Record<string, unknown>) => void;
  readonly #stream: HeardStream;
  #input: Record<string, unknown> | undefined;
  #samples = 0;
  #uncommitted = 0;
  #items = 0;
  #events = 0;
  #silent = false;
  #corrupted = false;

  constructor(socket: WebSocket, request: SeenRequest, options: RealtimeSessionOptions) {
    this.#socket = socket;
    this.#request = request;
    this.#options = options;
    this.#stream = options.listening.openStream(RATE);
    this.#final = finalDelivery(options.fault, (message: Record<string, unknown>) => this.#send(message));
    socket.on('message', (data: RawData) => this.#onText((data as Buffer).toString('utf8')));
    this.#write({ type: 'session.created', session: this.#session() });
  }

  #onText(text: string): void {
    const event = JSON.parse(text) as ClientEvent;
    if (event.type === 'input_audio_buffer.append') return void this.#onAudio(event.audio ?? '');
    this.#request.messages.push(text);
    if (event.type === 'session.update') this.#onUpdate(event);
    else if (event.type === 'input_audio_buffer.clear') this.#onClear();
    else if (event.type === 'input_audio_buffer.commit') this.#onCommit();
    else this.#error('invalid_value', `Invalid value: '${event.type}'.`);
  }

  #onUpdate({ session }: ClientEvent): void {
    const input = session?.audio?.input;
    const { model } = (input?.['transcription'] ?? {}) as { model?: string };
    const isKnown = /^gpt-(live-transcribe|realtime-whisper|transcribe)$/.test(model ?? '');
    if (session?.type !== 'transcription' || !input || !isKnown) return void this.#error('invalid_value', 'session');
    this.#input = input;
    this.#write({ type: 'session.updated', session: this.#session() });
  }

  #onAudio(base64: string): void {
    const bytes = Buffer.from(base64, 'base64');
    const pcm = new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
    this.#request.audioBytes += bytes.length;
    this.#stream.push(pcm);
    this.#samples += pcm.length;
    this.#uncommitted += pcm.length;
    this.#misbehave();
  }

  #onClear(): void {
    this.#uncommitted = 0;
    this.#send({ type: 'input_audio_buffer.cleared' });
  }

  #onCommit(): void {
    if (this.#ms(this.#uncommitted) < SHORTEST_MS) {
      return void this.#error('input_audio_buffer_commit_empty', 'buffer too small. Expected at least 100ms of audio');
    }
    const item_id = `item_${this.#options.id}_${++this.#items}`;
    const previous_item_id = this.#items > 1 ? `item_${this.#options.id}_${this.#items - 1}` : null;
    const seconds = this.#uncommitted / RATE;
    this.#uncommitted = 0;
    this.#send({ type: 'input_audio_buffer.committed', item_id, previous_item_id });
    const heard = this.#stream.take();
    const about = { item_id, content_index: 0 };
    const type = 'conversation.item.input_audio_transcription';
    for (const word of heard.words) this.#send({ type: `${type}.delta`, ...about, delta: `${word.text} ` });
    this.#final({
      event_id: `event_done_${this.#items}`,
      type: `${type}.completed`,
      ...about,
      transcript: heard.text,
      logprobs: heard.words.map((word) => ({ token: word.text, logprob: Math.log(word.confidence), bytes: [] })),
      usage: { type: 'duration', seconds },
    });
  }

  #session(): Record<string, unknown> {
    const { transcription, ...input } = this.#input ?? {};
    const { model = 'gpt-live-transcribe', languages } = (transcription ?? {}) as Record<string, unknown>;
    return {
      type: 'transcription',
      id: this.#options.id,
      object: 'realtime.transcription_session',
      audio: { input: { ...input, transcription: { model, ...(languages ? { languages } : {}) } } },
    };
  }

  #misbehave(): void {
    const { fault } = this.#options;
    const heardMs = this.#ms(this.#samples);
    if (fault?.kind === 'stall') this.#silent ||= heardMs >= fault.afterAudioMs;
    if (fault?.kind === 'die' && heardMs >= fault.afterAudioMs) {
      if (fault.code === undefined) this.#socket.terminate();
      else this.#socket.close(fault.code, fault.reason ?? '');
    }
    if (fault?.kind === 'error_frame' && !this.#silent && heardMs >= (fault.afterAudioMs ?? 0)) {
      this.#error('server_error', 'The server had an error.', 'server_error');
      this.#silent = true;
    }
  }

  #error(code: string, message: string, type = 'invalid_request_error'): void {
    this.#send({ type: 'error', error: { type, code, message, param: null, event_id: null } });
  }

  #send(message: Record<string, unknown>): void {
    if (this.#silent) return;
    const { fault } = this.#options;
    if (fault?.kind === 'unknown_messages') this.#write({ type: 'something.new' });
    const corrupt = fault?.kind === 'malformed_frame' && !this.#corrupted;
    this.#corrupted ||= corrupt;
    if (corrupt) this.#later(() => this.#socket.send('{"type":"conversation.item'));
    else this.#write(message);
  }

  #write(message: Record<string, unknown>): void {
    const event = { event_id: `event_${++this.#events}`, ...message };
    this.#later(() => this.#socket.send(JSON.stringify(event)));
  }

  #later(run: () => void): void {
    const { latencyMs } = this.#options;
    if (latencyMs === 0) return void run();
    setTimeout(run, latencyMs).unref();
  }

  #ms(samples: number): number {
    return (samples / RATE) * 1000;
  }
}
