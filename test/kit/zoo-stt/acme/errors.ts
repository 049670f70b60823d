import {
  asRecord,
  asText,
  ProviderError,
  type ProviderErrorCode,
  refusalError,
} from '../../../../core/contracts/index.ts';
import { TITLE } from './config.ts';

const CODES: Record<string, ProviderErrorCode> = { bad_key: 'auth', no_credit: 'quota', too_fast: 'rate_limited' };
const CLOSE_CODES: Record<number, ProviderErrorCode> = { 1006: 'connection', 4002: 'quota' };

/** `{error: {code, message}}`. */
export function refusal(status: number, headers: Headers, body: unknown, apiKey: string): ProviderError {
  const error = asRecord(asRecord(body)['error']);
  const vendorCode = asText(error['code']);
  const code = vendorCode === undefined ? undefined : CODES[vendorCode];
  return refusalError({
    vendor: TITLE,
    status,
    headers,
    ...(code === undefined ? {} : { code }),
    vendorCode,
    vendorMessage: asText(error['message']),
    secrets: [apiKey],
  });
}

export function inBandError(message: Record<string, unknown>): ProviderError {
  const vendorCode = asText(message['code']) ?? 'unknown';
  return new ProviderError({
    code: CODES[vendorCode] ?? 'server',
    message: `${TITLE} relatou um erro na conexão`,
    vendorCode,
  });
}

export function closeError(code: number): ProviderError {
  return new ProviderError({
    code: CLOSE_CODES[code] ?? 'server',
    message: `${TITLE} encerrou a conexão (${code})`,
    vendorCode: String(code),
  });
}
