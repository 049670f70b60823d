import {
  asRecord,
  asText,
  codeOfStatus,
  ProviderError,
  type ProviderErrorCode,
  refusalError,
  transportError,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';

/** The vendor's error types where the HTTP status alone would mislead, or where there is none: inside a stream. */
const TYPES: Record<string, ProviderErrorCode> = {
  authentication_error: 'auth',
  permission_error: 'auth',
  billing_error: 'quota',
  not_found_error: 'invalid_request',
  request_too_large: 'invalid_request',
  invalid_request_error: 'invalid_request',
  rate_limit_error: 'rate_limited',
  timeout_error: 'timeout',
  overloaded_error: 'server',
  api_error: 'server',
};

/** The fields of the SDK's `APIError` this file reads; a shape check, so that the SDK need not be loaded here. */
interface ApiError {
  status: number | undefined;
  /** `{type: 'error', error: {type, message, details?}, request_id?}` */
  body: unknown;
  headers: Headers | undefined;
}

/** An error of the SDK: aborted, never connected, refused with a status, or an error inside an accepted stream. */
export function anthropicError(error: unknown, signal: AbortSignal, apiKey: string): ProviderError {
  const api = apiErrorOf(error);
  if (signal.aborted || !api) return transportError(TITLE, error, signal);
  const fields = asRecord(asRecord(api.body)['error']);
  const type = asText(fields['type']);
  const detail = asText(asRecord(fields['details'])['error_code']);
  const sentence = asText(fields['message']);
  const requestId = api.headers?.get('request-id') ?? asText(asRecord(api.body)['request_id']);
  const status = api.status ?? 0;
  const code = spent(status, detail, sentence) ?? (type ? TYPES[type] : undefined) ?? codeOr(api.status);
  if (api.status === undefined) {
    const known = { ...(type === undefined ? {} : { vendorCode: type }), ...(requestId ? { requestId } : {}) };
    return new ProviderError({ code, message: `${TITLE} relatou um erro no meio da resposta`, ...known });
  }
  return refusalError({
    vendor: TITLE,
    status,
    code,
    ...(api.headers ? { headers: api.headers } : {}),
    vendorCode: detail ?? type,
    vendorMessage: sentence,
    requestId,
    secrets: [apiKey],
  });
}

/** Money that has run out comes as 429 with a detail, or as 400 with nothing but a sentence. */
function spent(status: number, detail: string | undefined, sentence: string | undefined): 'quota' | undefined {
  if (detail && /spend_limit_reached$|_billing_unavailable$/.test(detail)) return 'quota';
  return status === 400 && /credit balance|usage limits|spend limit/i.test(sentence ?? '') ? 'quota' : undefined;
}

function codeOr(status: number | undefined): ProviderErrorCode {
  return status === undefined ? 'server' : codeOfStatus(status);
}

/** Connection errors and aborts of the SDK are `APIError`s too, without status and without body: those are the transport's. */
function apiErrorOf(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !('status' in error) || !('headers' in error)) return undefined;
  const { status, headers, error: body } = error as Error & { status: unknown; headers: unknown; error?: unknown };
  if (typeof status !== 'number' && body === undefined) return undefined;
  return {
    status: typeof status === 'number' ? status : undefined,
    body,
    headers: headers instanceof Headers ? headers : undefined,
  };
}
