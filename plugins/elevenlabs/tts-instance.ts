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
import { ElevenLabsClient } from './client.ts';
import { credentialSchema, type ElevenLabsTtsSettings, TITLE, ttsSettingsSchema } from './config.ts';
import { MAX_CHARS } from './tts.ts';

/** Values of `output_format` by encoding and rate. PCM at 44.1 kHz needs a larger plan. */
const FORMATS: Record<TtsRequest['encoding'], Record<number, string>> = {
  pcm_s16le: { 8000: 'pcm_8000', 16000: 'pcm_16000', 22050: 'pcm_22050', 24000: 'pcm_24000' },
  mulaw: { 8000: 'ulaw_8000' },
  alaw: { 8000: 'alaw_8000' },
  mp3: { 22050: 'mp3_22050_32', 44100: 'mp3_44100_128' },
  opus: { 48000: 'opus_48000_64' },
};

/** Models that take `language_code`; the others find the language in the text, and one refuses the field. */
const TAKES_LANGUAGE = /^eleven_(flash|turbo)_v2_5$/;

/** One POST per text, answered with the audio as it is made. */
class ElevenLabsTts implements Tts {
  readonly #client: ElevenLabsClient;
  readonly #settings: ElevenLabsTtsSettings;

  constructor(client: ElevenLabsClient, settings: ElevenLabsTtsSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  async *synthesize(request: TtsRequest, signal: AbortSignal): AsyncGenerator<TtsEvent, void, undefined> {
    const { model, voice, retainData } = this.#settings;
    const text = textToSpeak(TITLE, request, MAX_CHARS);
    const query = new URLSearchParams({ output_format: formatOf(request) });
    if (!retainData) query.set('enable_logging', 'false');
    const language = new Intl.Locale(request.language).language;
    const body = { text, model_id: model, ...(TAKES_LANGUAGE.test(model) ? { language_code: language } : {}) };
    const path = `/v1/text-to-speech/${encodeURIComponent(request.voice || voice)}/stream?${query}`;
    const headers = { 'content-type': 'application/json' };
    const response = await this.#client.open(path, { method: 'POST', headers, body: JSON.stringify(body) }, signal);
    const usage = [{ unit: 'character' as const, quantity: [...text].length, of: 'text_in' as const, model }];
    yield* spokenBody({ vendor: TITLE, response, encoding: request.encoding, signal, usage });
  }
}

function clientFor(credential: unknown, { baseUrl }: ElevenLabsTtsSettings, ctx: ProviderContext): ElevenLabsClient {
  return new ElevenLabsClient(parseConfig(credentialSchema, credential).apiKey, baseUrl, ctx);
}

function formatOf({ encoding, sampleRateHz }: TtsRequest): string {
  const format = FORMATS[encoding][sampleRateHz];
  if (format !== undefined) return format;
  const message = `${TITLE}: não há ${encoding} a ${sampleRateHz} Hz`;
  throw new ProviderError({ code: 'unsupported', blame: 'core', message });
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, given: unknown, ctx: ProviderContext) {
  const settings = parseConfig(ttsSettingsSchema, given);
  return new ElevenLabsTts(clientFor(credential, settings, ctx), settings);
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, given: unknown, ctx: ProviderContext): Promise<void> {
  const settings = parseConfig(ttsSettingsSchema, given);
  return clientFor(credential, settings, ctx).probe(settings.model, ctx.signal);
}
