import type { Fault } from './faults.ts';
import type { Heard, HeardWord, Listening } from './listening/index.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';

export interface GoogleSpeechOptions extends EmulatorOptions {
  /** Only transcription needs it. */
  listening?: Listening;
}

/** Google Cloud's `POST /v1/speech:recognize`, `POST /v1/text:synthesize` and `GET /v1/voices`; its hosts in one. */
export function startGoogleSpeech(options: GoogleSpeechOptions = {}): Promise<Emulator> {
  return startEmulator(new GoogleSpeechWire(options.listening), options);
}

const MODELS = ['latest_short', 'latest_long', 'command_and_search', 'default', 'phone_call', 'video'];
const VOICES = ['pt-BR-Neural2-A', 'pt-BR-Neural2-B', 'pt-BR-Neural2-C', 'pt-BR-Wavenet-A', 'pt-BR-Standard-A'];
/** Requests are billed in steps of this length. */
const BILLED_SECONDS = 15;
/** Each character takes this long to say. */
const CHARACTER_MS = 60;

/** HTTP status, `status`, reason and message. A wrong key is a 400. */
const REFUSALS = {
  auth: [400, 'INVALID_ARGUMENT', 'API_KEY_INVALID', 'API key not valid. Please pass a valid API key.'],
  quota: [403, 'PERMISSION_DENIED', 'BILLING_DISABLED', 'This API method requires billing to be enabled.'],
  rate_limited: [429, 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED', "Quota exceeded for quota metric 'requests'."],
  server_error: [500, 'INTERNAL', undefined, 'Internal error encountered.'],
} as const;

interface Recognize {
  config?: {
    encoding?: string;
    sampleRateHertz?: number;
    audioChannelCount?: number;
    languageCode?: string;
    model?: string;
    enableWordTimeOffsets?: boolean;
    enableWordConfidence?: boolean;
    speechContexts?: { phrases: string[] }[];
    diarizationConfig?: { enableSpeakerDiarization?: boolean };
  };
  audio?: { content?: string };
}

interface Synthesize {
  input?: { text?: string };
  voice?: { languageCode?: string; name?: string };
  audioConfig?: { audioEncoding?: string; sampleRateHertz?: number };
}

class GoogleSpeechWire implements VendorWire {
  readonly #listening: Listening | undefined;
  #count = 0;

  constructor(listening: Listening | undefined) {
    this.#listening = listening;
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return headers['x-goog-api-key']?.toString();
  }

  refusal(kind: keyof typeof REFUSALS): Reply {
    const [status, name, reason, message] = REFUSALS[kind];
    return errorReply(status, name, message, reason);
  }

  answer(request: SeenRequest, _fault: Fault | null): Reply {
    switch (`${request.method} ${request.path}`) {
      case 'POST /v1/speech:recognize':
        return this.#recognize(readBody<Recognize>(request));
      case 'POST /v1/text:synthesize':
        return synthesize(readBody<Synthesize>(request));
      case 'GET /v1/voices':
        return voices(request.query.get('languageCode') ?? '');
      default:
        return errorReply(404, 'NOT_FOUND', 'Requested entity was not found.');
    }
  }

  #recognize({ config = {}, audio }: Recognize): Reply {
    const { sampleRateHertz: rate = 0, languageCode = '', model = 'default' } = config;
    const bytes = new Uint8Array(Buffer.from(audio?.content ?? '', 'base64'));
    if (config.encoding !== 'LINEAR16' || config.audioChannelCount !== 1) return invalid('only mono PCM is emulated');
    if (rate < 8000 || rate > 48_000) return invalid("Invalid recognition 'config': bad sample rate hertz.");
    if (!/^[a-z]{2,3}-[A-Z]{2}$/.test(languageCode)) return invalid('Invalid language code.');
    if (!MODELS.includes(model)) return invalid("Invalid recognition 'config': bad model.");
    const tooMuch = boundsOf(config.speechContexts ?? []);
    if (tooMuch) return invalid(tooMuch);
    if (bytes.length === 0) return invalid('RecognitionAudio not set.');
    const pcm = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
    const seconds = pcm.length / rate;
    if (seconds > 60) return invalid('Sync input too long. For audio longer than 1 min use LongRunningRecognize.');
    const heard = this.#listening?.transcribe(pcm, rate) ?? { text: '', words: [] };
    const results = resultsOf(heard, config);
    const billed = `${Math.ceil(seconds / BILLED_SECONDS) * BILLED_SECONDS}s`;
    const rest = { totalBilledTime: billed, requestId: String(4_000_000 + ++this.#count) };
    return { status: 200, body: JSON.stringify(results.length > 0 ? { results, ...rest } : rest) };
  }
}

function boundsOf(contexts: readonly { phrases: string[] }[]): string | undefined {
  const phrases = contexts.flatMap((context) => context.phrases);
  if (phrases.length > 5000) return 'too many phrases';
  if (phrases.some((phrase) => phrase.length > 100)) return 'phrase too long';
  if (phrases.reduce((sum, phrase) => sum + phrase.length, 0) > 100_000) return 'phrases too long in total';
  return phrases.some((phrase) => phrase.includes('$')) ? 'unknown class token' : undefined;
}

/** Two words a result; with diarization one more, without transcript, that repeats them all with their speakers. */
function resultsOf(heard: Heard, config: NonNullable<Recognize['config']>): unknown[] {
  const words = (some: HeardWord[], speaker?: number) => ({
    words: some.map(({ text, startMs, endMs, confidence }) => ({
      ...(config.enableWordTimeOffsets ? { startTime: durationOf(startMs), endTime: durationOf(endMs) } : {}),
      word: text,
      ...(config.enableWordConfidence ? { confidence } : {}),
      ...(speaker === undefined ? {} : { speakerTag: speaker }),
    })),
  });
  const results: unknown[] = [];
  for (let at = 0; at < heard.words.length; at += 2) {
    const some = heard.words.slice(at, at + 2);
    const transcript = `${at > 0 ? ' ' : ''}${some.map((word) => word.text).join(' ')}`;
    const resultEndTime = durationOf(some.at(-1)?.endMs ?? 0);
    results.push({
      alternatives: [{ transcript, confidence: some[0]?.confidence ?? 0, ...words(some) }],
      resultEndTime,
      languageCode: config.languageCode?.toLowerCase(),
    });
  }
  if (results.length > 0 && config.diarizationConfig?.enableSpeakerDiarization) {
    results.push({ alternatives: [words(heard.words, 1)], languageCode: config.languageCode?.toLowerCase() });
  }
  return results;
}

/** As proto3 writes a duration: `0s`, `0.500s`, `1s`. */
function durationOf(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${(ms / 1000).toFixed(3)}s`;
}

function synthesize({ input, voice, audioConfig }: Synthesize): Reply {
  const text = input?.text ?? '';
  const rate = audioConfig?.sampleRateHertz ?? 24_000;
  if (text === '' || Buffer.byteLength(text) > 5000) return invalid('input is empty or longer than 5000 bytes');
  if (!VOICES.includes(voice?.name ?? '')) return invalid(`Voice '${voice?.name}' does not exist.`);
  if (!voice?.name?.startsWith(voice.languageCode ?? '?')) return invalid('Requested language code does not match.');
  const samples = Math.round(([...text].length * CHARACTER_MS * rate) / 1000);
  const audio = soundOf(samples, rate, audioConfig?.audioEncoding ?? '');
  return audio
    ? { status: 200, body: JSON.stringify({ audioContent: audio.toString('base64') }) }
    : invalid('bad encoding');
}

/** As documented: linear and companded samples come with a WAV header. */
function soundOf(samples: number, rate: number, encoding: string): Buffer | undefined {
  switch (encoding) {
    case 'LINEAR16':
      return wav(1, rate, 16, Buffer.alloc(samples * 2, Buffer.from([0x40, 0x03, 0x20, 0xfc])));
    case 'MULAW':
      return wav(7, rate, 8, Buffer.alloc(samples, 0x7e));
    case 'ALAW':
      return wav(6, rate, 8, Buffer.alloc(samples, 0x55));
    case 'MP3':
      return Buffer.concat([Buffer.from([0xff, 0xf3, 0x44, 0xc4]), Buffer.alloc(samples >> 3, 0x03)]);
    case 'OGG_OPUS':
      return Buffer.concat([Buffer.from('OggS'), Buffer.alloc(samples >> 3, 0x03)]);
    default:
      return undefined;
  }
}

function wav(format: number, rate: number, bits: number, data: Buffer): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(format, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE((rate * bits) / 8, 28);
  header.writeUInt16LE(bits / 8, 32);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

function voices(language: string): Reply {
  const known = VOICES.filter((name) => name.startsWith(language));
  const list = known.map((name) => ({ languageCodes: ['pt-BR'], name, ssmlGender: 'FEMALE' }));
  return { status: 200, body: JSON.stringify(list.length > 0 ? { voices: list } : {}) };
}

function readBody<Body extends object>(request: SeenRequest): Partial<Body> {
  try {
    return JSON.parse(request.body.toString('utf8')) as Body;
  } catch {
    return {};
  }
}

function invalid(message: string): Reply {
  return errorReply(400, 'INVALID_ARGUMENT', message);
}

function errorReply(code: number, status: string, message: string, reason?: string): Reply {
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' };
  const details = reason === undefined ? {} : { details: [info] };
  return { status: code, body: JSON.stringify({ error: { code, message, status, ...details } }) };
}
