import { asRecord, asText, ProviderError, type ProviderErrorCode, refusalError } from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';

const CODES: Record<string, ProviderErrorCode> = {
  INVALID_AUTH: 'auth',
  INSUFFICIENT_PERMISSIONS: 'auth',
  ASR_PAYMENT_REQUIRED: 'quota',
  TOO_MANY_REQUESTS: 'rate_limited',
};

/** A refused request: `{err_code, err_msg, request_id}`, or the newer `{category, message, details, request_id}`. */
export function refusal(status: number, headers: Headers, body: unknown, apiKey: string): ProviderError {
  const fields = asRecord(body);
  const vendorCode = asText(fields['err_code']) ?? asText(fields['category']);
  const code = vendorCode === undefined ? undefined : CODES[vendorCode];
  return refusalError({
    vendor: TITLE,
    status,
    headers,
    ...(code === undefined ? {} : { code }),
    vendorCode,
    vendorMessage: asText(fields['err_msg']) ?? asText(fields['message']) ?? headers.get('dg-error') ?? undefined,
    requestId: asText(fields['request_id']) ?? headers.get('dg-request-id') ?? undefined,
    // The vendor limits connections at once, not requests per minute.
    scope: 'concurrency',
    secrets: [apiKey],
  });
}

/** WebSocket close codes (RFC 6455 §7.4) that say whose fault it was; all others are the vendor's. */
const CLOSE_CODES: Record<number, ProviderErrorCode> = {
  1002: 'protocol',
  1003: 'invalid_request',
  1006: 'connection',
  1007: 'invalid_request',
  1008: 'invalid_request',
  1009: 'invalid_request',
};

/** The vendor closed a live stream that was still wanted. Its own codes (`NET-0001`, `DATA-0000`) stand in the reason. */
export function closeError(code: number, reason: string, requestId: string | undefined): ProviderError {
  const vendorCode = /\b[A-Z]+-\d{4}\b/.exec(reason)?.[0] ?? String(code);
  const mapped = vendorCode === 'NET-0001' ? 'timeout' : (CLOSE_CODES[code] ?? 'server');
  return new ProviderError({
    code: mapped,
    message: `${TITLE} encerrou a conexão (${code})`,
    vendorCode,
    ...(requestId === undefined ? {} : { requestId }),
  });
}

/** `{"type":"Error", variant|err_code, description}` inside a live stream. */
export function inBandError(message: Record<string, unknown>, requestId: string | undefined): ProviderError {
  const vendorCode = asText(message['err_code']) ?? asText(message['variant']) ?? asText(message['code']);
  return new ProviderError({
    code: (vendorCode && CODES[vendorCode]) || 'server',
    message: `${TITLE} relatou um erro na conexão`,
    ...(vendorCode === undefined ? {} : { vendorCode }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}
