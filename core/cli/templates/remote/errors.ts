import { asRecord, asText, type ProviderError, type ProviderErrorCode, refusalError } from 'balto/contracts';
import { TITLE } from './config.ts';

/** The vendor's own codes that say more than the HTTP status; the others are read from it. */
const CODES = new Map<string, ProviderErrorCode>([
  ['invalid_api_key', 'auth'],
  ['quota_exceeded', 'quota'],
  ['rate_limited', 'rate_limited'],
  ['overloaded', 'server'],
]);

/** A refused request: `{ request_id, error: { code, message } }`. */
export function refusal(response: Response, body: unknown, apiKey: string): ProviderError {
  const { request_id: requestId, error } = asRecord(body);
  const { code: vendorCode, message } = asRecord(error);
  const code = CODES.get(asText(vendorCode) ?? '');
  return refusalError({
    vendor: TITLE,
    status: response.status,
    headers: response.headers,
    ...(code ? { code } : {}),
    vendorCode: asText(vendorCode),
    vendorMessage: asText(message),
    requestId: asText(requestId),
    secrets: [apiKey],
  });
}
