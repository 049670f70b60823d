import {
  asRecord,
  asText,
  codeOfStatus,
  ProviderError,
  type ProviderErrorCode,
  refusalError,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';

/** Google's canonical codes where the HTTP status alone would mislead, or where there is none: inside a stream. */
const STATUSES: Record<string, ProviderErrorCode> = {
  INVALID_ARGUMENT: 'invalid_request',
  NOT_FOUND: 'invalid_request',
  FAILED_PRECONDITION: 'unsupported',
  UNAUTHENTICATED: 'auth',
  PERMISSION_DENIED: 'auth',
  RESOURCE_EXHAUSTED: 'rate_limited',
  DEADLINE_EXCEEDED: 'timeout',
  UNAVAILABLE: 'server',
  INTERNAL: 'server',
  ABORTED: 'server',
  UNKNOWN: 'server',
};

const LONGEST_WAIT_MS = 24 * 3_600_000;

/** `{"error":{code, message, status, details}}` as Balto reads it. */
interface ReadError {
  code: ProviderErrorCode | undefined;
  /** The reason of `ErrorInfo`, else the canonical code. */
  vendorCode: string | undefined;
  sentence: string | undefined;
  retryAfterMs: number | undefined;
}

/** A refusal with a status. A wrong key is 400 here, and the wait stands in the body. */
export function geminiRefusal(response: Response, body: unknown, apiKey: string): ProviderError {
  const { code, vendorCode, sentence, retryAfterMs } = read(body);
  const headers = new Headers(response.headers);
  if (retryAfterMs !== undefined && !headers.has('retry-after')) headers.set('retry-after-ms', String(retryAfterMs));
  return refusalError({
    vendor: TITLE,
    status: response.status,
    code: code ?? codeOfStatus(response.status),
    headers,
    vendorCode,
    vendorMessage: sentence,
    secrets: [apiKey],
  });
}

/** An error inside an accepted stream. */
export function inBandError(body: unknown): ProviderError {
  const { code, vendorCode, retryAfterMs } = read(body);
  return new ProviderError({
    code: code ?? 'server',
    message: `${TITLE} relatou um erro no meio da resposta`,
    ...(vendorCode === undefined ? {} : { vendorCode }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Without `alt=sse` a streaming method answers its error as the only element of a list. */
function read(body: unknown): ReadError {
  const error = asRecord(asRecord(Array.isArray(body) ? body[0] : body)['error']);
  const details = (Array.isArray(error['details']) ? error['details'] : []).map(asRecord);
  const reason = asText(detailOf(details, 'ErrorInfo')['reason']);
  const status = asText(error['status']);
  const sentence = asText(error['message']);
  const code = codeOfReason(reason) ?? (isSpent(details, sentence) ? 'quota' : status ? STATUSES[status] : undefined);
  return {
    code,
    vendorCode: reason ?? status,
    sentence,
    retryAfterMs: delayMs(detailOf(details, 'RetryInfo')['retryDelay']),
  };
}

function detailOf(details: Record<string, unknown>[], type: string): Record<string, unknown> {
  return details.find((detail) => asText(detail['@type'])?.endsWith(`.${type}`)) ?? {};
}

function codeOfReason(reason: string | undefined): ProviderErrorCode | undefined {
  if (reason === 'BILLING_DISABLED') return 'quota';
  return reason && /^(API_KEY_|ACCESS_TOKEN_|CONSUMER_|SERVICE_DISABLED)/.test(reason) ? 'auth' : undefined;
}

/** A quota of the day, or money, does not come back in the minute the vendor says; one of the minute does. */
function isSpent(details: Record<string, unknown>[], sentence: string | undefined): boolean {
  const { violations } = detailOf(details, 'QuotaFailure');
  const ids = (Array.isArray(violations) ? violations : []).map((each) => asText(asRecord(each)['quotaId']) ?? '');
  return ids.some((id) => id.includes('PerDay')) || /credits? (are|is) depleted|enable billing/i.test(sentence ?? '');
}

/** A `google.protobuf.Duration` (`34.07s`) in milliseconds, rounded up. */
function delayMs(delay: unknown): number | undefined {
  const seconds = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(asText(delay) ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(Math.ceil(Number(seconds) * 1000), LONGEST_WAIT_MS);
}
