import {
  asRecord,
  asText,
  type HttpRefusal,
  type ProviderError,
  type ProviderErrorCode,
  refusalError,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';

/** The vendor's codes, innermost first, where the HTTP status alone would mislead. */
const CODES: Record<string, ProviderErrorCode> = {
  InvalidSubscription: 'auth',
  Unauthorized: 'auth',
  Forbidden: 'auth',
  InvalidLocale: 'unsupported',
  UnsupportedLanguageCode: 'unsupported',
  ServiceUnavailable: 'server',
  InternalServerError: 'server',
  TooManyRequests: 'rate_limited',
};

/**
 * Transcription says `{ code, message, innerError }`, the gateway before it `{ error: { code, message } }` with the
 * status as code; synthesis says nothing but the status. Used-up volume comes as 403 or 429 and is known by its words.
 */
export function refusal(response: Response, body: unknown, apiKey: string): ProviderError {
  const { error } = asRecord(body);
  const outer = error === undefined ? asRecord(body) : asRecord(error);
  const inner = asRecord(outer['innerError'] ?? outer['innererror']);
  const codes = [asText(inner['code']), asText(outer['code'])].filter((code) => code !== undefined);
  const vendorMessage = asText(inner['message']) ?? asText(outer['message']);
  const code = readCode(response.status, codes, vendorMessage ?? '');
  const init: HttpRefusal = {
    vendor: TITLE,
    status: response.status,
    headers: response.headers,
    vendorCode: codes[0],
    vendorMessage,
    requestId: requestId(response.headers),
    secrets: [apiKey],
  };
  return refusalError(code === undefined ? init : { ...init, code });
}

/** The id the vendor's support asks for. */
export function requestId(headers: Headers): string | undefined {
  return headers.get('apim-request-id') ?? headers.get('x-requestid') ?? headers.get('x-ms-request-id') ?? undefined;
}

function readCode(status: number, codes: readonly string[], message: string): ProviderErrorCode | undefined {
  if ((status === 403 || status === 429) && /out of call volume|quota/i.test(message)) return 'quota';
  const known = codes.find((code) => Object.hasOwn(CODES, code));
  return known === undefined ? undefined : CODES[known];
}
