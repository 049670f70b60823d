import {
  type ProviderContext,
  ProviderError,
  parseConfig,
  parseWire,
  requestJson,
  type Tts,
  type TtsEvent,
  type TtsRequest,
} from '../../core/contracts/index.ts';
import { credentialSchema, DEFAULT_VOICE, TITLE, type TtsSettings, ttsSettings, urlOf } from './config.ts';
import { refusal } from './errors.ts';
import { MAX_CHARS, SAMPLE_RATES } from './tts.ts';
import { withoutWavHeader } from './wav.ts';
import { synthesizeResponseSchema, voicesSchema } from './wire.ts';

/** `AudioEncoding`; the first three come as WAV files, whose header is taken off. */
const ENCODINGS: Record<TtsRequest['encoding'], { name: string; isWav: boolean }> = {
  pcm_s16le: { name: 'LINEAR16', isWav: true },
  mulaw: { name: 'MULAW', isWav: true },
  alaw: { name: 'ALAW', isWav: true },
  mp3: { name: 'MP3', isWav: false },
  opus: { name: 'OGG_OPUS', isWav: false },
};

/** Google's voices: one JSON POST per text, answered whole. */
class GoogleSpeechTts implements Tts {
  readonly #apiKey: string;
  readonly #settings: TtsSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: TtsSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async *synthesize(request: TtsRequest, signal: AbortSignal): AsyncGenerator<TtsEvent> {
    checkRequest(request);
    const voice = request.voice || this.#settings.model;
    const encoding = ENCODINGS[request.encoding];
    const body = await this.#request('text:synthesize', signal, {
      input: { text: request.text },
      voice: { languageCode: request.language, name: voice },
      audioConfig: { audioEncoding: encoding.name, sampleRateHertz: request.sampleRateHz },
    });
    const file = Buffer.from(parseWire(TITLE, synthesizeResponseSchema, body).audioContent, 'base64');
    const bytes = encoding.isWav ? withoutWavHeader(file) : file;
    if (bytes.length === 0) throw new ProviderError({ code: 'output', message: `${TITLE} respondeu sem áudio` });
    yield { type: 'audio', bytes };
    const quantity = [...request.text].length;
    yield { type: 'usage', usage: [{ unit: 'character', quantity, of: 'text_in', model: voice }] };
  }

  /** The list of Brazil's voices, which costs nothing: proves the key, and that the configured voice is there. */
  async probe(signal: AbortSignal): Promise<void> {
    const { model } = this.#settings;
    const language = /^[a-z]{2,3}-[A-Z]{2}(?=-)/.exec(model)?.[0] ?? 'pt-BR';
    const body = await this.#request(`voices?languageCode=${language}`, signal);
    const voices = parseWire(TITLE, voicesSchema, body).voices ?? [];
    if (voices.some((voice) => voice.name === model)) return;
    const message = `${TITLE} não tem a voz «${model.slice(0, 100)}»; a padrão é «${DEFAULT_VOICE}»`;
    throw new ProviderError({ code: 'invalid_request', blame: 'config', message });
  }

  async #request(path: string, signal: AbortSignal, post?: Record<string, unknown>): Promise<unknown> {
    const headers = { 'x-goog-api-key': this.#apiKey, 'content-type': 'application/json' };
    const { body } = await requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${urlOf('texttospeech', this.#settings)}/v1/${path}`,
      init: post ? { method: 'POST', headers, body: JSON.stringify(post) } : { headers },
      signal,
      refuse: (response, refused) => refusal(response, refused, this.#apiKey),
    });
    return body;
  }
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, settings: unknown, ctx: ProviderContext): GoogleSpeechTts {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new GoogleSpeechTts(apiKey, parseConfig(ttsSettings, settings), ctx);
}

function checkRequest({ text, sampleRateHz }: TtsRequest): void {
  if (text.trim() === '') throw new ProviderError({ code: 'empty', message: `${TITLE}: texto vazio` });
  if (!SAMPLE_RATES.includes(sampleRateHz)) {
    const message = `${TITLE}: não há ${sampleRateHz} Hz`;
    throw new ProviderError({ code: 'unsupported', blame: 'core', message });
  }
  if (text.length > MAX_CHARS) {
    const message = `${TITLE}: só até ${MAX_CHARS} letras por texto`;
    throw new ProviderError({ code: 'invalid_request', blame: 'core', message });
  }
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
