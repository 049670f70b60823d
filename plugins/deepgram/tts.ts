import {
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  spokenBody,
  type Tts,
  type TtsEvent,
  type TtsRequest,
  textToSpeak,
} from '../../core/contracts/index.ts';
import { DeepgramClient } from './client.ts';
import { credentialSchema, type DeepgramTtsSettings, regionOf, TITLE, ttsSettingsSchema } from './config.ts';

/** What the vendor takes in one request. */
const MAX_CHARS = 2000;

/** Encodings by the vendor's name, and their rates. MP3 and Opus have one each, and no parameter for it. */
const FORMATS: Record<TtsRequest['encoding'], { name: string; rates: number[]; isFixed?: true }> = {
  pcm_s16le: { name: 'linear16', rates: [24_000, 16_000, 8000, 32_000, 48_000] },
  mulaw: { name: 'mulaw', rates: [8000, 16_000] },
  alaw: { name: 'alaw', rates: [8000, 16_000] },
  mp3: { name: 'mp3', rates: [22_050], isFixed: true },
  opus: { name: 'opus', rates: [48_000], isFixed: true },
};

/** A voice for each language there is one of. Portuguese is not among them (specification of 2026-07-22). */
const VOICES: Record<string, string> = {
  en: 'aura-2-thalia-en',
  es: 'aura-2-celeste-es',
  de: 'aura-2-viktoria-de',
  fr: 'aura-2-agathe-fr',
  it: 'aura-2-livia-it',
  nl: 'aura-2-rhea-nl',
  ja: 'aura-2-izanami-ja',
};

/** Aura: one POST per text, answered with the audio as it is made. The voice is the model. */
class DeepgramTts implements Tts {
  readonly #client: DeepgramClient;
  readonly #settings: DeepgramTtsSettings;

  constructor(client: DeepgramClient, settings: DeepgramTtsSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  async *synthesize(request: TtsRequest, signal: AbortSignal): AsyncGenerator<TtsEvent, void, undefined> {
    const text = textToSpeak(TITLE, request, MAX_CHARS);
    const model = voiceFor(request, this.#settings.model);
    const path = `/v1/speak?${this.#query(request, model)}`;
    const headers = { 'content-type': 'application/json' };
    const response = await this.#client.open(path, { method: 'POST', headers, body: JSON.stringify({ text }) }, signal);
    const counted = Number(response.headers.get('dg-char-count') ?? Number.NaN);
    const quantity = Number.isSafeInteger(counted) && counted > 0 ? counted : [...text].length;
    const usage = [{ unit: 'character' as const, quantity, of: 'text_in' as const, model }];
    yield* spokenBody({ vendor: TITLE, response, encoding: request.encoding, signal, usage });
  }

  #query({ encoding, sampleRateHz }: TtsRequest, model: string): URLSearchParams {
    const { name, rates, isFixed } = FORMATS[encoding];
    if (!rates.includes(sampleRateHz)) throw unsupported(`não há ${encoding} a ${sampleRateHz} Hz`, 'core');
    const query = new URLSearchParams({ model, encoding: name });
    if (!isFixed) {
      query.set('sample_rate', String(sampleRateHz));
      query.set('container', 'none');
    }
    if (!this.#settings.improveModel) query.set('mip_opt_out', 'true');
    return query;
  }
}

/** `tts/deepgram`. No voice of its speaks Portuguese: the languages say so, and so does a request for it. */
export const deepgramTts: ProviderManifest<'tts'> = {
  kind: 'tts',
  vendor: 'deepgram',
  id: 'deepgram',
  title: 'Deepgram Aura, vozes (não em português)',
  settings: ttsSettingsSchema,
  models: Object.values(VOICES),
  capabilities(given) {
    const settings = parseConfig(ttsSettingsSchema, given);
    return {
      streaming: true,
      languages: [...new Set([languageOf(settings.model), ...Object.keys(VOICES)])],
      encodings: ['pcm_s16le', 'mulaw', 'alaw', 'mp3', 'opus'],
      sampleRates: [16_000, 24_000, 8000, 32_000, 48_000, 22_050],
      maxChars: MAX_CHARS,
      region: regionOf(settings.baseUrl),
    };
  },
  create(credential, given, ctx) {
    const settings = parseConfig(ttsSettingsSchema, given);
    return new DeepgramTts(clientFor(credential, settings, ctx), settings);
  },
  probe(credential, given, ctx) {
    const settings = parseConfig(ttsSettingsSchema, given);
    return clientFor(credential, settings, ctx).probe(ctx.signal);
  },
};

function clientFor(credential: unknown, { baseUrl }: DeepgramTtsSettings, ctx: ProviderContext): DeepgramClient {
  return new DeepgramClient(parseConfig(credentialSchema, credential).apiKey, baseUrl, ctx);
}

/** The voice asked for, else the configured one, else one that speaks the language. A voice speaks one language. */
function voiceFor({ voice, language }: TtsRequest, configured: string): string {
  const wanted = new Intl.Locale(language).language;
  const chosen = voice || (languageOf(configured) === wanted ? configured : VOICES[wanted]);
  if (chosen !== undefined && languageOf(chosen) === wanted) return chosen;
  throw unsupported(`${voice ? 'esta voz não fala' : 'nenhuma voz fala'} «${wanted}»`, 'config');
}

/** `aura-2-thalia-en` → `en`. */
function languageOf(voice: string): string {
  return voice.slice(voice.lastIndexOf('-') + 1);
}

function unsupported(what: string, blame: 'core' | 'config'): ProviderError {
  return new ProviderError({ code: 'unsupported', blame, message: `${TITLE}: ${what}` });
}
