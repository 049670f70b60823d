/**
 * What is told of a failure inside a VAD or a cleaner: its code, else its name. Never its message, which a library may
 * have made of what it was given.
 */
export function causeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown';
}
