import type { Usage } from './audio.ts';
import { ProviderError } from './errors.ts';
import { readBytes } from './http.ts';
import type { TtsEvent, TtsRequest } from './other-kinds.ts';

export interface SpokenBody {
  /** The vendor's title, for messages. */
  vendor: string;
  /** The answer, its body unread. */
  response: Response;
  encoding: TtsRequest['encoding'];
  signal: AbortSignal;
  usage: Usage[];
}

/**
 * A synthesis that was answered over HTTP, as the contract's events: pieces of audio as they come (whole samples), then the
 * bill, which a body that is cut does not save. Throws `protocol` for a page of some proxy and `output` for no audio at all.
 */
export async function* spokenBody(body: SpokenBody): AsyncGenerator<TtsEvent, void, undefined> {
  const { vendor, response, encoding, signal, usage } = body;
  refusePage(vendor, response);
  let bytes = 0;
  try {
    for await (const piece of readBytes(vendor, response, signal, encoding === 'pcm_s16le' ? 2 : 1)) {
      bytes += piece.length;
      yield { type: 'audio', bytes: piece };
    }
  } catch (error) {
    yield { type: 'usage', usage };
    throw error;
  }
  yield { type: 'usage', usage };
  if (bytes === 0) throw new ProviderError({ code: 'output', message: `${vendor} respondeu sem áudio` });
}

/** The text of a synthesis, checked as every vendor wants it: `empty` without a word, `invalid_request` beyond `maxChars`. */
export function textToSpeak(vendor: string, { text }: TtsRequest, maxChars: number): string {
  if (text.trim() === '') throw new ProviderError({ code: 'empty', message: `${vendor}: texto vazio` });
  if (text.length <= maxChars) return text;
  throw new ProviderError({ code: 'invalid_request', message: `${vendor}: texto com mais de ${maxChars} caracteres` });
}

function refusePage(vendor: string, response: Response): void {
  const type = response.headers.get('content-type') ?? '';
  if (!/json|html|xml|^text/i.test(type)) return;
  response.body?.cancel().catch(() => undefined); // nobody reads it, and why it would not end is of no use
  throw new ProviderError({ code: 'protocol', message: `${vendor} respondeu com algo que não é áudio` });
}
