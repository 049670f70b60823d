import { signal } from '@preact/signals';
import { shell } from '../messages/shell.ts';

/** A refusal of the server, or none at all when it could not be reached. */
export class ApiError extends Error {
  /** HTTP status; 0: not reached. */
  readonly status: number;
  /** Stable, for programs: `BALTO_…`; `OFFLINE` when not reached. */
  readonly code: string;
  /** Which field was refused, as the API names it. */
  readonly field: string | null;
  /** To look for in the server's log. */
  readonly instance: string | null;

  constructor(status: number, problem: { code: string; message: string; field?: string; instance?: string }) {
    super(problem.message);
    this.status = status;
    this.code = problem.code;
    this.field = problem.field ?? null;
    this.instance = problem.instance ?? null;
  }
}

type Query = Record<string, string | number | boolean | null | undefined>;

export interface RequestOptions {
  query?: Query;
  /** JSON, or a form with files. */
  body?: unknown;
  /** The revision that was read: `If-Match`. */
  etag?: string | null;
  /** Repeated with the same one, a write happens once. */
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

/** Whether the last request reached the server. */
export const isOnline = signal(true);
/** Grows when the server says that the session is over. */
export const sessionEnded = signal(0);

/** `path` with its query; what is null, undefined or empty is left out. */
export function urlOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** One request. @throws ApiError, also when the server is away; the abort of `signal` as it is. */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
  const response = await reach(method, urlOf(path, options.query), options);
  if (!response.ok) throw await refusalOf(response);
  // Lines of JSON (`x-ndjson`) are a file.
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  const data = (response.status === 204 ? null : isJson ? await response.json() : await response.blob()) as T;
  return { data, etag: response.headers.get('etag') };
}

/** Reads `path`. */
export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const { data } = await request<T>('GET', path, { ...(query ? { query } : {}), signal });
  return data;
}

/** Writes, with one idempotency key for this call. */
export async function send<T>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
  const { data } = await request<T>(method, path, { ...options, body });
  return data;
}

async function reach(method: string, url: string, options: RequestOptions): Promise<Response> {
  const { body, etag, idempotencyKey, signal } = options;
  const isForm = body instanceof FormData || body instanceof Blob;
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
  if (etag) headers['if-match'] = etag;
  if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
  const init: RequestInit = { method, headers, credentials: 'same-origin', signal: signal ?? null };
  if (body !== undefined) init.body = isForm ? body : JSON.stringify(body);
  try {
    const response = await fetch(url, init);
    isOnline.value = true;
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    isOnline.value = false;
    throw new ApiError(0, { code: 'OFFLINE', message: shell('offline.error') });
  }
}

async function refusalOf(response: Response): Promise<ApiError> {
  const problem: unknown = await response.json().catch(() => null);
  const member = (name: string): string | undefined => {
    const value =
      problem !== null && typeof problem === 'object' ? (problem as Record<string, unknown>)[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const code = member('code') ?? `HTTP_${response.status}`;
  if (response.status === 401 && code === 'BALTO_ADMIN_SESSION') sessionEnded.value++;
  const message = member('detail') ?? member('error') ?? shell('error.http', { status: String(response.status) });
  const field = member('field');
  const instance = member('instance');
  return new ApiError(response.status, {
    code,
    message,
    ...(field ? { field } : {}),
    ...(instance ? { instance } : {}),
  });
}
