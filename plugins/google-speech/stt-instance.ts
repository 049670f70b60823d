import {
  type Audio,
  asRecord,
  isProviderError,
  type ProviderContext,
  ProviderError,
  parseConfig,
  parseWire,
  requestJson,
  type Stt,
  type SttOptions,
  type Transcript,
} from '../../core/contracts/index.ts';
import { credentialSchema, DEFAULT_MODEL, type SttSettings, sttSettings, TITLE, urlOf } from './config.ts';
import { refusal } from './errors.ts';
import { readTranscript, secondsOf } from './read.ts';
import { MAX_PHRASE_CHARS, MAX_PHRASES, MAX_SECONDS, SAMPLE_RATES } from './stt.ts';
import { type RecognizeResponse, recognizeResponseSchema } from './wire.ts';

/** A hint: a counter has a client, an attendant and whoever comes by. One voice alone must not be split. */
const SPEAKERS = { minSpeakerCount: 1, maxSpeakerCount: 4 };

/** What `probe()` sends: the shortest the vendor bills, and nobody's voice. */
const PROBE_SAMPLES = 1600;

/** Version 1 of the API, synchronous: one JSON POST per utterance. */
class GoogleSpeechStt implements Stt {
  readonly #apiKey: string;
  readonly #settings: SttSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: SttSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    const seconds = audio.pcm.length / audio.sampleRateHz;
    if (!SAMPLE_RATES.includes(audio.sampleRateHz) || seconds > MAX_SECONDS) {
      const message = `${TITLE}: só até ${MAX_SECONDS} s, a ${SAMPLE_RATES.join(', ')} Hz`;
      throw new ProviderError({ code: 'unsupported', blame: 'core', message });
    }
    const { model } = this.#settings;
    const answer = await this.#recognize(audio, options, signal);
    const quantity = secondsOf(answer.totalBilledTime) ?? seconds;
    return {
      ...readTranscript(answer, options),
      model,
      ...(answer.requestId ? { requestId: answer.requestId } : {}),
      usage: [{ unit: 'second', quantity, of: 'audio_in', model }],
    };
  }

  /**
   * A tenth of a second of silence: nothing cheaper proves the key, that the service is switched on and paid for, and
   * that there is such a model. What the vendor calls an invalid request is then the configuration's.
   */
  async probe(signal: AbortSignal): Promise<void> {
    const audio = { pcm: new Int16Array(PROBE_SAMPLES), sampleRateHz: 16_000 };
    try {
      await this.#recognize(audio, { language: 'pt-BR' }, signal);
    } catch (error) {
      throw isProviderError(error) && error.code === 'invalid_request' ? this.#misconfigured(error) : error;
    }
  }

  async #recognize(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<RecognizeResponse> {
    const { buffer, byteOffset, byteLength } = audio.pcm;
    const content = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
    const { body } = await requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${urlOf('speech', this.#settings)}/v1/speech:recognize`,
      init: {
        method: 'POST',
        headers: { 'x-goog-api-key': this.#apiKey, 'content-type': 'application/json' },
        body: JSON.stringify({ config: configOf(this.#settings.model, audio, options), audio: { content } }),
      },
      signal,
      refuse: (response, refused) => refusal(response, refused, this.#apiKey),
    });
    return readAnswer(body);
  }

  #misconfigured({ vendorCode, vendorMessage }: ProviderError): ProviderError {
    const model = this.#settings.model.slice(0, 100);
    return new ProviderError({
      code: 'invalid_request',
      blame: 'config',
      message: `${TITLE} recusou a configuração (modelo «${model}»); o modelo padrão é «${DEFAULT_MODEL}»`,
      ...(vendorCode === undefined ? {} : { vendorCode }),
      ...(vendorMessage === undefined ? {} : { vendorMessage }),
    });
  }
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, settings: unknown, ctx: ProviderContext): GoogleSpeechStt {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new GoogleSpeechStt(apiKey, parseConfig(sttSettings, settings), ctx);
}

/** `RecognitionConfig`. A `$` in a phrase would name one of the vendor's word classes: such terms stay at home. */
function configOf(model: string, audio: Audio, options: SttOptions): Record<string, unknown> {
  const usable = (options.keyterms ?? []).filter((term) => term.length <= MAX_PHRASE_CHARS && !term.includes('$'));
  const phrases = usable.slice(0, MAX_PHRASES);
  return {
    encoding: 'LINEAR16',
    sampleRateHertz: audio.sampleRateHz,
    audioChannelCount: 1,
    languageCode: options.language,
    model,
    maxAlternatives: 1,
    profanityFilter: false,
    enableAutomaticPunctuation: true,
    enableWordTimeOffsets: true,
    enableWordConfidence: true,
    ...(phrases.length > 0 ? { speechContexts: [{ phrases }] } : {}),
    ...(options.diarize === true ? { diarizationConfig: { enableSpeakerDiarization: true, ...SPEAKERS } } : {}),
  };
}

/** Every field may be absent, so an answer of another shape would pass as silence: it must have one we know, or none. */
function readAnswer(body: unknown): RecognizeResponse {
  const answer = parseWire(TITLE, recognizeResponseSchema, body);
  const names = Object.keys(asRecord(body));
  const known = ['results', 'totalBilledTime', 'requestId', 'speechAdaptationInfo', 'usingLegacyModels'];
  if (names.length === 0 || names.some((name) => known.includes(name))) return answer;
  throw new ProviderError({ code: 'protocol', message: `resposta de ${TITLE} fora do formato esperado` });
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
