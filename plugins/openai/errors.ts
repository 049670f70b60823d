import {
  asRecord,
  asText,
  codeOfStatus,
  ProviderError,
  type ProviderErrorCode,
  refusalError,
  transportError,
} from '../../core/contracts/index.ts';
import { TITLE } from './models.ts';

/** The vendor's error codes where the HTTP status alone would mislead. */
const CODES: Record<string, ProviderErrorCode> = {
  invalid_api_key: 'auth',
  account_deactivated: 'auth',
  insufficient_quota: 'quota',
  billing_hard_limit_reached: 'quota',
  rate_limit_exceeded: 'rate_limited',
  content_filter: 'output',
  content_policy_violation: 'output',
  model_decommissioned: 'unsupported',
  json_validate_failed: 'output',
  tool_use_failed: 'output',
  server_error: 'server',
  server_is_overloaded: 'server',
};

/** The fields of the SDK's `APIError` this file reads; a name check, so that the SDK need not be loaded here. */
interface ApiError {
  status: number | undefined;
  error: unknown;
  headers: Headers | undefined;
}

/**
 * An error of the SDK, whoever the vendor: aborted, never connected, refused with a status, or an error inside an accepted
 * stream. `byText` reads vendors whose error is a sentence instead of `{message, type, code}`.
 */
export function chatError(
  title: string,
  error: unknown,
  signal: AbortSignal,
  apiKey: string,
  byText?: (text: string, status: number) => ProviderErrorCode | undefined,
): ProviderError {
  const api = apiErrorOf(error);
  if (signal.aborted || !api) return transportError(title, error, signal);
  const fields = asRecord(api.error);
  const sentence = asText(api.error) ?? asText(fields['message']);
  const vendorCode = asText(fields['code']) ?? asText(fields['type']);
  const status = api.status ?? 0;
  const code =
    (vendorCode ? CODES[vendorCode] : undefined) ??
    (sentence ? byText?.(sentence, status) : undefined) ??
    (api.status === undefined ? 'server' : codeOfStatus(status));
  if (api.status === undefined) {
    const known = vendorCode === undefined ? {} : { vendorCode };
    return new ProviderError({ code, message: `${title} relatou um erro no meio da resposta`, ...known });
  }
  return refusalError({
    vendor: title,
    status,
    code,
    ...(api.headers ? { headers: api.headers } : {}),
    vendorCode,
    vendorMessage: sentence,
    requestId: api.headers?.get('x-request-id') ?? undefined,
    secrets: [apiKey],
  });
}

/** Connection errors of the SDK are `APIError`s too, without status and without body: those are the transport's. */
function apiErrorOf(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !('status' in error) || !('headers' in error)) return undefined;
  const { status, headers, error: body } = error as Error & { status: unknown; headers: unknown; error?: unknown };
  if (typeof status !== 'number' && body === undefined) return undefined;
  return {
    status: typeof status === 'number' ? status : undefined,
    error: body,
    headers: headers instanceof Headers ? headers : undefined,
  };
}

/** A refusal read without the SDK: the handshake of a live session. */
export function refusal(status: number, headers: Headers, body: unknown, apiKey: string): ProviderError {
  const fields = asRecord(asRecord(body)['error']);
  const vendorCode = asText(fields['code']) ?? asText(fields['type']);
  const code = vendorCode === undefined ? undefined : CODES[vendorCode];
  return refusalError({
    vendor: TITLE,
    status,
    headers,
    ...(code === undefined ? {} : { code }),
    vendorCode,
    vendorMessage: asText(fields['message']),
    requestId: headers.get('x-request-id') ?? undefined,
    secrets: [apiKey],
  });
}

/** An error inside a live session. Its sentence is not kept: it may quote what was sent. */
export function inBandError(
  error: { type?: string | null; code?: string | null },
  requestId: string | undefined,
): ProviderError {
  const vendorCode = error.code ?? error.type ?? undefined;
  const mapped = vendorCode === undefined ? undefined : CODES[vendorCode];
  return new ProviderError({
    code: mapped ?? (error.type === 'invalid_request_error' ? 'invalid_request' : 'server'),
    message: `${TITLE} relatou um erro na conexão`,
    ...(vendorCode === undefined ? {} : { vendorCode }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}

/** The vendor closed a live session that was still wanted. It documents no codes of its own: RFC 6455 §7.4 holds. */
export function closeError(code: number, requestId: string | undefined): ProviderError {
  return new ProviderError({
    code: CLOSE_CODES[code] ?? 'server',
    message: `${TITLE} encerrou a conexão (${code})`,
    vendorCode: String(code),
    ...(requestId === undefined ? {} : { requestId }),
  });
}

const CLOSE_CODES: Record<number, ProviderErrorCode> = {
  1002: 'protocol',
  1003: 'invalid_request',
  1006: 'connection',
  1007: 'invalid_request',
  1008: 'invalid_request',
  1009: 'invalid_request',
};
