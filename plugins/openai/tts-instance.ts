import type OpenAI from 'openai';
import {
  type ProviderContext,
  ProviderError,
  parseConfig,
  type Tts,
  type TtsEvent,
  type TtsRequest,
  transportError,
} from '../../core/contracts/index.ts';
import { createClient } from './client.ts';
import { credentialSchema, TITLE, ttsSettingsSchema } from './config.ts';
import { chatError } from './errors.ts';
import { refuseRetired } from './models.ts';
import { MAX_CHARS, SAMPLE_RATE_HZ } from './tts.ts';

const BYTES_PER_SAMPLE = 2;

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

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export async function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<OpenAiTts> {
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

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  refuseRetired(parseConfig(ttsSettingsSchema, settings).model);
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
