import { isProviderError, ProviderError, type ProviderErrorCode, type ProviderErrorInit } from './errors.ts';

/** What a plugin read out of a vendor's HTTP refusal. Everything but `vendor` and `status` is optional and untrusted. */
export interface HttpRefusal {
  /** The vendor's title, for the message. */
  vendor: string;
  status: number;
  headers?: Headers;
  /** Where the vendor's own code says more than the status. */
  code?: ProviderErrorCode;
  vendorCode?: string | undefined;
  /** Dropped for `auth`: vendors quote parts of the key there. */
  vendorMessage?: string | undefined;
  requestId?: string | undefined;
  scope?: 'rate' | 'concurrency';
  /** Replaced in `vendorMessage` wherever they occur. */
  secrets?: readonly string[];
}

const LONGEST_WAIT_MS = 24 * 3_600_000;

/** The usual meaning of an HTTP status; a vendor's own code goes before it. */
export function codeOfStatus(status: number): ProviderErrorCode {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'quota';
  if (status === 429) return 'rate_limited';
  if (status === 408 || status === 504) return 'timeout';
  if (status >= 500) return 'server';
  if (status >= 400) return 'invalid_request';
  return 'protocol';
}

/** A vendor's HTTP refusal as the one typed error; `Retry-After` is read for the codes that may be tried again. */
export function refusalError(refusal: HttpRefusal): ProviderError {
  const code = refusal.code ?? codeOfStatus(refusal.status);
  const init: ProviderErrorInit = { code, message: `${refusal.vendor} recusou o pedido (HTTP ${refusal.status})` };
  const retryAfterMs = refusal.headers ? parseRetryAfter(refusal.headers) : undefined;
  if (retryAfterMs !== undefined) init.retryAfterMs = retryAfterMs;
  if (code === 'rate_limited') init.scope = refusal.scope ?? 'rate';
  if (refusal.vendorCode) init.vendorCode = refusal.vendorCode;
  if (refusal.vendorMessage && code !== 'auth')
    init.vendorMessage = withoutSecrets(refusal.vendorMessage, refusal.secrets);
  if (refusal.requestId) init.requestId = refusal.requestId;
  if (refusal.status === 404) init.blame = 'config';
  return new ProviderError(init);
}

/**
 * Milliseconds a vendor asks us to wait: `retry-after-ms`, else `retry-after` in seconds or as a date (RFC 9110 §10.2.3).
 * Undefined where absent or unreadable; never negative, never over a day.
 */
export function parseRetryAfter(headers: Headers, now: Date = new Date()): number | undefined {
  const milliseconds = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds)) return clampWait(milliseconds);
  const text = headers.get('retry-after')?.trim();
  if (!text) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return clampWait(seconds * 1000);
  const at = Date.parse(text);
  return Number.isFinite(at) ? clampWait(at - now.getTime()) : undefined;
}

/**
 * An error of `fetch`, of reading a body or of the caller's abort as a ProviderError: `aborted` when `signal` has fired,
 * `protocol` for a body that is not JSON or a redirect, else `connection`. A ProviderError passes unchanged.
 */
export function transportError(vendor: string, error: unknown, signal: AbortSignal): ProviderError {
  if (signal.aborted) {
    return new ProviderError({ code: 'aborted', message: `pedido a ${vendor} cancelado` });
  }
  const known = providerErrorWithin(error);
  if (known) return known;
  if (error instanceof SyntaxError) {
    return new ProviderError({ code: 'protocol', message: `${vendor} respondeu com JSON inválido` });
  }
  const reason = systemCode(error);
  if (reason === 'unexpected redirect') {
    return new ProviderError({ code: 'protocol', message: `${vendor} respondeu com um redirecionamento` });
  }
  const init: ProviderErrorInit = { code: 'connection', message: `sem conexão com ${vendor}` };
  if (reason) init.vendorCode = reason;
  return new ProviderError(init);
}

export interface JsonRequest {
  /** The vendor's title, for messages. */
  vendor: string;
  url: string;
  init?: RequestInit;
  signal: AbortSignal;
  /** The vendor's reading of a refusal; `body` is its JSON, or undefined where it is none. */
  refuse(response: Response, body: unknown): ProviderError;
}

/** One request, one attempt: the answer's JSON (untrusted) and headers, or a ProviderError and nothing else. */
export async function requestJson(
  fetch: typeof globalThis.fetch,
  request: JsonRequest,
): Promise<{ body: unknown; headers: Headers }> {
  const response = await requestOk(fetch, request);
  return { body: await readJson(request.vendor, response, request.signal), headers: response.headers };
}

/** One request, one attempt: the answer with its body unread, or a ProviderError. For audio: see {@link readBytes}. */
export async function requestOk(fetch: typeof globalThis.fetch, request: JsonRequest): Promise<Response> {
  const { vendor, signal } = request;
  let response: Response;
  try {
    response = await fetch(request.url, { ...request.init, signal });
  } catch (error) {
    throw transportError(vendor, error, signal);
  }
  if (response.ok) return response;
  const refusal = request.refuse(response, await readRefusal(response));
  throw signal.aborted ? transportError(vendor, refusal, signal) : refusal;
}

/**
 * Pieces of a body as they come, each a multiple of `align` bytes (2 for 16-bit samples; what is left over at the end is
 * dropped). Throws as {@link transportError}: a body that is cut is `connection`. Who stops reading frees the connection.
 */
export async function* readBytes(
  vendor: string,
  response: Response,
  signal: AbortSignal,
  align = 1,
): AsyncGenerator<Uint8Array, void, undefined> {
  let rest = new Uint8Array(0);
  try {
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      const bytes = rest.length === 0 ? piece : joined(rest, piece);
      const whole = bytes.length - (bytes.length % align);
      rest = bytes.slice(whole);
      if (whole > 0) yield bytes.subarray(0, whole);
    }
  } catch (error) {
    throw transportError(vendor, error, signal);
  }
}

/** Body of a response as untrusted JSON. Its size is bounded by `ctx.fetch`. Throws as {@link transportError}. */
export async function readJson(vendor: string, response: Response, signal: AbortSignal): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw transportError(vendor, error, signal);
  }
}

/** Body of a refusal: JSON where it is JSON, else undefined. A failing body must not hide the status. */
export async function readRefusal(response: Response): Promise<unknown> {
  try {
    return JSON.parse((await response.text()).slice(0, 65_536));
  } catch {
    return undefined; // the status alone says enough
  }
}

/** `value` as a record, or an empty one: for reading optional fields of untrusted JSON. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** `value` when it is a non-empty string. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function providerErrorWithin(error: unknown): ProviderError | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current; depth++) {
    if (isProviderError(current)) return current;
    current = (current as { cause?: unknown }).cause;
  }
  return undefined;
}

/** `ECONNRESET` and the like from anywhere in the chain of causes: safe to store, unlike messages with addresses. */
function systemCode(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current; depth++) {
    const { code, message, cause } = current as { code?: unknown; message?: unknown; cause?: unknown };
    if (message === 'unexpected redirect') return message;
    if (typeof code === 'string' && /^[A-Z0-9_]{3,40}$/.test(code)) return code;
    current = cause;
  }
  return undefined;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function clampWait(milliseconds: number): number {
  return Math.min(Math.max(Math.round(milliseconds), 0), LONGEST_WAIT_MS);
}

function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  return secrets.reduce((clean, secret) => (secret ? clean.replaceAll(secret, '***') : clean), text);
}
