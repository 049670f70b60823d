import type { ProviderError, ProviderErrorCode } from '../../core/contracts/index.ts';
import { chatError } from '../openai/errors.ts';
import { TITLE } from './config.ts';

/** Errors come as `{"code":"…","error":"a sentence"}`; the SDK keeps only the sentence. A wrong key is 400 as well as 401. */
export function xaiError(error: unknown, signal: AbortSignal, apiKey: string): ProviderError {
  return chatError(TITLE, error, signal, apiKey, codeOfSentence);
}

function codeOfSentence(text: string, status: number): ProviderErrorCode | undefined {
  if (status >= 500) return undefined;
  if (/api key/i.test(text)) return 'auth';
  if (/credits|spending limit|billing/i.test(text)) return 'quota';
  return undefined;
}
