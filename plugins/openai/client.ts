import type OpenAI from 'openai';
import type { ClientOptions } from 'openai';
import { type ProviderContext, type ProviderError, readRefusal } from '../../core/contracts/index.ts';

export interface ClientGiven {
  /** Absent: no Authorization header at all (a server of one's own without a key). */
  apiKey?: string | undefined;
  /** With the version: `https://api.acme.com/v1`. */
  baseUrl: string;
  ctx: ProviderContext;
  /** A vendor's own shape of refusal as `{ error: { message, code } }`: of any other the SDK keeps no more than a sentence. */
  mend?: (refusal: unknown) => unknown;
}

/** A vendor's reading of what the SDK threw. */
export type ReadError = (error: unknown, signal: AbortSignal, apiKey: string) => ProviderError;

/** Deadlines are the runtime's: the SDK's own must never be the first to fire. */
const NO_TIMEOUT_MS = 86_400_000;

/**
 * The `openai` SDK with its retries, time-out, logging and reading of the environment switched off. Loads it (0.14 s) on
 * first use; makes no request.
 */
export async function createClient({ apiKey, baseUrl, ctx, mend }: ClientGiven): Promise<OpenAI> {
  const { default: Client } = await import('openai');
  const options: ClientOptions = {
    apiKey: apiKey ?? 'none',
    ...(apiKey === undefined ? { defaultHeaders: { authorization: null } } : {}),
    adminAPIKey: null,
    baseURL: baseUrl.replace(/\/+$/, ''),
    organization: null,
    project: null,
    // Shown the Response class, the SDK does not fetch `data:,` to find out whether forms can be sent: one call, one request.
    fetch: Object.assign((input: string | URL | Request, init?: RequestInit) => mended(ctx.fetch(input, init), mend), {
      Response,
    }),
    maxRetries: 0,
    timeout: NO_TIMEOUT_MS,
    logLevel: 'off',
  };
  return new Client(options);
}

async function mended(asked: Promise<Response>, mend: ClientGiven['mend']): Promise<Response> {
  const response = await asked;
  if (response.ok || !mend) return response;
  const refusal = await readRefusal(response);
  const { status, headers } = response;
  const kept = new Headers(headers);
  kept.delete('content-encoding');
  kept.delete('content-length');
  return new Response(refusal === undefined ? null : JSON.stringify(mend(refusal)), { status, headers: kept });
}
