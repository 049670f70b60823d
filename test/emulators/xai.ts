import type { WebSocket } from 'ws';
import type { Fault } from './faults.ts';
import { readForm, readWav } from './form.ts';
import type { Heard } from './listening/index.ts';
import { type OpenAiOptions, OpenAiWire } from './openai.ts';
import { type Emulator, type Reply, type SeenRequest, startEmulator } from './server.ts';
import { wireWords, XaiSession } from './xai-session.ts';

export interface XaiOptions extends Omit<OpenAiOptions, 'dialect'> {
  /** A final that ends an utterance says all of it again, and so does the last message. Default true. */
  repeats?: boolean;
  /** The end of an utterance is locked by a final of its own. Default true. */
  locksEnd?: boolean;
}

const MAX_TEXT_FIELDS = 200;

/** xAI: OpenAI's chat API with its own errors; `POST /v1/stt` and its WebSocket. Its base URL is `url` + `/v1`. */
export function startXai(options: XaiOptions = {}): Promise<Emulator> {
  return startEmulator(new XaiWire(options), options);
}

class XaiWire extends OpenAiWire {
  readonly #options: XaiOptions;
  #uploads = 0;

  constructor(options: XaiOptions) {
    super({ ...options, dialect: 'xai' });
    this.#options = options;
  }

  override async answer(request: SeenRequest, fault: Fault | null): Promise<Reply> {
    if (request.method !== 'POST' || request.path !== '/v1/stt') return super.answer(request, fault);
    const form = await readForm(request);
    const wrong = form ? refusedBecause(form) : 'The body is no form.';
    const file = form?.get('file');
    const audio = file instanceof Blob ? await readWav(file) : undefined;
    if (wrong || !audio) return refused(wrong ?? 'The audio could not be decoded.');
    const heard = this.#options.listening?.transcribe(audio.pcm, audio.sampleRateHz) ?? { text: '', words: [] };
    return {
      status: 200,
      headers: { 'x-request-id': `stt-${++this.#uploads}` },
      body: JSON.stringify({
        text: heard.text,
        language: 'pt',
        duration: audio.pcm.length / audio.sampleRateHz,
        words: spoken(heard, form?.get('diarize') === 'true'),
      }),
    };
  }

  override stream(socket: WebSocket, request: SeenRequest, fault: Fault | null): void {
    const rate = Number(request.query.get('sample_rate') ?? 16_000);
    const { listening, latencyMs = 0, repeats = true, locksEnd = true } = this.#options;
    if (request.path !== '/v1/stt' || !listening || request.query.get('encoding') !== 'pcm' || !(rate > 0)) {
      socket.send(JSON.stringify({ type: 'error', message: 'Invalid argument' }));
      return void socket.close(1008);
    }
    new XaiSession(socket, request, { listening, rate, latencyMs, repeats, locksEnd, fault });
  }
}

/** The real API reads the fields in order, and the file ends them. */
function refusedBecause(form: FormData): string | undefined {
  const names = [...form.keys()];
  if (names.at(-1) !== 'file') return 'The file must be the last field.';
  if (names.length > MAX_TEXT_FIELDS) return 'Too many fields.';
  if (form.get('format') === 'true' && !form.has('language')) return 'format needs language.';
  return undefined;
}

function refused(message: string): Reply {
  const body = JSON.stringify({ code: 'Client specified an invalid argument', error: message });
  return { status: 400, body };
}

function spoken(heard: Heard, isDiarized: boolean): unknown[] {
  return wireWords(heard.words).map((word, index) => (isDiarized ? { ...word, speaker: index % 2 } : word));
}
