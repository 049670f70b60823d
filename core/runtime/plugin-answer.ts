import { ProviderError, type SttEvent, type Transcript, type Usage, type Word } from '../contracts/index.ts';

/** Characters of one utterance: an hour of fast speech has fewer. */
const MAX_TEXT = 100_000;
const MAX_WORDS = 20_000;
/** Of names and ids. */
const MAX_NAME = 200;

const UNITS = ['second', 'character', 'token', 'request'];
const BILLED = ['audio_in', 'audio_out', 'text_in', 'text_in_cached', 'text_out'];

type Final = Extract<SttEvent, { type: 'final' }>;
type Details = Omit<Transcript, 'text' | 'model'> & { model?: string };
type Given = Record<string, unknown>;

/**
 * What a plugin answered as the core may rely on it: a copy of what is of the contract. Text that is none, or without end,
 * is refused with `protocol`; a detail that is none is left out, because the words are worth more than their times.
 */
export function transcriptFrom(value: unknown, model: string): Transcript {
  const given = recordOf(value);
  return { text: textOf(given['text']), ...detailsOf(given), model: nameOf(given['model']) ?? model };
}

/** The same for a final of a stream. */
export function finalFrom(value: unknown): Final {
  const given = recordOf(value);
  const { language, confidence, words, requestId, model } = detailsOf(given);
  const [startMs, endMs] = [numberOf(given['startMs']), numberOf(given['endMs'])];
  const kept = { language, confidence, words, requestId, model, startMs, endMs };
  return { type: 'final', text: textOf(given['text']), ...present(kept) };
}

/** Text of an utterance. Throws `protocol`. */
export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw broken('o plugin respondeu sem texto');
  if (value.length > MAX_TEXT) throw broken('o plugin respondeu com texto sem fim');
  return value;
}

/** Usage that can be billed; undefined when the plugin gave none, or not what the contract calls usage. */
export function usageFrom(value: unknown): Usage[] | undefined {
  return Array.isArray(value) && value.length <= MAX_NAME && value.every(isUsage) ? value : undefined;
}

/** A model's or a request's name; undefined when it is none. */
export function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME ? value : undefined;
}

function detailsOf(given: Given): Details {
  const scope = given['speakerScope'];
  return present({
    language: nameOf(given['language']),
    confidence: shareOf(given['confidence']),
    noSpeechProbability: shareOf(given['noSpeechProbability']),
    words: wordsOf(given['words']),
    speakerScope: scope === 'request' || scope === 'session' ? scope : undefined,
    model: nameOf(given['model']),
    requestId: nameOf(given['requestId']),
    usage: usageFrom(given['usage']),
  });
}

/** All of them or none: a list with holes would say of the wrong word when it was spoken. */
function wordsOf(value: unknown): Word[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_WORDS || !value.every(isWord)) return undefined;
  return value.map(({ text, startMs, endMs, confidence, speaker }) => ({
    text,
    startMs,
    endMs,
    ...present({ confidence: shareOf(confidence), speaker: nameOf(speaker) }),
  }));
}

function isWord(value: unknown): value is Word {
  const { text, startMs, endMs } = (value ?? {}) as Given;
  const isText = typeof text === 'string' && text.length <= MAX_NAME;
  return isText && numberOf(startMs) !== undefined && numberOf(endMs) !== undefined;
}

function isUsage(value: unknown): value is Usage {
  const { unit, quantity, of, model, channels } = (value ?? {}) as Given;
  const counts = numberOf(quantity) !== undefined && (channels === undefined || numberOf(channels) !== undefined);
  return counts && UNITS.includes(unit as string) && BILLED.includes(of as string) && nameOf(model) !== undefined;
}

function shareOf(value: unknown): number | undefined {
  const share = numberOf(value);
  return share !== undefined && share >= 0 && share <= 1 ? share : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function recordOf(value: unknown): Given {
  if (typeof value === 'object' && value !== null) return value as Given;
  throw broken('o plugin não respondeu');
}

/** Without the properties that are undefined. */
function present<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

function broken(message: string): ProviderError {
  return new ProviderError({ code: 'protocol', blame: 'core', message });
}
