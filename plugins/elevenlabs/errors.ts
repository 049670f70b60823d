import {
  asRecord,
  asText,
  type HttpRefusal,
  type ProviderError,
  type ProviderErrorCode,
  refusalError,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';

/** `detail.status` (older answers) or `detail.code`: what they mean where the HTTP status alone would mislead. */
const CODES: Record<string, ProviderErrorCode> = {
  invalid_api_key: 'auth',
  missing_permissions: 'auth',
  needs_authorization: 'auth',
  detected_unusual_activity: 'auth',
  quota_exceeded: 'quota',
  insufficient_credits: 'quota',
  payment_required: 'quota',
  too_many_concurrent_requests: 'rate_limited',
  concurrent_limit_exceeded: 'rate_limited',
  // 429, but the vendor is short of machines, not this key of its share: resting the key would not help.
  system_busy: 'server',
};

/** `{"detail":{"status","message"}}`, or a list of field errors for 422; the list's `input` echoes ours and is not read. */
export function refusal(response: Response, body: unknown, apiKey: string): ProviderError {
  const { detail } = asRecord(body);
  const first = asRecord(Array.isArray(detail) ? detail[0] : detail);
  const vendorCode = asText(first['code']) ?? asText(first['status']) ?? asText(first['type']);
  const init: HttpRefusal = {
    vendor: TITLE,
    status: response.status,
    headers: response.headers,
    vendorCode,
    vendorMessage: asText(first['message']) ?? asText(first['msg']),
    requestId: response.headers.get('request-id') ?? undefined,
    scope: vendorCode?.includes('concurrent') ? 'concurrency' : 'rate',
    secrets: [apiKey],
  };
  const code = vendorCode === undefined ? undefined : CODES[vendorCode];
  return refusalError(code === undefined ? init : { ...init, code });
}
