import {
  type Audio,
  isProviderError,
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  parseWire,
  requestJson,
  type Stt,
  type SttOptions,
  type Transcript,
  type Word,
} from '../../core/contracts/index.ts';
import { credentialSchema, type ElevenLabsSettings, regionOf, settingsSchema, TITLE } from './config.ts';
import { refusal } from './errors.ts';
import { type Transcription, transcriptionSchema } from './wire.ts';

/** Of `pcm_s16le_16`, the vendor's raw format: 16 kHz, mono, little endian. */
const SAMPLE_RATE_HZ = 16_000;
/** Vendor limits on key terms: at most 5 words, fewer than 50 characters, none of these. */
const KEYTERM_MAX_CHARS = 49;
const KEYTERM_MAX_WORDS = 5;
const KEYTERM_FORBIDDEN = /[<>{}[\]\\]/;

/** Scribe over HTTP: one request per utterance. */
class ElevenLabsStt implements Stt {
  readonly #apiKey: string;
  readonly #settings: ElevenLabsSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: ElevenLabsSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    if (audio.sampleRateHz !== SAMPLE_RATE_HZ) {
      throw new ProviderError({ code: 'unsupported', blame: 'core', message: `${TITLE}: só áudio a 16 kHz` });
    }
    const query = this.#settings.retainData ? '' : '?enable_logging=false';
    const init = { method: 'POST', body: this.#form(audio, options) };
    const { body, headers } = await this.#request(`/v1/speech-to-text${query}`, init, signal);
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

  /** The list of models. A key limited to speech-to-text may not read it; being told so proves the key. */
  async probe(signal: AbortSignal): Promise<void> {
    try {
      await this.#request('/v1/models', {}, signal);
    } catch (error) {
      if (!(isProviderError(error) && error.vendorCode === 'missing_permissions')) throw error;
    }
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
      for (const term of options.keyterms ?? []) if (isKeyterm(term)) form.append('keyterms', term);
    }
    return form;
  }

  #request(path: string, init: RequestInit, signal: AbortSignal) {
    return requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${this.#settings.baseUrl.replace(/\/+$/, '')}${path}`,
      init: { ...init, headers: { 'xi-api-key': this.#apiKey } },
      signal,
      refuse: (response, body) => refusal(response, body, this.#apiKey),
    });
  }
}

/** `stt/elevenlabs`. */
export const elevenLabsStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'elevenlabs',
  id: 'elevenlabs',
  title: 'ElevenLabs Scribe',
  settings: settingsSchema,
  models: ['scribe_v2', 'scribe_v1'],
  capabilities(given) {
    const settings = parseConfig(settingsSchema, given);
    return {
      streaming: false,
      interim: false,
      words: true,
      diarization: true,
      ...(takesKeyterms(settings.model) ? { keyterms: { max: 100, maxChars: KEYTERM_MAX_CHARS } } : {}),
      languages: ['pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ja', 'ko', 'zh'],
      sampleRates: [SAMPLE_RATE_HZ],
      maxSeconds: 36_000,
      minMs: 100,
      region: regionOf(settings.baseUrl),
      endpointing: 'off',
      finalize: 'none',
      chunkMs: { min: 20, max: 1000 },
      pushRate: 'fast',
      idle: 'close',
      billing: 'audio',
      maxSessionMs: 0,
      maxConcurrent: settings.maxConcurrent,
    };
  },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  probe: (credential, settings, ctx) => create(credential, settings, ctx).probe(ctx.signal),
};

function create(credential: unknown, settings: unknown, ctx: ProviderContext): ElevenLabsStt {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new ElevenLabsStt(apiKey, parseConfig(settingsSchema, settings), ctx);
}

function readTranscript(answer: Transcription, options: SttOptions): Omit<Transcript, 'model'> {
  const spoken = (answer.words ?? []).filter((word) => word.type === undefined || word.type === 'word');
  const words = spoken.map(readWord);
  const scored = words.map((word) => word.confidence).filter((confidence) => confidence !== undefined);
  const confidence = scored.length > 0 ? scored.reduce((sum, each) => sum + each, 0) / scored.length : undefined;
  const language = answer.language_code ? canonicalLanguage(answer.language_code) : undefined;
  return {
    text: answer.text.trim(),
    words,
    ...(language === undefined ? {} : { language }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(options.diarize === true ? { speakerScope: 'request' as const } : {}),
  };
}

function readWord(word: NonNullable<Transcription['words']>[number]): Word {
  const startMs = Math.round((word.start ?? 0) * 1000);
  const endMs = Math.max(startMs, Math.round((word.end ?? word.start ?? 0) * 1000));
  return {
    text: word.text,
    startMs,
    endMs,
    ...(typeof word.logprob === 'number' ? { confidence: Math.min(1, Math.exp(word.logprob)) } : {}),
    ...(word.speaker_id ? { speaker: word.speaker_id } : {}),
  };
}

/** ISO 639-3 as the vendor answers (`por`) to BCP 47 (`pt`). */
function canonicalLanguage(code: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(code)[0];
  } catch {
    return undefined; // no language tag: then the answer names none
  }
}

function takesKeyterms(model: string): boolean {
  return model !== 'scribe_v1';
}

function isKeyterm(term: string): boolean {
  return (
    term.length <= KEYTERM_MAX_CHARS &&
    !KEYTERM_FORBIDDEN.test(term) &&
    term.trim().split(/\s+/).length <= KEYTERM_MAX_WORDS
  );
}
