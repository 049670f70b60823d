import type { SttCapabilities } from '../../core/contracts/index.ts';

/** What a transcription model takes and gives; see {@link traitsOf}. */
export interface TranscriptionTraits {
  format: 'json' | 'verbose_json' | 'diarized_json';
  /** `languages[]` is what the newest models take instead of `language`. */
  language: 'language' | 'languages';
  /** Where key terms go: a field of their own, or the text that precedes the audio. */
  terms: 'keywords' | 'prompt' | 'none';
  logprobs: boolean;
  billedBy: 'second' | 'token';
}

const WHISPER: TranscriptionTraits = {
  format: 'verbose_json',
  language: 'language',
  terms: 'prompt',
  logprobs: false,
  billedBy: 'second',
};
const GPT_TRANSCRIBE: TranscriptionTraits = { ...WHISPER, format: 'json', language: 'languages', terms: 'keywords' };
const GPT_4O: TranscriptionTraits = { ...WHISPER, format: 'json', logprobs: true, billedBy: 'token' };
const DIARIZE: TranscriptionTraits = { ...GPT_4O, format: 'diarized_json', terms: 'none', logprobs: false };

/** By the model's name; a name nobody knows is taken for a Whisper, which is what compatible servers run. */
export function traitsOf(model: string): TranscriptionTraits {
  if (/transcribe-diarize/.test(model)) return DIARIZE;
  if (/^gpt-4o.*-transcribe/.test(model)) return GPT_4O;
  if (/^gpt-.*transcribe/.test(model)) return GPT_TRANSCRIBE;
  return WHISPER;
}

/** Longest audio of one upload: 25 MB at the highest of {@link UPLOAD_RATES}, with room for the form around it. */
const UPLOAD_SECONDS = 500;
const UPLOAD_RATES = [16_000, 8000, 24_000];

/** Limits of key terms. The vendor states no number for `keywords`; ours keeps the request small. A prompt is short by itself. */
export const KEYTERMS = { keywords: { max: 100, maxChars: 60 }, prompt: { max: 30, maxChars: 40 }, none: undefined };

/** What an upload of whole utterances can do. */
export function uploadCapabilities(
  traits: TranscriptionTraits,
  place: { region: string; maxConcurrent: number },
): SttCapabilities {
  const limit = KEYTERMS[traits.terms];
  return {
    streaming: false,
    interim: false,
    words: traits.format === 'verbose_json',
    diarization: traits.format === 'diarized_json',
    ...(limit ? { keyterms: limit } : {}),
    languages: ['pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ja', 'ko', 'zh'],
    sampleRates: UPLOAD_RATES,
    maxSeconds: UPLOAD_SECONDS,
    minMs: 100,
    endpointing: 'off',
    finalize: 'none',
    chunkMs: { min: 20, max: 1000 },
    pushRate: 'fast',
    idle: 'close',
    billing: 'audio',
    maxSessionMs: 0,
    ...place,
  };
}
