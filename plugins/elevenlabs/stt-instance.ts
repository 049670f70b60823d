import {
  type Audio,
  type ProviderContext,
  ProviderError,
  parseConfig,
  parseWire,
  type Stt,
  type SttOptions,
  type Transcript,
} from '../../core/contracts/index.ts';
import { ElevenLabsClient } from './client.ts';
import { credentialSchema, type ElevenLabsSettings, isRealtime, settingsSchema, TITLE } from './config.ts';
import { BATCH_TERMS, isKeyterm } from './keyterms.ts';
import { RealtimeStt } from './realtime.ts';
import { SAMPLE_RATE_HZ, takesKeyterms } from './stt.ts';
import { canonicalLanguage, readWords, type Transcription, transcriptionSchema } from './wire.ts';

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

function clientFor(credential: unknown, { baseUrl }: ElevenLabsSettings, ctx: ProviderContext): ElevenLabsClient {
  return new ElevenLabsClient(parseConfig(credentialSchema, credential).apiKey, baseUrl, ctx);
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

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, given: unknown, ctx: ProviderContext) {
  const settings = parseConfig(settingsSchema, given);
  const client = clientFor(credential, settings, ctx);
  return isRealtime(settings.model) ? new RealtimeStt(client, settings, ctx) : new ElevenLabsStt(client, settings);
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, given: unknown, ctx: ProviderContext): Promise<void> {
  const settings = parseConfig(settingsSchema, given);
  return clientFor(credential, settings, ctx).probe(settings.model, ctx.signal);
}
