import {
  type ProviderContext,
  ProviderError,
  parseConfig,
  spokenBody,
  type Tts,
  type TtsEvent,
  type TtsRequest,
  textToSpeak,
} from '../../core/contracts/index.ts';
import { DeepgramClient } from './client.ts';
import { credentialSchema, type DeepgramTtsSettings, TITLE, ttsSettingsSchema } from './config.ts';
import { languageOf, MAX_CHARS, VOICES } from './tts.ts';

/** Encodings by the vendor's name, and their rates. MP3 and Opus have one each, and no parameter for it. */
const FORMATS: Record<TtsRequest['encoding'], { name: string; rates: number[]; isFixed?: true }> = {
  pcm_s16le: { name: 'linear16', rates: [24_000, 16_000, 8000, 32_000, 48_000] },
  mulaw: { name: 'mulaw', rates: [8000, 16_000] },
  alaw: { name: 'alaw', rates: [8000, 16_000] },
  mp3: { name: 'mp3', rates: [22_050], isFixed: true },
  opus: { name: 'opus', rates: [48_000], isFixed: true },
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

function unsupported(what: string, blame: 'core' | 'config'): ProviderError {
  return new ProviderError({ code: 'unsupported', blame, message: `${TITLE}: ${what}` });
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, given: unknown, ctx: ProviderContext) {
  const settings = parseConfig(ttsSettingsSchema, given);
  return new DeepgramTts(clientFor(credential, settings, ctx), settings);
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, given: unknown, ctx: ProviderContext): Promise<void> {
  const settings = parseConfig(ttsSettingsSchema, given);
  return clientFor(credential, settings, ctx).probe(ctx.signal);
}
