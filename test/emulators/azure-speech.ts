import type { Fault } from './faults.ts';
import type { Heard, Listening } from './listening/index.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';

export interface AzureSpeechOptions extends EmulatorOptions {
  /** Only transcription needs it. */
  listening?: Listening;
}

/**
 * Azure Speech: fast transcription (`POST /speechtotext/transcriptions:transcribe`), its list of languages, synthesis
 * (`POST /cognitiveservices/v1`) and the list of voices; both hosts of a region in one.
 */
export function startAzureSpeech(options: AzureSpeechOptions = {}): Promise<Emulator> {
  return startEmulator(new AzureSpeechWire(options.listening), options);
}

const VOICES = ['pt-BR-FranciscaNeural', 'pt-BR-AntonioNeural', 'pt-BR-ThalitaMultilingualNeural', 'en-US-AvaNeural'];
const LOCALES = ['pt-BR', 'en-US', 'es-ES'];

const OUTPUT = /^(?:raw|audio|ogg)-(8|16|24)khz-.*(pcm|mulaw|alaw|mp3|opus)$/;
/** A well-formed document as synthesis takes it: no markup character inside an attribute or the text but as an entity. */
const SSML =
  /^<speak version="1\.0" xmlns="http:\/\/www\.w3\.org\/2001\/10\/synthesis" xml:lang="([^"<&]+)"><voice name="([^"<&]+)">((?:[^<&]|&(?:amp|lt|gt|quot|apos);)*)<\/voice><\/speak>$/;
/** Each character takes this long to say. */
const CHARACTER_MS = 60;

const REFUSALS = {
  auth: [401, '401', 'Access denied due to invalid subscription key or wrong API endpoint.'],
  quota: [403, '403', 'Out of call volume quota for Speech F0 pricing tier. Please retry after 3 days.'],
  rate_limited: [429, '429', 'Requests have exceeded call rate limit of your current pricing tier.'],
  server_error: [500, 'InternalServerError', 'Something went wrong.'],
} as const;

class AzureSpeechWire implements VendorWire {
  readonly #listening: Listening | undefined;
  #count = 0;

  constructor(listening: Listening | undefined) {
    this.#listening = listening;
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return headers['ocp-apim-subscription-key']?.toString();
  }

  refusal(kind: keyof typeof REFUSALS): Reply {
    const [status, code, message] = REFUSALS[kind];
    return this.#json(status, { error: { code, message } });
  }

  async answer(request: SeenRequest, fault: Fault | null): Promise<Reply> {
    switch (`${request.method} ${request.path}`) {
      case 'GET /speechtotext/transcriptions/locales':
        return this.#versioned(request) ?? this.#json(200, { Submit: LOCALES, Transcribe: LOCALES });
      case 'POST /speechtotext/transcriptions:transcribe':
        return this.#versioned(request) ?? this.#transcribe(request);
      case 'GET /cognitiveservices/voices/list':
        return this.#json(
          200,
          VOICES.map((name) => ({ ShortName: name, Locale: name.slice(0, 5), VoiceType: 'Neural', Status: 'GA' })),
        );
      case 'POST /cognitiveservices/v1':
        return this.#synthesize(request, fault);
      default:
        return this.#json(404, { error: { code: '404', message: 'Resource not found' } });
    }
  }

  #versioned(request: SeenRequest): Reply | undefined {
    const isKnown = /^202\d-\d\d-\d\d$/.test(request.query.get('api-version') ?? '');
    return isKnown ? undefined : this.#invalid('InvalidApiVersion', 'The api-version is missing or not supported.');
  }

  async #transcribe(request: SeenRequest): Promise<Reply> {
    const form = await readForm(request);
    const file = form?.get('audio');
    const definition = readDefinition(form?.get('definition'));
    if (!(file instanceof Blob) || !definition) return this.#invalid('InvalidRequest', 'audio or definition missing');
    const [locale, ...more] = definition.locales ?? [];
    if (!locale || more.length > 0 || !LOCALES.includes(locale)) return this.#invalid('InvalidLocale', 'not supported');
    if ((definition.phraseList?.phrases.length ?? 0) > 500) return this.#invalid('InvalidRequest', 'too many phrases');
    const wav = readWav(Buffer.from(await file.arrayBuffer()));
    if (!wav) return this.#invalid('InvalidAudioFormat', 'not a WAV file of mono PCM');
    if (wav.pcm.length === 0) return this.#invalid('EmptyAudioFile', 'The audio file is empty.');
    const heard = this.#listening?.transcribe(wav.pcm, wav.rate) ?? { text: '', words: [] };
    const speaker = definition.diarization?.enabled ? { speaker: 0 } : {};
    return this.#json(200, result(heard, (wav.pcm.length / wav.rate) * 1000, { locale, ...speaker }));
  }

  #synthesize(request: SeenRequest, fault: Fault | null): Reply {
    const output = OUTPUT.exec(request.headers['x-microsoft-outputformat'] ?? '');
    if (!output) return { status: 400, body: '' };
    if (request.headers['content-type'] !== 'application/ssml+xml') return { status: 415, body: '' };
    const ssml = SSML.exec(request.body.toString('utf8'));
    const [, language = '', voice = '', text = ''] = ssml ?? [];
    if (!ssml || !VOICES.includes(voice)) return { status: 400, body: '' };
    const speaks = voice.startsWith(language) || voice.includes('Multilingual');
    const audio = speaks ? soundOf(text, Number(output[1]) * 1000, output[2] ?? '') : '';
    const isPage = fault?.kind === 'malformed' || fault?.kind === 'wrong_shape';
    const headers = {
      'content-type': isPage ? 'application/json' : 'audio/basic',
      'x-requestid': `az-${++this.#count}`,
    };
    return { status: 200, headers, body: audio };
  }

  #invalid(code: string, message: string): Reply {
    return this.#json(400, { code: 'InvalidArgument', message, innerError: { code, message } });
  }

  #json(status: number, body: unknown): Reply {
    return { status, headers: { 'apim-request-id': `az-${++this.#count}` }, body: JSON.stringify(body) };
  }
}

/** Quiet samples, all of whose bytes are ASCII: the emulators' base sends text. */
function soundOf(text: string, rateHz: number, encoding: string): string {
  const spoken = text.replace(/&\w+;/g, '-');
  const samples = Math.round(([...spoken].length * CHARACTER_MS * rateHz) / 1000);
  switch (encoding) {
    case 'pcm':
      return '\x40\x00\x20\x00'.repeat(samples / 2);
    case 'mp3':
      return `ID3${'\x03'.repeat(samples / 8)}`;
    case 'opus':
      return `OggS${'\x03'.repeat(samples / 8)}`;
    default:
      return '\x7e'.repeat(samples);
  }
}

interface Definition {
  locales?: string[];
  phraseList?: { phrases: string[] };
  diarization?: { enabled: boolean };
}

function readDefinition(text: unknown): Definition | undefined {
  try {
    return typeof text === 'string' ? (JSON.parse(text) as Definition) : undefined;
  } catch {
    return undefined;
  }
}

async function readForm(request: SeenRequest): Promise<FormData | undefined> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  try {
    return await new Response(new Uint8Array(request.body), { headers }).formData();
  } catch {
    return undefined;
  }
}

/** Mono PCM of 16 bits out of the plainest WAV file. */
function readWav(file: Buffer): { pcm: Int16Array; rate: number } | undefined {
  if (file.length < 44 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 16) !== 'WAVEfmt ') {
    return undefined;
  }
  const [format, channels, bits] = [file.readUInt16LE(20), file.readUInt16LE(22), file.readUInt16LE(34)];
  const bytes = file.readUInt32LE(40);
  const isWhole = file.readUInt32LE(4) === file.length - 8 && bytes === file.length - 44;
  if (format !== 1 || channels !== 1 || bits !== 16 || !isWhole) return undefined;
  const samples = new Int16Array(new Uint8Array(file.subarray(44)).buffer);
  return { pcm: samples, rate: file.readUInt32LE(24) };
}

/** `TranscribeResult`: two words a phrase, so that a reader has to join phrases. */
function result(heard: Heard, durationMs: number, extra: { locale: string; speaker?: number }): unknown {
  const phrases = [];
  for (let at = 0; at < heard.words.length; at += 2) {
    const words = heard.words.slice(at, at + 2);
    const [first, last] = [words[0], words.at(-1)];
    if (!first || !last) continue;
    phrases.push({
      ...extra,
      offsetMilliseconds: first.startMs,
      durationMilliseconds: last.endMs - first.startMs,
      text: words.map((word) => word.text).join(' '),
      words: words.map(({ text, startMs, endMs }) => ({
        text,
        offsetMilliseconds: startMs,
        durationMilliseconds: endMs - startMs,
      })),
      confidence: words.reduce((sum, word) => sum + word.confidence, 0) / words.length,
    });
  }
  return { durationMilliseconds: Math.round(durationMs), combinedPhrases: [{ text: heard.text }], phrases };
}
