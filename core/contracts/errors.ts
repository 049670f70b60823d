/**
 * Errors that cross a contract. Programs read `code`; people read `message` (pt-BR where a person may see it).
 * No error ever carries a key, a transcript or audio.
 */

/** What went wrong with one attempt at a provider. */
export type ProviderErrorCode =
  | 'auth'
  | 'quota'
  | 'rate_limited'
  | 'invalid_request'
  | 'unsupported'
  | 'timeout'
  | 'connection'
  | 'server'
  | 'protocol'
  /** Truncated, malformed or refused answer: another candidate may do. */
  | 'output'
  | 'aborted'
  | 'empty';

/** Who has to change something. Only `vendor` and `network` count against a provider's health. */
export type Blame = 'vendor' | 'config' | 'caller' | 'network' | 'core';

export interface ProviderErrorInit {
  code: ProviderErrorCode;
  message: string;
  /** Default: true for `timeout`, `connection`, `server`, `rate_limited`. */
  retryable?: boolean;
  /** Default by code: see {@link defaultBlame}. */
  blame?: Blame;
  /** Milliseconds the vendor asked us to wait. */
  retryAfterMs?: number;
  /** For `rate_limited`: requests per time, or requests at once. */
  scope?: 'rate' | 'concurrency';
  /** The vendor's own code, bounded; never free text that could hold a transcript or a key. */
  vendorCode?: string;
  /** The vendor's own message, already bounded to 200 characters and free of secrets. */
  vendorMessage?: string;
  /** The vendor's request id, for a support ticket. */
  requestId?: string;
  cause?: unknown;
}

const PROVIDER_ERROR = Symbol.for('balto.ProviderError');

const RETRYABLE: ReadonlySet<ProviderErrorCode> = new Set(['timeout', 'connection', 'server', 'rate_limited']);

const BLAME: Record<ProviderErrorCode, Blame> = {
  auth: 'config',
  quota: 'config',
  rate_limited: 'vendor',
  invalid_request: 'core',
  unsupported: 'config',
  timeout: 'vendor',
  connection: 'network',
  server: 'vendor',
  protocol: 'vendor',
  output: 'vendor',
  aborted: 'caller',
  empty: 'caller',
};

/** The blame of a code when the plugin states none. */
export function defaultBlame(code: ProviderErrorCode): Blame {
  return BLAME[code];
}

/**
 * The one error a provider throws. Branded with `Symbol.for`, so that a plugin which brings its own copy of this
 * package is still recognised: test with {@link isProviderError}, never with `instanceof`.
 */
export class ProviderError extends Error {
  readonly code: ProviderErrorCode;
  readonly retryable: boolean;
  readonly blame: Blame;
  readonly retryAfterMs: number | undefined;
  readonly scope: 'rate' | 'concurrency' | undefined;
  readonly vendorCode: string | undefined;
  readonly vendorMessage: string | undefined;
  readonly requestId: string | undefined;

  constructor(init: ProviderErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'ProviderError';
    this.code = init.code;
    this.retryable = init.retryable ?? RETRYABLE.has(init.code);
    this.blame = init.blame ?? defaultBlame(init.code);
    this.retryAfterMs = init.retryAfterMs;
    this.scope = init.scope;
    this.vendorCode = init.vendorCode?.slice(0, 100);
    this.vendorMessage = init.vendorMessage?.slice(0, 200);
    this.requestId = init.requestId?.slice(0, 100);
    Object.defineProperty(this, PROVIDER_ERROR, { value: true });
  }
}

/** Whether `error` is a {@link ProviderError}, from whichever copy of this package. */
export function isProviderError(error: unknown): error is ProviderError {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[PROVIDER_ERROR] === true;
}

export interface BaltoErrorInit {
  /** `BALTO_<AREA>_<WHAT>`: stable, for programs. */
  code: string;
  /** pt-BR, for people; never an exception's text, never a secret. */
  message: string;
  /** Path of the field at fault, e.g. `vad_settings.min_energy`. */
  field?: string;
  /** HTTP status where the error reaches a REST caller. Default 400. */
  statusCode?: number;
  cause?: unknown;
}

/** An error of Balto itself: wrong configuration, bad input, a state that refuses the call. */
export class BaltoError extends Error {
  readonly code: string;
  readonly field: string | undefined;
  readonly statusCode: number;

  constructor(init: BaltoErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'BaltoError';
    this.code = init.code;
    this.field = init.field;
    this.statusCode = init.statusCode ?? 400;
  }
}
