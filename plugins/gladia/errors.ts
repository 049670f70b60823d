import {
  asRecord,
  asText,
  codeOfStatus,
  type HttpRefusal,
  ProviderError,
  refusalError,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';

const USED_UP = /quota|credit|usage limit|free (?:tier|plan|hours)|payment|subscription/i;

/** A refused request: `{statusCode, message, request_id, validation_errors?}`. */
export function refusal(response: Response, body: unknown, apiKey: string): ProviderError {
  const fields = asRecord(body);
  const message = asText(fields['message']);
  const { status, headers } = response;
  const init: HttpRefusal = {
    vendor: TITLE,
    status,
    headers,
    vendorCode: typeof fields['statusCode'] === 'number' ? String(fields['statusCode']) : undefined,
    vendorMessage: message,
    requestId: asText(fields['request_id']) ?? headers.get('x-aipi-call-id') ?? undefined,
    scope: message !== undefined && /concurren/i.test(message) ? 'concurrency' : 'rate',
    secrets: [apiKey],
  };
  const isQuota = (status === 402 || status === 403) && message !== undefined && USED_UP.test(message);
  return refusalError(isQuota ? { ...init, code: 'quota' } : init);
}

/** A job that ended in `error`, with an HTTP status for a reason. */
export function jobError(status: number | null | undefined, requestId: string): ProviderError {
  return new ProviderError({
    code: typeof status === 'number' && status >= 400 ? codeOfStatus(status) : 'server',
    message: `${TITLE} não transcreveu o áudio`,
    vendorCode: status ? String(status) : 'job_error',
    requestId,
  });
}
