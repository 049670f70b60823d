import { asRecord, asText, ProviderError, type ProviderErrorCode, refusalError } from '../../core/contracts/index.ts';
import { chatError } from '../openai/errors.ts';
import { TITLE } from './config.ts';

/** Errors come as `{"code":"…","error":"a sentence"}`; of that the SDK would keep the sentence only. */
export function mend(refusal: unknown): unknown {
  const { code, error } = asRecord(refusal);
  return typeof error === 'string' ? { error: { message: error, code } } : refusal;
}

/** An error of the SDK, read from {@link mend}'s shape. A wrong key is 400 as well as 401: the sentence decides. */
export function xaiError(error: unknown, signal: AbortSignal, apiKey: string): ProviderError {
  return chatError(TITLE, error, signal, apiKey, codeOfSentence);
}

/** The same shape, read without the SDK: transcription, and the handshake of its stream. */
export function refusal(status: number, headers: Headers, body: unknown, apiKey: string): ProviderError {
  const fields = asRecord(body);
  const nested = asRecord(fields['error']);
  const sentence = asText(fields['error']) ?? asText(nested['message']) ?? asText(fields['message']);
  const code = sentence === undefined ? undefined : codeOfSentence(sentence, status);
  return refusalError({
    vendor: TITLE,
    status,
    headers,
    ...(code === undefined ? {} : { code }),
    vendorCode: asText(fields['code']) ?? asText(nested['code']),
    vendorMessage: sentence,
    requestId: headers.get('x-request-id') ?? undefined,
    secrets: [apiKey],
  });
}

/**
 * `{"type":"error","message"}` inside a live stream. The sentence may hold anything, so only its meaning is kept; where there
 * is no code the message's type is the only name the vendor gives.
 */
export function inBandError(message: Record<string, unknown>): ProviderError {
  const sentence = asText(message['message']) ?? '';
  const code = codeOfSentence(sentence, 0) ?? (/rate limit|too many/i.test(sentence) ? 'rate_limited' : 'server');
  const vendorCode = asText(message['code']) ?? asText(message['type']) ?? 'error';
  return new ProviderError({ code, vendorCode, message: `${TITLE} relatou um erro na conexão` });
}

/** The vendor closed a live stream that was still wanted. It documents no codes of its own: RFC 6455 §7.4 holds. */
export function closeError(code: number): ProviderError {
  const known: Record<number, ProviderErrorCode> = {
    1002: 'protocol',
    1003: 'invalid_request',
    1006: 'connection',
    1007: 'invalid_request',
    1008: 'invalid_request',
    1009: 'invalid_request',
  };
  return new ProviderError({
    code: known[code] ?? 'server',
    message: `${TITLE} encerrou a conexão (${code})`,
    vendorCode: String(code),
  });
}

function codeOfSentence(text: string, status: number): ProviderErrorCode | undefined {
  if (status >= 500) return undefined;
  if (/api key/i.test(text)) return 'auth';
  if (/credits|spending limit|billing/i.test(text)) return 'quota';
  return undefined;
}
