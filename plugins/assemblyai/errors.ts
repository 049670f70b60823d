import {
  asRecord,
  asText,
  type Blame,
  type HttpRefusal,
  ProviderError,
  type ProviderErrorCode,
  type ProviderErrorInit,
  refusalError,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';

const NO_MONEY = /balance|insufficient funds|top up|credit card|payment|quota/i;

/** A refused request, `{"error": "…"}`: an account without money is a 400 here. */
export function refusal(status: number, headers: Headers, body: unknown, apiKey: string): ProviderError {
  const message = asText(asRecord(body)['error']);
  const init: HttpRefusal = {
    vendor: TITLE,
    status,
    headers,
    vendorMessage: message,
    requestId: headers.get('x-request-id') ?? undefined,
    secrets: [apiKey],
  };
  const isQuota = status >= 400 && status < 500 && status !== 429 && message !== undefined && NO_MONEY.test(message);
  return refusalError(isQuota ? { ...init, code: 'quota' } : init);
}

/** A job that ended in `error`. The vendor has no codes, only sentences: those that say more than "it failed" are read. */
export function jobError(error: string | null | undefined, requestId: string): ProviderError {
  const text = error ?? '';
  const init = { message: `${TITLE} não transcreveu o áudio`, requestId };
  if (/no spoken audio/i.test(text)) return new ProviderError({ ...init, code: 'empty', vendorCode: 'no_speech' });
  if (/too short/i.test(text)) {
    return new ProviderError({ ...init, code: 'invalid_request', vendorCode: 'audio_too_short' });
  }
  if (/not (?:appear to )?contain audio|file type/i.test(text)) {
    return new ProviderError({ ...init, code: 'invalid_request', vendorCode: 'not_audio' });
  }
  return new ProviderError({ ...init, code: 'server', vendorCode: 'job_error' });
}

interface Meaning {
  code: ProviderErrorCode;
  blame?: Blame;
  retryable?: boolean;
  scope?: 'concurrency';
}

/** Codes of a stream's `Error` message and close frame (vendor's page "Common session errors", and those of its SDK). */
const MEANINGS: Record<number, Meaning> = {
  1002: { code: 'protocol' },
  1003: { code: 'invalid_request' },
  1006: { code: 'connection' },
  1007: { code: 'invalid_request' },
  1009: { code: 'invalid_request' },
  3005: { code: 'server' },
  3006: { code: 'invalid_request' },
  3007: { code: 'invalid_request' },
  // The session's longest life: ours to renew in time, and another connection does.
  3008: { code: 'connection', blame: 'core' },
  3009: { code: 'rate_limited', scope: 'concurrency' },
  4001: { code: 'auth' },
  4002: { code: 'quota' },
  4003: { code: 'quota' },
  4008: { code: 'connection', blame: 'core' },
  4029: { code: 'invalid_request' },
  4031: { code: 'timeout' },
  4101: { code: 'invalid_request' },
  4102: { code: 'rate_limited', scope: 'concurrency' },
};

/** 1008 stands for three things; only the sentence beside it tells them apart. */
function policyViolation(reason: string): Meaning {
  if (/concurrent|too many/i.test(reason)) return { code: 'rate_limited', scope: 'concurrency' };
  return { code: NO_MONEY.test(reason) ? 'quota' : 'auth' };
}

/** A live stream the vendor ended: by an `Error` message or by a close frame, which carry the same codes. */
export function streamError(code: number | undefined, reason: string, requestId: string | undefined): ProviderError {
  const meaning = code === 1008 ? policyViolation(reason) : (MEANINGS[code ?? 0] ?? { code: 'server' as const });
  const init: ProviderErrorInit = {
    ...meaning,
    message: `${TITLE} encerrou a conexão${code === undefined ? '' : ` (${code})`}`,
  };
  if (code !== undefined) init.vendorCode = String(code);
  if (requestId !== undefined) init.requestId = requestId;
  return new ProviderError(init);
}
