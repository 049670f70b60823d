import { BaltoError } from '../contracts/index.ts';

/** Socket errors, as Node names them. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/** `pg` gives these no code. */
const LOST = /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error/i;

/** Whether the server cannot be reached or is not serving: class 08, shutting down or starting (57P0x), too many clients. */
export function isAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isAway);
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return NETWORK.has(code) || /^(08|57P0|53300)/.test(code);
  return typeof message === 'string' && LOST.test(message);
}

/** Whether the server answered and will not have us: wrong user or password, no such database, no right to connect. */
export function isRefused(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(28|3D000|42501)/.test(code);
}

/**
 * Whether an entry will never be stored, however often it is tried: the database refuses its values (data exception,
 * constraint, limit), or our own mapping cannot handle it.
 */
export function isForGood(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return /^(22|23|42804|54)/.test(code);
  return error instanceof TypeError || error instanceof RangeError;
}

/** Whether `error` is a duplicate of the unique index or constraint `name`. */
export function isDuplicate(error: unknown, name: string): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === '23505' && constraint === name;
}

export function awayError(cause?: unknown): BaltoError {
  return new BaltoError({
    code: 'BALTO_STORE_AWAY',
    message: 'O banco de dados está fora do ar; tente de novo em instantes.',
    statusCode: 503,
    cause,
  });
}

export function refusedError(cause: unknown): BaltoError {
  return new BaltoError({
    code: 'BALTO_STORE_REFUSED',
    field: 'DATABASE_URL',
    message: 'O banco de dados recusou a conexão: confira usuário, senha e nome do banco.',
    statusCode: 500,
    cause,
  });
}
