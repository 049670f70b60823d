import {
  asRecord,
  asText,
  type HttpRefusal,
  type ProviderError,
  type ProviderErrorCode,
  refusalError,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';

/** `ErrorInfo.reason`, else `status`: what they mean where the HTTP status alone would mislead. */
const CODES: Record<string, ProviderErrorCode> = {
  // 400, though a wrong key is meant.
  API_KEY_INVALID: 'auth',
  // 403, though the key is right: nobody pays, or the day's share is used up.
  BILLING_DISABLED: 'quota',
  RESOURCE_QUOTA_EXCEEDED: 'quota',
  RATE_LIMIT_EXCEEDED: 'rate_limited',
  // 400: the vendor stopped, the request was not wrong.
  DEADLINE_EXCEEDED: 'timeout',
  CANCELLED: 'server',
  ABORTED: 'server',
};

const ERROR_INFO = 'google.rpc.ErrorInfo';
const RETRY_INFO = 'google.rpc.RetryInfo';

/** `{ error: { code, message, status, details: [ErrorInfo, RetryInfo, …] } }` (google.rpc.Status as JSON). */
export function refusal(response: Response, body: unknown, apiKey: string): ProviderError {
  const error = asRecord(asRecord(body)['error']);
  const info = detailOf(error, ERROR_INFO);
  const vendorCode = asText(info['reason']) ?? asText(error['status']);
  const code = isPerDay(info) ? 'quota' : codeOf(vendorCode);
  const init: HttpRefusal = {
    vendor: TITLE,
    status: response.status,
    headers: withRetryDelay(response.headers, detailOf(error, RETRY_INFO)),
    vendorCode,
    vendorMessage: asText(error['message']),
    secrets: [apiKey],
  };
  return refusalError(code === undefined ? init : { ...init, code });
}

function detailOf(error: Record<string, unknown>, type: string): Record<string, unknown> {
  const details = Array.isArray(error['details']) ? error['details'].map(asRecord) : [];
  return details.find((detail) => asText(detail['@type'])?.endsWith(type)) ?? {};
}

function codeOf(vendorCode: string | undefined): ProviderErrorCode | undefined {
  return vendorCode !== undefined && Object.hasOwn(CODES, vendorCode) ? CODES[vendorCode] : undefined;
}

/** A daily share that is used up comes as RATE_LIMIT_EXCEEDED; only the name of the limit tells. */
function isPerDay(info: Record<string, unknown>): boolean {
  return /per.?day/i.test(asText(asRecord(info['metadata'])['quota_limit']) ?? '');
}

/** The wait the vendor asks for in the body (`"18s"`), where no header names one. */
function withRetryDelay(headers: Headers, retryInfo: Record<string, unknown>): Headers {
  const seconds = Number.parseFloat(asText(retryInfo['retryDelay']) ?? '');
  if (headers.has('retry-after') || !Number.isFinite(seconds)) return headers;
  const more = new Headers(headers);
  more.set('retry-after-ms', String(Math.round(seconds * 1000)));
  return more;
}
