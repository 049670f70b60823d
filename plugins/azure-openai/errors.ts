import { asRecord, asText, type ProviderError } from '../../core/contracts/index.ts';
import { chatError } from '../openai/errors.ts';
import { TITLE } from './config.ts';

/**
 * OpenAI's errors with Azure's habits: the wait may stand in the sentence only, and the request id in a header of the
 * gateway. A filtered question is 400 `content_filter` with an `innererror`: `output`, another candidate may answer.
 */
export function azureError(error: unknown, signal: AbortSignal, apiKey: string): ProviderError {
  return chatError(TITLE, withUsualHeaders(error), signal, apiKey);
}

function withUsualHeaders(error: unknown): unknown {
  if (!(error instanceof Error) || !('headers' in error) || !(error.headers instanceof Headers)) return error;
  const headers = new Headers(error.headers);
  const wait = /retry after (\d{1,5}) seconds?/i.exec(sentenceOf(error))?.[1];
  if (wait && !headers.has('retry-after') && !headers.has('retry-after-ms')) headers.set('retry-after', wait);
  const gateway = headers.get('apim-request-id');
  if (gateway && !headers.has('x-request-id')) headers.set('x-request-id', gateway);
  return Object.assign(Object.create(error) as Error, { headers });
}

function sentenceOf(error: Error & { error?: unknown }): string {
  return asText(asRecord(error.error)['message']) ?? '';
}
