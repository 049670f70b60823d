import {
  type ProviderContext,
  ProviderError,
  parseConfig,
  parseWire,
  readBytes,
  requestJson,
  requestOk,
  retiredModel,
  type Tts,
  type TtsEvent,
  type TtsRequest,
} from '../../core/contracts/index.ts';
import { credentialSchema, DEFAULT_VOICE, TITLE, type TtsSettings, ttsSettings, ttsUrl } from './config.ts';
import { refusal } from './errors.ts';
import { ssmlOf } from './ssml.ts';
import { MAX_CHARS } from './tts.ts';
import { voicesSchema } from './wire.ts';

/** Values of `X-Microsoft-OutputFormat` by encoding and rate; without a container wherever there is such a form. */
const FORMATS: Record<TtsRequest['encoding'], Record<number, string>> = {
  pcm_s16le: {
    8000: 'raw-8khz-16bit-mono-pcm',
    16000: 'raw-16khz-16bit-mono-pcm',
    24000: 'raw-24khz-16bit-mono-pcm',
  },
  mulaw: { 8000: 'raw-8khz-8bit-mono-mulaw' },
  alaw: { 8000: 'raw-8khz-8bit-mono-alaw' },
  mp3: { 16000: 'audio-16khz-64kbitrate-mono-mp3', 24000: 'audio-24khz-96kbitrate-mono-mp3' },
  opus: { 16000: 'ogg-16khz-16bit-mono-opus', 24000: 'ogg-24khz-16bit-mono-opus' },
};

/** Standard voices of Brazil, out of service since 2024-08-31, and the neural voice nearest to each. */
const RETIRED = { 'pt-br-heloisarus': DEFAULT_VOICE, 'pt-br-daniel': 'pt-BR-AntonioNeural' };

/** The vendor asks for an application's name. */
const USER_AGENT = 'balto';

/** Neural voices: one POST of SSML per text, answered with the audio as it is made. */
class AzureSpeechTts implements Tts {
  readonly #apiKey: string;
  readonly #settings: TtsSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: TtsSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async *synthesize(request: TtsRequest, signal: AbortSignal): AsyncGenerator<TtsEvent> {
    checkText(request.text);
    const voice = request.voice || this.#settings.model;
    const format = FORMATS[request.encoding][request.sampleRateHz];
    if (format === undefined) throw unsupported(request);
    const response = await this.#request(ssmlOf(request.text, voice, request.language), format, signal);
    let bytes = 0;
    for await (const chunk of readBytes(TITLE, response, signal, request.encoding === 'pcm_s16le' ? 2 : 1)) {
      bytes += chunk.length;
      yield { type: 'audio', bytes: chunk };
    }
    // So the vendor answers a voice that does not speak the text's language: 200 and nothing.
    if (bytes === 0) throw new ProviderError({ code: 'output', message: `${TITLE} respondeu sem áudio` });
    const quantity = [...request.text].length;
    yield { type: 'usage', usage: [{ unit: 'character', quantity, of: 'text_in', model: voice }] };
  }

  /** The list of voices: proves key and region, and that the configured voice is one of them. */
  async probe(signal: AbortSignal): Promise<void> {
    const retired = retiredModel(TITLE, this.#settings.model, RETIRED);
    if (retired) throw retired;
    const { body } = await requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${ttsUrl(this.#settings)}/cognitiveservices/voices/list`,
      init: { headers: { 'ocp-apim-subscription-key': this.#apiKey } },
      signal,
      refuse: (response, refused) => refusal(response, refused, this.#apiKey),
    });
    const voices = parseWire(TITLE, voicesSchema, body);
    if (!voices.some((voice) => voice.ShortName === this.#settings.model)) throw unknownVoice(this.#settings.model);
  }

  async #request(ssml: string, format: string, signal: AbortSignal): Promise<Response> {
    const headers = {
      'ocp-apim-subscription-key': this.#apiKey,
      'content-type': 'application/ssml+xml',
      'x-microsoft-outputformat': format,
      'user-agent': USER_AGENT,
    };
    const response = await requestOk(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${ttsUrl(this.#settings)}/cognitiveservices/v1`,
      init: { method: 'POST', headers, body: ssml },
      signal,
      refuse: (refused, body) => refusal(refused, body, this.#apiKey),
    });
    return audioOf(response);
  }
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, settings: unknown, ctx: ProviderContext): AzureSpeechTts {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new AzureSpeechTts(apiKey, parseConfig(ttsSettings, settings), ctx);
}

/** A page of some proxy is no audio. */
function audioOf(response: Response): Response {
  const type = response.headers.get('content-type') ?? '';
  if (!/json|html|xml|text/i.test(type)) return response;
  response.body?.cancel().catch(() => undefined); // nobody reads it, and why it would not end is of no use
  throw new ProviderError({ code: 'protocol', message: `${TITLE} respondeu com algo que não é áudio` });
}

function checkText(text: string): void {
  if (text.trim() === '') throw new ProviderError({ code: 'empty', message: `${TITLE}: texto vazio` });
  if (text.length <= MAX_CHARS) return;
  const message = `${TITLE}: só até ${MAX_CHARS} letras por texto`;
  throw new ProviderError({ code: 'invalid_request', blame: 'core', message });
}

function unsupported({ encoding, sampleRateHz }: TtsRequest): ProviderError {
  const message = `${TITLE}: não há ${encoding} a ${sampleRateHz} Hz`;
  return new ProviderError({ code: 'unsupported', blame: 'core', message });
}

function unknownVoice(voice: string): ProviderError {
  const message = `${TITLE} não tem a voz «${voice.slice(0, 100)}» nesta região; a padrão é «${DEFAULT_VOICE}»`;
  return new ProviderError({ code: 'invalid_request', blame: 'config', message });
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
