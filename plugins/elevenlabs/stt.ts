import {
  type Audio,
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  parseWire,
  type Stt,
  type SttCapabilities,
  type SttOptions,
  type Transcript,
} from '../../core/contracts/index.ts';
import { ElevenLabsClient } from './client.ts';
import { credentialSchema, type ElevenLabsSettings, regionOf, settingsSchema, TITLE } from './config.ts';
import { BATCH_TERMS, isKeyterm, REALTIME_TERMS } from './keyterms.ts';
import { isRealtime, RealtimeStt } from './realtime.ts';
import { canonicalLanguage, readWords, type Transcription, transcriptionSchema } from './wire.ts';

/** Of `pcm_s16le_16`, the vendor's raw format: 16 kHz, mono, little endian. */
const SAMPLE_RATE_HZ = 16_000;
const LANGUAGES = ['pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ja', 'ko', 'zh'];

/** Scribe over HTTP: one request per utterance. */
class ElevenLabsStt implements Stt {
  readonly #client: ElevenLabsClient;
  readonly #settings: ElevenLabsSettings;

  constructor(client: ElevenLabsClient, settings: ElevenLabsSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    if (audio.sampleRateHz !== SAMPLE_RATE_HZ) {
      throw new ProviderError({ code: 'unsupported', blame: 'core', message: `${TITLE}: só áudio a 16 kHz` });
    }
    const query = this.#settings.retainData ? '' : '?enable_logging=false';
    const init = { method: 'POST', body: this.#form(audio, options) };
    const { body, headers } = await this.#client.json(`/v1/speech-to-text${query}`, init, signal);
    const answer = parseWire(TITLE, transcriptionSchema, body);
    const seconds = answer.audio_duration_secs ?? audio.pcm.length / audio.sampleRateHz;
    const requestId = headers.get('request-id') ?? answer.transcription_id ?? undefined;
    return {
      ...readTranscript(answer, options),
      model: this.#settings.model,
      ...(requestId === undefined ? {} : { requestId }),
      usage: [{ unit: 'second', quantity: seconds, of: 'audio_in', model: this.#settings.model }],
    };
  }

  #form(audio: Audio, options: SttOptions): FormData {
    const { buffer, byteOffset, byteLength } = audio.pcm;
    const form = new FormData();
    form.append('model_id', this.#settings.model);
    // A view, not a copy: the Blob takes its own.
    const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    form.append('file', new Blob([bytes], { type: 'application/octet-stream' }), 'audio.pcm');
    form.append('file_format', 'pcm_s16le_16');
    form.append('language_code', new Intl.Locale(options.language).language);
    form.append('tag_audio_events', 'false');
    form.append('timestamps_granularity', 'word');
    form.append('diarize', String(options.diarize === true));
    if (takesKeyterms(this.#settings.model)) {
      const terms = (options.keyterms ?? []).filter((term) => isKeyterm(term, BATCH_TERMS)).slice(0, BATCH_TERMS.max);
      for (const term of terms) form.append('keyterms', term);
    }
    return form;
  }
}

/** `stt/elevenlabs`: `scribe_v2` by request, `scribe_v2_realtime` live. */
export const elevenLabsStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'elevenlabs',
  id: 'elevenlabs',
  title: 'ElevenLabs Scribe',
  settings: settingsSchema,
  models: ['scribe_v2', 'scribe_v2_realtime', 'scribe_v1'],
  capabilities(given) {
    const settings = parseConfig(settingsSchema, given);
    return {
      ...commonCapabilities(settings),
      ...(isRealtime(settings.model) ? liveOnes() : batchOnes(settings.model)),
    };
  },
  create(credential, given, ctx) {
    const settings = parseConfig(settingsSchema, given);
    const client = clientFor(credential, settings, ctx);
    return isRealtime(settings.model) ? new RealtimeStt(client, settings, ctx) : new ElevenLabsStt(client, settings);
  },
  probe(credential, given, ctx) {
    const settings = parseConfig(settingsSchema, given);
    return clientFor(credential, settings, ctx).probe(settings.model, ctx.signal);
  },
};

function clientFor(credential: unknown, { baseUrl }: ElevenLabsSettings, ctx: ProviderContext): ElevenLabsClient {
  return new ElevenLabsClient(parseConfig(credentialSchema, credential).apiKey, baseUrl, ctx);
}

function commonCapabilities(settings: ElevenLabsSettings) {
  return {
    words: true,
    languages: LANGUAGES,
    region: regionOf(settings.baseUrl),
    endpointing: 'off',
    idle: 'close',
    billing: 'audio',
    maxConcurrent: settings.maxConcurrent,
  } as const satisfies Partial<SttCapabilities>;
}

function batchOnes(model: string) {
  return {
    streaming: false,
    interim: false,
    diarization: true,
    ...(takesKeyterms(model) ? { keyterms: { max: BATCH_TERMS.max, maxChars: BATCH_TERMS.maxChars } } : {}),
    sampleRates: [SAMPLE_RATE_HZ],
    maxSeconds: 36_000,
    minMs: 100,
    finalize: 'none',
    chunkMs: { min: 20, max: 1000 },
    pushRate: 'fast',
    maxSessionMs: 0,
  } as const satisfies Partial<SttCapabilities>;
}

function liveOnes() {
  return {
    streaming: true,
    interim: true,
    diarization: false,
    keyterms: { max: REALTIME_TERMS.max, maxChars: REALTIME_TERMS.maxChars },
    sampleRates: [SAMPLE_RATE_HZ, 8000, 22_050, 24_000, 44_100, 48_000],
    maxSeconds: 3600,
    finalize: 'ack',
    // The vendor's advice.
    chunkMs: { min: 100, max: 1000 },
    // It has an error for a full queue, and every example of its own sends in real time.
    pushRate: 'realtime',
    // It publishes no limit, only an error for one.
    maxSessionMs: 600_000,
  } as const satisfies Partial<SttCapabilities>;
}

function readTranscript(answer: Transcription, options: SttOptions): Omit<Transcript, 'model'> {
  const language = canonicalLanguage(answer.language_code);
  return {
    text: answer.text.trim(),
    ...readWords(answer.words),
    ...(language === undefined ? {} : { language }),
    ...(options.diarize === true ? { speakerScope: 'request' as const } : {}),
  };
}

function takesKeyterms(model: string): boolean {
  return model !== 'scribe_v1';
}
