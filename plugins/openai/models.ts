import { retiredModel } from '../../core/contracts/index.ts';

export const TITLE = 'OpenAI';

/** Texts of one request: as pretty-printed numbers the longest vectors take 90 KB each, and an answer ends at 8 MiB. */
export const MAX_TEXTS = 64;

/** The only rate of PCM this API takes. */
export const LIVE_RATE_HZ = 24_000;

/** The models used where nobody names one; chosen on 2026-11-21. */
export const DEFAULTS = {
  chat: 'gpt-6-luna',
  stt: 'gpt-transcribe',
  live: 'gpt-live-transcribe',
  embeddings: 'text-embedding-3-small',
  tts: 'gpt-4o-mini-tts',
} as const;

export const CHAT_MODELS: string[] = [DEFAULTS.chat, 'gpt-5.6-luna', 'gpt-5.6-terra', 'gpt-6-sol'];

/**
 * Names out of service, each with what the vendor recommends in its place (developers.openai.com/api/docs/deprecations,
 * read 2026-11-21). Shut down by 2026-10-23, but for gpt-4o and gpt-4o-mini: those are announced for 2027-01-14, and
 * configurations in the field still carry them.
 */
const RETIRED: Record<string, string> = {
  'gpt-3.5-turbo': 'gpt-5.6-terra',
  'gpt-3.5-turbo-0125': 'gpt-5.6-terra',
  'gpt-4': 'gpt-5.6-sol',
  'gpt-4-0613': 'gpt-5.6-sol',
  'gpt-4-1106-preview': 'gpt-5.6-sol',
  'gpt-4-turbo': 'gpt-5.6-sol',
  'gpt-4.1-nano': 'gpt-6-luna',
  'gpt-4o': 'gpt-6-luna',
  'gpt-4o-mini': 'gpt-6-luna',
  o1: 'gpt-5.6-sol',
  'o3-mini': 'gpt-5.6-sol',
  'o4-mini': 'gpt-5.6-terra',
};

/** For every `probe`: throws when `model` is a retired name. */
export function refuseRetired(model: string): void {
  const error = retiredModel(TITLE, model, RETIRED);
  if (error) throw error;
}

/** Models that transcribe a live session; whole utterances of theirs go to {@link DEFAULTS}.stt. */
export function isLive(model: string): boolean {
  return /^gpt-(live-transcribe|realtime-whisper)/.test(model);
}
