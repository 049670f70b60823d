import {
  asRecord,
  asText,
  type Blame,
  type HttpRefusal,
  ProviderError,
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
export function refusal(status: number, headers: Headers, body: unknown, apiKey: string): ProviderError {
  const { detail } = asRecord(body);
  const first = asRecord(Array.isArray(detail) ? detail[0] : detail);
  const vendorCode = asText(first['code']) ?? asText(first['status']) ?? asText(first['type']);
  const init: HttpRefusal = {
    vendor: TITLE,
    status,
    headers,
    vendorCode,
    vendorMessage: asText(first['message']) ?? asText(first['msg']),
    requestId: headers.get('request-id') ?? undefined,
    scope: vendorCode?.includes('concurrent') ? 'concurrency' : 'rate',
    secrets: [apiKey],
  };
  const code = vendorCode === undefined ? undefined : CODES[vendorCode];
  return refusalError(code === undefined ? init : { ...init, code });
}

interface Meaning {
  code: ProviderErrorCode;
  blame?: Blame;
  retryable?: boolean;
}

/** Errors inside a live stream, by `message_type`; the vendor closes after each. */
const IN_BAND: Record<string, Meaning> = {
  auth_error: { code: 'auth' },
  unaccepted_terms: { code: 'auth' },
  quota_exceeded: { code: 'quota' },
  rate_limited: { code: 'rate_limited' },
  // The vendor is short of machines, not this key of its share.
  queue_overflow: { code: 'server' },
  resource_exhausted: { code: 'server' },
  transcriber_error: { code: 'server' },
  error: { code: 'server' },
  input_error: { code: 'invalid_request' },
  invalid_request: { code: 'invalid_request' },
  chunk_size_exceeded: { code: 'invalid_request' },
  // Fewer than 0.3 s since the last commit: our counting is wrong, or the vendor's.
  commit_throttled: { code: 'invalid_request' },
  // The ordinary end of a long or quiet session: nobody's outage, and another connection will do.
  session_time_limit_exceeded: { code: 'timeout', blame: 'core' },
  insufficient_audio_activity: { code: 'timeout', blame: 'core' },
};

/**
 * `{"message_type":"quota_exceeded","error":"…"}` as an error, or undefined when the message is none. A type that is news to
 * us counts when it carries an `error`. The sentence itself is not kept: it may quote what was sent.
 */
export function inBandError(
  message: Record<string, unknown>,
  sessionId: string | undefined,
): ProviderError | undefined {
  const type = asText(message['message_type']) ?? '';
  const known = Object.hasOwn(IN_BAND, type) ? IN_BAND[type] : undefined;
  if (!known && typeof message['error'] !== 'string') return undefined;
  const meaning = known ?? { code: 'server' as const };
  return new ProviderError({
    ...meaning,
    message: `${TITLE} relatou um erro na conexão`,
    vendorCode: type,
    ...(meaning.code === 'rate_limited' ? { scope: 'concurrency' as const } : {}),
    ...(sessionId === undefined ? {} : { requestId: sessionId }),
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

/** The vendor closed a live stream that was still wanted. Where an error came first its name stands in the reason. */
export function closeError(code: number, reason: string, sessionId: string | undefined): ProviderError {
  const said = inBandError({ message_type: reason }, sessionId);
  if (said) return said;
  return new ProviderError({
    code: CLOSE_CODES[code] ?? 'server',
    message: `${TITLE} encerrou a conexão (${code})`,
    vendorCode: String(code),
    ...(sessionId === undefined ? {} : { requestId: sessionId }),
  });
}
