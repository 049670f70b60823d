import type OpenAI from 'openai';
import {
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  type Tts,
  type TtsEvent,
  type TtsRequest,
  transportError,
} from '../../core/contracts/index.ts';
import { createClient } from './client.ts';
import { credentialSchema, regionOf, TITLE, ttsSettingsSchema } from './config.ts';
import { chatError } from './errors.ts';
import { DEFAULTS, refuseRetired } from './models.ts';

/** Of `pcm`, the vendor's raw format: 24 kHz, mono, 16 bit, little endian; no other rate. */
const SAMPLE_RATE_HZ = 24_000;
const BYTES_PER_SAMPLE = 2;
/** The vendor takes 4,096; slow speech of so many makes 11 MB, and an answer ends at 8 MiB. */
const MAX_CHARS = 2000;

interface TtsOptions {
  client: OpenAI;
  apiKey: string;
  model: string;
  voice: string;
}

/** Speech as it is made: one request per text. */
class OpenAiTts implements Tts {
  readonly #options: TtsOptions;

  constructor(options: TtsOptions) {
    this.#options = options;
  }

  async *synthesize(request: TtsRequest, signal: AbortSignal): AsyncGenerator<TtsEvent> {
    refuseOther(request);
    const response = await this.#request(request, signal);
    let samples = 0;
    for await (const bytes of wholeSamples(response, signal)) {
      samples += bytes.length / BYTES_PER_SAMPLE;
      yield { type: 'audio', bytes };
    }
    if (samples === 0) throw new ProviderError({ code: 'output', message: `${TITLE} respondeu sem áudio` });
    const { model } = this.#options;
    yield {
      type: 'usage',
      usage: [
        { unit: 'character', quantity: request.text.length, of: 'text_in', model },
        { unit: 'second', quantity: samples / SAMPLE_RATE_HZ, of: 'audio_out', model },
      ],
    };
  }

  async probe(signal: AbortSignal): Promise<void> {
    const { client, apiKey } = this.#options;
    try {
      await client.models.list({ signal });
    } catch (error) {
      throw chatError(TITLE, error, signal, apiKey);
    }
  }

  async #request(request: TtsRequest, signal: AbortSignal): Promise<Response> {
    const { client, model, voice, apiKey } = this.#options;
    const body = {
      model,
      voice: request.voice || voice,
      input: request.text,
      response_format: 'pcm' as const,
      // The API has no field for the language; the older models refuse instructions.
      ...(model.startsWith('tts-1') ? {} : { instructions: `Speak in ${nameOf(request.language)}.` }),
    };
    try {
      return await client.audio.speech.create(body, { signal });
    } catch (error) {
      throw chatError(TITLE, error, signal, apiKey);
    }
  }
}

/** `tts/openai`. */
export const openAiTts: ProviderManifest<'tts'> = {
  kind: 'tts',
  vendor: 'openai',
  id: 'openai',
  title: 'OpenAI TTS',
  settings: ttsSettingsSchema,
  aliases: ['openai_tts'],
  models: [DEFAULTS.tts, 'tts-1', 'tts-1-hd'],
  capabilities(given) {
    const { baseUrl } = parseConfig(ttsSettingsSchema, given);
    return {
      streaming: true,
      languages: ['pt-BR', 'pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ja', 'ko', 'zh'],
      encodings: ['pcm_s16le'],
      sampleRates: [SAMPLE_RATE_HZ],
      maxChars: MAX_CHARS,
      region: regionOf(baseUrl),
    };
  },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  async probe(credential, settings, ctx) {
    refuseRetired(parseConfig(ttsSettingsSchema, settings).model);
    await (await create(credential, settings, ctx)).probe(ctx.signal);
  },
};

async function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<OpenAiTts> {
  const { apiKey } = parseConfig(credentialSchema, credential);
  const { model, baseUrl, voice } = parseConfig(ttsSettingsSchema, given);
  return new OpenAiTts({ client: await createClient({ apiKey, baseUrl, ctx }), apiKey, model, voice });
}

function refuseOther({ encoding, sampleRateHz, text }: TtsRequest): void {
  if (encoding !== 'pcm_s16le' || sampleRateHz !== SAMPLE_RATE_HZ) {
    throw new ProviderError({ code: 'unsupported', blame: 'core', message: `${TITLE}: só PCM de 16 bits a 24 kHz` });
  }
  if (text.trim() === '') throw new ProviderError({ code: 'empty', message: `${TITLE}: nada a dizer` });
  if (text.length > MAX_CHARS) {
    throw new ProviderError({ code: 'invalid_request', message: `${TITLE}: texto de mais de ${MAX_CHARS} letras` });
  }
}

/** The body in pieces that never cut a sample in two. */
async function* wholeSamples(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (response.headers.get('content-type')?.includes('json')) {
    void response.body?.cancel();
    throw notAudio();
  }
  let rest: Uint8Array = new Uint8Array(0);
  try {
    for await (const chunk of response.body ?? []) {
      const bytes = rest.length === 0 ? chunk : new Uint8Array(Buffer.concat([rest, chunk]));
      const whole = bytes.length - (bytes.length % BYTES_PER_SAMPLE);
      rest = bytes.slice(whole);
      if (whole > 0) yield bytes.subarray(0, whole);
    }
  } catch (error) {
    throw transportError(TITLE, error, signal);
  }
  if (signal.aborted) throw transportError(TITLE, undefined, signal);
  if (rest.length > 0) throw notAudio(); // half a sample: whatever it was, it was not 16-bit PCM
}

function notAudio(): ProviderError {
  return new ProviderError({ code: 'protocol', message: `resposta de ${TITLE} fora do formato esperado` });
}

function nameOf(language: string): string {
  return new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? language;
}
